/**
 * Which paths are those of the control API and of plugins. All else may be a stream, whose names are free.
 *
 * @module
 */

/** First parts of paths below which all is theirs. */
const FOLDERS: ReadonlySet<string> = new Set(["plugins", "recordings", "sessions", "streams"]);
/** Paths with nothing below them: an application may be called so. */
const FILES: ReadonlySet<string> = new Set([
  "/api/v1",
  "/events",
  "/health",
  "/metrics",
  "/openapi.json",
  "/stat",
]);
/** What everything of the API begins with that has a version. */
const VERSIONED = "/api/v1/";

/** Whether the control API or a plugin answers at this path. */
export function isApiPath(pathname: string): boolean {
  if (FILES.has(pathname) || pathname.startsWith(VERSIONED)) return true;
  const end = pathname.indexOf("/", 1);
  return FOLDERS.has(pathname.slice(1, end < 0 ? pathname.length : end));
}
