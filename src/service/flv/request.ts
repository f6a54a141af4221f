/**
 * What a request for a stream as FLV asks for.
 *
 * @module
 */
import { parseQuery, parseStreamPath, type StreamPath } from "../../core/rtmp/stream_name.ts";
import { isApiPath } from "../api_paths.ts";

/** A request for a stream. */
export interface FlvRequest {
  /** `undefined` when the path names no stream that could be. */
  readonly path: StreamPath | undefined;
  readonly query: URLSearchParams;
}

/** Reads a request; `undefined` when its path does not end in `.flv`, or is one of the control API. */
export function readFlvRequest(request: Request): FlvRequest | undefined {
  const { pathname, search } = new URL(request.url);
  if (!pathname.endsWith(".flv") || isApiPath(pathname)) return undefined;
  const slash = pathname.lastIndexOf("/");
  const name = pathname.slice(slash + 1, -".flv".length);
  return {
    path: name === ""
      ? undefined
      : parseStreamPath(pathname.slice(1, Math.max(slash, 1)), name, ""),
    query: parseQuery(search),
  };
}
