/**
 * Why a connection to another server came to nothing, for people: without what is secret in its URL.
 *
 * @module
 */
import { ProtocolError } from "../../core/errors.ts";
import type { RtmpUrl } from "../../core/rtmp/url.ts";
import { DialError } from "../../ports.ts";
import { Mentions, shownText } from "../../text.ts";
import { ForbiddenAddressError } from "./dial_checked.ts";

/** What kind of failure it is: stable names, for programs. */
export type FailureKind =
  | "address"
  | "dial"
  | "tls"
  | "timeout"
  | "refused"
  | "authentication"
  | "loop"
  | "redirect"
  | "protocol"
  | "closed"
  | "ended"
  | "stalled"
  | "internal";

/** A failure. */
export interface Failure {
  readonly kind: FailureKind;
  /** For people. */
  readonly message: string;
}

/** Those that are an answer, and not for want of one. */
export const REFUSED_KINDS: ReadonlySet<FailureKind> = new Set([
  "refused",
  "ended",
  "authentication",
  "loop",
]);

/** What goes wrong with TLS alone. */
const TLS_PROBLEMS: ReadonlySet<string> = new Set(["untrusted", "no-tls", "hung-up"]);

/** Those of servers that have whoever asks wait for nothing. */
export const SILENT_KINDS: ReadonlySet<FailureKind> = new Set(["timeout", "stalled"]);

/** Hides what is secret in a URL wherever a message repeats it. */
export function secretsOf({ name, user, password, app }: RtmpUrl): Mentions {
  const said = [name, user, password];
  for (const part of [name, app]) {
    const mark = part.indexOf("?");
    if (mark < 0) continue;
    said.push(part.slice(0, mark) === app ? "" : part.slice(mark + 1));
    for (const pair of new URLSearchParams(part.slice(mark + 1))) said.push(pair[1]);
  }
  return new Mentions(said);
}

/** A URL for people: where to, and neither the name of the stream nor who we are. */
export function shownUrl({ scheme, hostname, port, app, name }: RtmpUrl): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const [path, query] = app.split("?");
  const shown = query === undefined ? path : `${path}?***`;
  return shownText(`${scheme}://${host}:${port}/${shown}${name === "" ? "" : "/***"}`);
}

/** What a fault of connecting or of the protocol is. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ForbiddenAddressError) return { kind: "address", message: error.message };
  if (error instanceof DialError) {
    const kind = TLS_PROBLEMS.has(error.reason)
      ? "tls"
      : error.reason === "timeout"
      ? "timeout"
      : "dial";
    const { code } = (error.cause ?? {}) as { code?: unknown };
    const isTold = (kind === "tls" || error.reason === "other") && typeof code === "string";
    const cause = isTold ? ` (${code})` : "";
    const cure = error.reason === "untrusted"
      ? "; relay.caFile trusts an authority of your own"
      : "";
    return { kind, message: error.message + cause + cure };
  }
  if (error instanceof ProtocolError) return { kind: "protocol", message: error.message };
  return { kind: "internal", message: "A fault of this server: see its log" };
}
