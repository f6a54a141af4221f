/**
 * What a request for a file asks for: which one, and which part of it.
 *
 * @module
 */
import { isStreamName, parseStreamPath, type StreamPath } from "../../core/rtmp/stream_name.ts";
import { mediaPathParts } from "../../recordings/path.ts";
import { isApiPath } from "../api_paths.ts";

/** What files are, by what they are called. Others are not given. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["flv", "video/x-flv"],
  ["mp4", "video/mp4"],
  ["m4v", "video/mp4"],
  ["f4v", "video/mp4"],
  ["m4a", "audio/mp4"],
  ["mov", "video/quicktime"],
]);

/** Paths of files. */
const PATH = /^\/(.+)\/recordings\/([^/]+)$/;

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
  if (stream === undefined || isApiPath(pathname)) return undefined;
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

/** Whether a list of entity tags names this one [RFC 9110 §13.1.2]. */
export function namesTag(list: string | null, tag: string): boolean {
  return list !== null &&
    (list.trim() === "*" || list.split(",").some((one) => one.trim().replace(/^W\//, "") === tag));
}
