/**
 * What a request for a file asks for: which one, and which part of it.
 *
 * @module
 */
import { isStreamName, parseStreamPath, type StreamPath } from "../../core/rtmp/stream_name.ts";
import { mediaPathParts } from "../../recordings/path.ts";

/** What files are, by what they are called. Others are not given. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["flv", "video/x-flv"],
  ["mp4", "video/mp4"],
  ["m4v", "video/mp4"],
  ["f4v", "video/mp4"],
  ["m4a", "audio/mp4"],
  ["mov", "video/quicktime"],
]);

/** Paths of files. What is below the control API's own paths is not one. */
const PATH = /^\/(?!(?:streams|sessions|plugins|recordings|health)\/)(.+)\/recordings\/([^/]+)$/;

/** One range of bytes [RFC 9110 §14.1.2]. Several at once, and what is no range, are as if not asked for. */
const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** Where a file may be. */
export interface FileRequest {
  /** Of the stream; `undefined` when the path names none that could be. */
  readonly path: StreamPath | undefined;
  /** The name of the file. */
  readonly file: string;
}

/** Reads a path; `undefined` when it is none of a file. */
export function readFilePath(pathname: string): FileRequest | undefined {
  const [, stream, raw] = PATH.exec(pathname) ?? [];
  if (stream === undefined) return undefined;
  const slash = stream.lastIndexOf("/");
  const path = parseStreamPath(stream.slice(0, Math.max(slash, 0)), stream.slice(slash + 1), "");
  let file = "";
  try {
    file = decodeURIComponent(raw!);
  } catch {
    // Then it is no name.
  }
  return { path, file };
}

/**
 * The paths in the folder of media that a file of a stream may have: in the folder of its recordings, or
 * beside that, called as the stream. None for what cannot be, or is no media.
 */
export function placesOf({ app, name }: StreamPath, file: string): string[] {
  if (typeOf(file) === undefined || !isStreamName(name)) return [];
  const stream = app === "" ? name : `${app}/${name}`;
  const places = [`${stream}/${file}`];
  const dot = file.lastIndexOf(".");
  if (file.slice(0, dot) === name) places.push(`${stream}${file.slice(dot)}`);
  return places.filter((place) => mediaPathParts(place) !== undefined);
}

/** The content type of a file by its name; `undefined` when it is no media. */
export function typeOf(file: string): string | undefined {
  return TYPES.get(file.slice(file.lastIndexOf(".") + 1));
}

/**
 * Which bytes are asked for.
 *
 * @returns first and behind the last; `none` when the range is behind the end
 */
export function rangeOf(range: string | null, size: number): [number, number] | "all" | "none" {
  const [, first = "", last = ""] = RANGE.exec(range ?? "") ?? [];
  if (first === "" && last === "") return "all";
  if (first === "") {
    const length = Math.min(size, Number(last));
    return length === 0 ? "none" : [size - length, size];
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return "all";
  if (from >= size) return "none";
  return [from, last === "" ? size : Math.min(size, Number(last) + 1)];
}

/** Whether a list of entity tags names this one [RFC 9110 §13.1.2]. */
export function namesTag(list: string | null, tag: string): boolean {
  return list !== null &&
    (list.trim() === "*" || list.split(",").some((one) => one.trim().replace(/^W\//, "") === tag));
}
