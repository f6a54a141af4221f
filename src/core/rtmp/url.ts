/**
 * URLs of RTMP streams: `rtmp://[user:password@]host[:port]/app[/instance][/name][?query]`.
 *
 * @module
 */
import { UsageError } from "../errors.ts";

/** Schemes that can be read. */
export type RtmpScheme = "rtmp" | "rtmps";

/** The port that each has when the URL names none. */
const DEFAULT_PORTS: Readonly<Record<RtmpScheme, number>> = { rtmp: 1935, rtmps: 443 };

/** Schemes of the RTMP family that are known by name only. */
const OTHER_SCHEMES = /^(?:rtmpe|rtmpt|rtmpte|rtmpts|rtmfp)$/;

/** Most characters of a URL: room for names that are signed tokens. */
export const MAX_URL_LENGTH = 8192;

/** Longest name of a host [RFC 1035 §2.3.4]. */
const MAX_HOST_LENGTH = 253;

const PARTS =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?]*)@)?(\[[^\]/?@]*\]|[^:/?@[\]]*)(?::([^/?]*))?((?:[/?][^]*)?)$/i;

/** A URL taken apart. What it does not have is `""`. */
export interface RtmpUrl {
  /** What is spoken. */
  readonly scheme: RtmpScheme;
  /** Name or IP address of the host; an IPv6 address without its brackets. */
  readonly hostname: string;
  /** 1..65535. */
  readonly port: number;
  /** As written, without percent-decoding: servers compare it so. Not part of `tcUrl`. */
  readonly user: string;
  /** As written, like {@link user}. */
  readonly password: string;
  /** `app` for the connect command: all of the path before its last part, else the only part. */
  readonly app: string;
  /** Name for publish or play, with the query. */
  readonly name: string;
  /** `tcUrl` for the connect command, with the port and without credentials. */
  readonly tcUrl: string;
}

/**
 * Takes the URL of a stream apart as FFmpeg does: the last part of the path is the name of the
 * stream, what is before it the application, and an application alone keeps the query. Path and
 * query stay as they are written.
 *
 * @throws {UsageError} for anything else. It does not repeat the URL, which may hold a secret.
 */
export function parseRtmpUrl(text: string): RtmpUrl {
  if (text.length > MAX_URL_LENGTH) {
    fail(`of ${text.length} characters, expected at most ${MAX_URL_LENGTH}`);
  }
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) fail("with control characters");
  const [, scheme = "", credentials, host = "", port, rest = ""] = PARTS.exec(text) ?? [];
  if (scheme === "") fail("of another form, expected rtmp://host[:port]/app/name");
  const known = schemeOf(scheme.toLowerCase());
  const hostname = hostOf(host);
  const { path, query } = pathOf(rest);
  const number = port === undefined ? DEFAULT_PORTS[known] : portOf(port);
  const last = path.lastIndexOf("/");
  const alone = last === -1;
  const app = alone ? path + query : path.slice(0, last);
  const authority = `${host.toLowerCase()}:${number}`;
  const colon = credentials?.indexOf(":") ?? -1;
  return {
    scheme: known,
    hostname,
    port: number,
    user: credentials === undefined ? "" : colon < 0 ? credentials : credentials.slice(0, colon),
    password: colon < 0 ? "" : credentials!.slice(colon + 1),
    app,
    name: alone ? "" : path.slice(last + 1) + query,
    tcUrl: `${known}://${authority}/${app}`,
  };
}

function fail(why: string): never {
  throw new UsageError(`Cannot use a URL ${why}`);
}

function schemeOf(scheme: string): RtmpUrl["scheme"] {
  if (scheme === "rtmp" || scheme === "rtmps") return scheme;
  if (OTHER_SCHEMES.test(scheme)) fail(`of ${scheme}, which is not supported: expected rtmp://`);
  fail("of another protocol, expected rtmp://");
}

function hostOf(host: string): string {
  if (host === "") fail("without a host, expected rtmp://host[:port]/app/name");
  if (host.startsWith("[")) {
    const address = host.slice(1, -1);
    if (!/^[0-9a-f:.]*:[0-9a-f:.]*(?:%[\w.-]+)?$/i.test(address)) {
      fail("whose brackets hold no IPv6 address");
    }
    return address.toLowerCase();
  }
  if (host.length > MAX_HOST_LENGTH || /[\s\\"'<>^`{|}%]/.test(host)) {
    fail("whose host is no name of one");
  }
  return host.toLowerCase();
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) fail("whose port is not within 1..65535");
  return port;
}

/** The path without slashes at its ends, and the query with its `?`. */
function pathOf(rest: string): { path: string; query: string } {
  const mark = rest.indexOf("?");
  const path = (mark < 0 ? rest : rest.slice(0, mark)).replace(/^\/+|\/+$/g, "");
  if (path === "") fail("without an application, expected rtmp://host[:port]/app/name");
  return { path: path.replace(/\/{2,}/g, "/"), query: mark < 0 ? "" : rest.slice(mark) };
}
