/**
 * Which streams a rule or a permission is about, as operators write it.
 *
 * @module
 */

/** Whether a pattern is about a path: `<app>/<name>`, or with `*` at its end all paths that begin so. */
export function coversPath(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

/**
 * The paths of what somebody wants to play or publish, for rules that forbid: that which is asked for, and of a
 * recording that of its file too. `vip/film.mp4` is played as `vip/film`, and is also among the recordings of a
 * stream `vip` that has no application: a rule about `vip/*` has to see both.
 */
export function pathsOf(asked: { app: string; name?: string; file?: string }): string[] {
  const { app, name = "", file } = asked;
  const path = `${app}/${name}`;
  return file === undefined ? [path] : [path, file.replace(/\.[^./]*$/, "")];
}
