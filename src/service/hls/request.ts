/**
 * What a request of HLS asks for, by its path.
 *
 * @module
 */
import { parseStreamPath, type StreamPath } from "../../core/rtmp/stream_name.ts";
import { isApiPath } from "../api_paths.ts";

/** A request for a stream: a session begins with it. */
export interface StreamRequest {
  readonly kind: "stream";
  /** `undefined` when the path names no stream that could be. */
  readonly path: StreamPath | undefined;
}

/** A request for a playlist, a part, a segment of a stream that is watched. */
export interface FileRequest {
  readonly kind: "file";
  /** The path up to the name, with the slash at its end. */
  readonly folder: string;
  /** What stands for the viewer in it; `undefined` where viewers are not told apart. */
  readonly key: string | undefined;
  readonly name: string;
}

/** The playlist that every stream has, and the name that others give it. */
const INDEX = /^(.*)\/index\.m3u8$/;

/** Names that playlists list: never a path, and nothing hidden. */
const FILE = /^(?:main|audio\d{1,3})(?:\.m3u8|-[0-9a-z]{1,16}-[a-z]\d{1,15}\.(?:m4s|mp4|ts))$/;

/** What stands for a viewer: no name of a stream begins so. */
const KEY = /\/~([A-Za-z0-9_-]{22})\/$/;

/** Whether a file is one of a packaged stream. */
export function isHlsFile(name: string): boolean {
  return name === "index.m3u8" || FILE.test(name);
}

/** Reads the path of a request; `undefined` when it is for something else. */
export function readHlsPath(pathname: string): StreamRequest | FileRequest | undefined {
  if (isApiPath(pathname)) return undefined;
  const stream = INDEX.exec(pathname);
  if (stream !== null) {
    const whole = stream[1]!;
    const slash = whole.lastIndexOf("/");
    const base = whole.slice(slash + 1);
    const path = base === "" || base.startsWith("~")
      ? undefined
      : parseStreamPath(whole.slice(1, Math.max(slash, 1)), base, "");
    return { kind: "stream", path };
  }
  const slash = pathname.lastIndexOf("/") + 1;
  const name = pathname.slice(slash);
  if (!FILE.test(name)) return undefined;
  const folder = pathname.slice(0, slash);
  return { kind: "file", folder, key: KEY.exec(folder)?.[1], name };
}
