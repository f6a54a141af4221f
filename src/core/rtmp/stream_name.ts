/**
 * Where a client wants to publish or play: what clients put into `app`, the stream name and
 * `tcUrl`, brought to one canonical application, name and query.
 *
 * Clients split one URL in different places: `rtmp://h/a/b` arrives as app `a` and name `b`, or as
 * app `a/b` and no name; `rtmp://h/b` as app `b`, or as no app and name `b`; and a query may hang on
 * either. So both are joined to one path, empty parts are dropped (doubled and trailing slashes) and
 * the path is split again in one place. What names a container (`mp4:b.mp4`, `b.flv`) is taken off,
 * because clients add it to names that they play, or leave it out: one live stream, however it is named.
 *
 * There are two grammars. What a client sends may be a secret key, which a plugin puts a public name
 * in the place of: nearly any text that can be printed. What becomes public keeps to the narrow one.
 *
 * @module
 */

/** A canonical application and stream name. */
export interface StreamPath {
  /** Everything before the last path segment; `""` when there is nothing before it. */
  readonly app: string;
  /** The last path segment. */
  readonly name: string;
}

/** Most segments of a path. */
export const MAX_PATH_SEGMENTS = 4;
/** Most characters of one segment that is public. */
export const MAX_SEGMENT_LENGTH = 128;
/** Most characters of one segment that a client may send: some put signed tokens there. */
export const MAX_SENT_SEGMENT_LENGTH = 1024;
/** Most characters of a query that are looked at. */
export const MAX_QUERY_LENGTH = 4096;
/** Most parameters of a query that are looked at. */
export const MAX_QUERY_PARAMETERS = 64;

/**
 * The grammar of a public path segment: it can never be `.`, `..` or a hidden file, and holds nothing
 * that a path, a URL or a shell reads in a special way.
 */
const SEGMENT = /^[A-Za-z0-9_+-][A-Za-z0-9_.~@+=-]*$/;

/** That grammar, as people are told. */
export const NAME_RULE =
  `1 to ${MAX_SEGMENT_LENGTH} letters (A-Z, a-z), digits and - _ + . ~ @ =, ` +
  "the first none of . ~ @ =";

/** What no segment may hold: what parts paths, and what cannot be printed. */
const UNSAFE = /[/\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\ufffd]/u;

/** What names a container in front of a name, and behind it. */
const CONTAINER_PREFIX = /^(?:mp4|flv|mp3|raw|id3|f4v):(?=.)/i;
const CONTAINER_SUFFIX = /(?<=.)\.(?:flv|f4v|mp4|mp3)$/i;

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

/** Whether a plugin can be given this segment: it is bounded, and means nothing in a path. */
function isHarmless(segment: string): boolean {
  return segment.length <= MAX_SENT_SEGMENT_LENGTH && segment !== "." && segment !== ".." &&
    !UNSAFE.test(segment);
}

/**
 * A segment without its percent-encoding; as it was sent where that is none, or hides what no segment
 * may hold. `undefined` when it is not harmless either way.
 */
function readSegment(raw: string): string | undefined {
  if (raw.length > 3 * MAX_SENT_SEGMENT_LENGTH) return undefined;
  if (raw.includes("%")) {
    try {
      const decoded = decodeURIComponent(raw);
      if (isHarmless(decoded)) return decoded;
    } catch {
      // Then it is no encoding.
    }
  }
  return isHarmless(raw) ? raw : undefined;
}

/** Path segments of app and name, or `undefined` when one of them is not harmless. */
function segmentsOf(path: string): string[] | undefined {
  const segments: string[] = [];
  for (const raw of path.split("/", 64)) {
    if (raw === "" || raw === DEFAULT_INSTANCE) continue;
    const segment = readSegment(raw);
    if (segment === undefined || segments.push(segment) > MAX_PATH_SEGMENTS) return undefined;
  }
  return segments;
}

/**
 * The application a client connects to. It may be a whole path, whose last segment is a name.
 *
 * @param app the `app` of the connect command object, when it was a string
 * @param tcUrl its `tcUrl`; its path serves when `app` is missing
 * @returns the canonical application, or `undefined` when it may not be sent
 */
export function parseApp(app: string | undefined, tcUrl: string): string | undefined {
  return segmentsOf(splitQuery(app ?? pathOfUrl(tcUrl))[0])?.join("/");
}

/**
 * The stream that a publish or play command names.
 *
 * @param app the `app` of the connect command object, when it was a string
 * @param name the name of the publish or play command
 * @param tcUrl the `tcUrl` of the connect command object; its path serves when the others are empty
 * @returns the canonical path, or `undefined` when it is empty or may not be sent
 */
export function parseStreamPath(
  app: string | undefined,
  name: string,
  tcUrl: string,
): StreamPath | undefined {
  const appPath = splitQuery(app ?? pathOfUrl(tcUrl))[0];
  const namePath = splitQuery(name)[0].replace(CONTAINER_PREFIX, "");
  let segments = segmentsOf(`${appPath}/${namePath}`);
  if (segments?.length === 0) segments = segmentsOf(pathOfUrl(tcUrl));
  const last = segments?.pop();
  if (last === undefined) return undefined;
  const bare = withoutContainer(last);
  // What is left of it may be what it hid: `...flv`, `mp4:..`.
  return isHarmless(bare) ? { app: segments!.join("/"), name: bare } : undefined;
}

/** A name without what names a container. */
export function withoutContainer(name: string): string {
  return name.replace(CONTAINER_PREFIX, "").replace(CONTAINER_SUFFIX, "");
}

/** The container that a name asks for, as it was said; `undefined` when it names none. */
export function containerOf(said: string): "flv" | "mp4" | undefined {
  const [path] = splitQuery(said);
  const name = CONTAINER_PREFIX.exec(path)?.[0] ?? CONTAINER_SUFFIX.exec(path)?.[0] ?? "";
  if (/flv/i.test(name)) return "flv";
  return /mp4|f4v/i.test(name) ? "mp4" : undefined;
}

/**
 * Whether a name may be public, such as one that a plugin chose.
 *
 * @returns `false` when it is not one segment of the narrow grammar
 */
export function isStreamName(name: unknown): name is string {
  return typeof name === "string" && name.length <= MAX_SEGMENT_LENGTH && SEGMENT.test(name);
}

/** Whether a stream may be public under this path: all of it keeps to the narrow grammar. */
export function isPublicPath({ app, name }: StreamPath): boolean {
  return isStreamName(name) && (app === "" || app.split("/").every(isStreamName));
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

/** What connections without parameters share. */
const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

/**
 * The parameters of a connection, those of the app and then of tcUrl, to which those of a publish or
 * play are added: read once, however often the client asks.
 */
export class ConnectQuery {
  readonly #own: ReadonlyMap<string, string>;

  constructor(...texts: (string | undefined)[]) {
    const own = merged(texts.map(parametersOf));
    this.#own = own.size === 0 ? NO_PARAMETERS : own;
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
