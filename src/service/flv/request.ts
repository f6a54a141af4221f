/**
 * What a request for a stream as FLV asks for, and which web pages may send one.
 *
 * @module
 */
import { parseQuery, parseStreamPath, type StreamPath } from "../../core/rtmp/stream_name.ts";
import { isLoopbackHost } from "../address.ts";

/** A request for a stream. */
export interface FlvRequest {
  /** `undefined` when the path names no stream that could be. */
  readonly path: StreamPath | undefined;
  readonly query: URLSearchParams;
}

/** Paths of the control API and of plugins, which may end in anything. */
const OTHERS = /^\/(?:streams|sessions|plugins)\//;

/** Reads a request; `undefined` when its path does not end in `.flv`, or is one of the control API. */
export function readFlvRequest(request: Request): FlvRequest | undefined {
  const { pathname, search } = new URL(request.url);
  if (!pathname.endsWith(".flv") || OTHERS.test(pathname)) return undefined;
  const slash = pathname.lastIndexOf("/");
  const name = pathname.slice(slash + 1, -".flv".length);
  return {
    path: name === ""
      ? undefined
      : parseStreamPath(pathname.slice(1, Math.max(slash, 1)), name, ""),
    query: parseQuery(search),
  };
}

/**
 * The headers that let a web page read the answer; `undefined` when it may not even ask.
 *
 * @param open whether everybody may ask, because others than this machine are served or a plugin
 *   decides: no cookie gives a page more than it knows. Else pages of other sites are kept out: one may
 *   have pointed a name of its own here, or ask in the browser of somebody on this machine.
 */
export function crossOrigin(
  request: Request,
  open: boolean,
): Readonly<Record<string, string>> | undefined {
  const more = { "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS", "Vary": "Origin" };
  if (open) return { "Access-Control-Allow-Origin": "*", ...more };
  const { hostname } = new URL(request.url);
  if (!isLoopbackHost(hostname)) return undefined;
  const origin = request.headers.get("Origin");
  if (origin === null) return { Vary: "Origin" };
  if (!URL.canParse(origin) || !isLoopbackHost(new URL(origin).hostname)) return undefined;
  return { "Access-Control-Allow-Origin": origin, ...more };
}
