/**
 * Why a viewer gets nothing, as an answer in the form of the control API.
 *
 * @module
 */
import { HttpBytes } from "../../ports.ts";
import { httpRefusal } from "../http_refusal.ts";
import { NOT_PUBLIC } from "../refusals.ts";

const REASONS = {
  "refused": [403, "You may not play this stream."],
  "login": [401, "A user and a password are required"],
  "bad-name": [400, NOT_PUBLIC],
  "bad-request": [400, "No server can answer this: _HLS_part needs _HLS_msn, both small numbers."],
  "too-far": [400, "This is too far ahead of what there is."],
  "not-found": [404, "Nobody publishes this stream."],
  "no-file": [404, "There is no such file, or not any more."],
  "no-session": [404, "There is no such session, or not any more: begin at index.m3u8."],
  "unplayable": [415, "Nothing in this stream can be played by HLS."],
  "crowded": [503, "The server has as many viewers as it may have."],
  "late": [503, "It has not come in time. Ask again."],
  "stopping": [503, "The server stops."],
} as const;

/** Why. */
export type HlsRefusal = keyof typeof REASONS;

/** Seconds until what is on its way may be there. */
const LATE_RETRY = 1;

const TEXT = new TextEncoder();

/** The answer; `reason` says it in the words of a plugin. */
export function refusal(
  why: HlsRefusal,
  headers: Readonly<Record<string, string>> = {},
  reason?: string,
): HttpBytes {
  const [status, message] = REASONS[why];
  const retry = why === "late" ? LATE_RETRY : undefined;
  const { text, headers: head } = httpRefusal(why, status, reason ?? message, headers, retry);
  const body = TEXT.encode(text);
  return new HttpBytes(status, head, [body], body.length);
}
