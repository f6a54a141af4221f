/**
 * Where a client wants to publish or play: what clients put into `app`, the stream name and
 * `tcUrl`, brought to one canonical application, name and query.
 *
 * Clients split one URL in different places: `rtmp://h/a/b` arrives as app `a` and name `b`, or as
 * app `a/b` and no name, and a query may hang on either. So both are joined to one path, empty
 * parts are dropped (doubled and trailing slashes) and the path is split again in one place.
 *
 * @module
 */

/** A canonical application and stream name. */
export interface StreamPath {
  /** Everything before the last path segment; `""` only when the client named no application. */
  readonly app: string;
  /** The last path segment; `""` when the client named an application only. */
  readonly name: string;
}

/** Most segments of a path. */
export const MAX_PATH_SEGMENTS = 4;
/** Most characters of one segment. */
export const MAX_SEGMENT_LENGTH = 128;
/** Most characters of a query that are looked at. */
export const MAX_QUERY_LENGTH = 4096;
/** Most parameters of a query that are looked at. */
export const MAX_QUERY_PARAMETERS = 64;

/**
 * The one grammar of a path segment: it starts with a letter, a digit or `_`, so that it can never
 * be `.`, `..`, an option or a hidden file, and holds nothing that a path, a URL or a shell reads
 * in a special way.
 */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.~@+=-]*$/;

/** Container prefixes of play names: `mp4:clip` is the stream `clip` when it is live. */
const CONTAINER_PREFIX = /^(?:mp4|flv|mp3|raw|id3|f4v):/i;

/** The instance name that Flash Media Server adds when a client names none. */
const DEFAULT_INSTANCE = "_definst_";

/** Splits `text` at its first `?`. */
function splitQuery(text: string): [path: string, query: string] {
  const mark = text.indexOf("?");
  return mark < 0 ? [text, ""] : [text.slice(0, mark), text.slice(mark + 1)];
}

/** The path part of an RTMP URL, without its leading slash; `""` when there is none. */
function pathOfUrl(url: string): string {
  const match = /^[a-z]+:\/\/[^/?]*\/?([^?]*)/i.exec(url);
  return match?.[1] ?? "";
}

function decodeOnce(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Path segments of app and name, or `undefined` when one of them breaks the grammar. */
function segmentsOf(path: string): string[] | undefined {
  const segments: string[] = [];
  for (const raw of path.split("/", 64)) {
    if (raw === "" || raw === DEFAULT_INSTANCE) continue;
    const segment = decodeOnce(raw);
    if (segment === undefined || segment.length > MAX_SEGMENT_LENGTH || !SEGMENT.test(segment)) {
      return undefined;
    }
    if (segments.push(segment) > MAX_PATH_SEGMENTS) return undefined;
  }
  return segments;
}

/**
 * The application a client connects to.
 *
 * @param app the `app` of the connect command object, when it was a string
 * @param tcUrl its `tcUrl`; its path serves when `app` is missing
 * @returns the canonical application, or `undefined` when it breaks the grammar
 */
export function parseApp(app: string | undefined, tcUrl: string): string | undefined {
  return segmentsOf(splitQuery(app ?? pathOfUrl(tcUrl))[0])?.join("/");
}

/**
 * The stream that a publish or play command names.
 *
 * @param app the `app` of the connect command object, when it was a string
 * @param name the name of the publish or play command
 * @param tcUrl the `tcUrl` of the connect command object
 * @returns the canonical path, or `undefined` when it is empty or breaks the grammar
 */
export function parseStreamPath(
  app: string | undefined,
  name: string,
  tcUrl: string,
): StreamPath | undefined {
  const appPath = splitQuery(app ?? pathOfUrl(tcUrl))[0];
  const namePath = splitQuery(name)[0].replace(CONTAINER_PREFIX, "");
  const segments = segmentsOf(`${appPath}/${namePath}`);
  if (segments === undefined || segments.length === 0) return undefined;
  // One segment alone is an application when the client sent it as one, else a name.
  if (segments.length === 1) {
    return namePath.replaceAll("/", "") === ""
      ? { app: segments[0]!, name: "" }
      : { app: "", name: segments[0]! };
  }
  return { app: segments.slice(0, -1).join("/"), name: segments.at(-1)! };
}

/**
 * A stream name a plugin chose, held to the same grammar.
 *
 * @returns `false` when it is not one segment of the grammar
 */
export function isStreamName(name: unknown): name is string {
  return typeof name === "string" && name.length <= MAX_SEGMENT_LENGTH && SEGMENT.test(name);
}

/** The parameters in `text`, in order, the first of each key. */
function parametersOf(text: string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  const query = splitQuery(text ?? "")[1].slice(0, MAX_QUERY_LENGTH);
  if (query === "") return found;
  for (const [key, value] of new URLSearchParams(query.replaceAll("+", "%2B"))) {
    if (found.size === MAX_QUERY_PARAMETERS) break;
    if (!found.has(key)) found.set(key, value);
  }
  return found;
}

/**
 * The parameters of a connection, those of the app and then of tcUrl, to which those of a publish or
 * play are added: read once, however often the client asks.
 */
export class ConnectQuery {
  readonly #own: ReadonlyMap<string, string>;

  constructor(...texts: (string | undefined)[]) {
    this.#own = merged(texts.map(parametersOf));
  }

  /**
   * The parameters of `name`, then those of the connection; the first of a key wins, and those behind
   * the {@link MAX_QUERY_PARAMETERS}th key are left out. A `+` stays a `+`, because clients do not
   * form-encode secrets. It is the caller's own.
   */
  with(name = ""): URLSearchParams {
    const { size } = this.#own;
    if (!name.includes("?")) return size === 0 ? new URLSearchParams() : listed(this.#own);
    const parameters = parametersOf(name);
    return listed(size === 0 ? parameters : merged([parameters, this.#own]));
  }
}

function listed(parameters: ReadonlyMap<string, string>): URLSearchParams {
  return new URLSearchParams([...parameters]);
}

/** The first of each key, {@link MAX_QUERY_PARAMETERS} at the most. */
function merged(lists: readonly ReadonlyMap<string, string>[]): Map<string, string> {
  const all = new Map<string, string>();
  for (const list of lists) {
    for (const [key, value] of list) {
      if (all.size === MAX_QUERY_PARAMETERS) return all;
      if (!all.has(key)) all.set(key, value);
    }
  }
  return all;
}

/** The parameters of several texts, as {@link ConnectQuery.with} has them. */
export function parseQuery(...texts: (string | undefined)[]): URLSearchParams {
  return new ConnectQuery(...texts).with();
}
