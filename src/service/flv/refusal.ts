/**
 * Why a player behind HTTP gets no stream, as an answer in the form of the control API.
 *
 * @module
 */
import type { HubRefusal } from "../../hub/mod.ts";
import { httpRefusal } from "../http_refusal.ts";
import { NOT_PUBLIC, REFUSALS } from "../refusals.ts";

/** Reasons that are none of the hub's. */
const OWN = {
  "refused": [403, "You may not play this stream."],
  "login": [401, "A user and a password are required"],
  "bad-name": [400, NOT_PUBLIC],
  "crowded": [503, "The server has as many players as it may have."],
  "stopping": [503, "The server stops."],
} as const;

/** Why. */
export type FlvRefusal = keyof typeof OWN | HubRefusal;

function answerOf(why: FlvRefusal): readonly [status: number, message: string] {
  if (why in OWN) return OWN[why as keyof typeof OWN];
  return [why === "not-found" ? 404 : 503, REFUSALS[why as HubRefusal]];
}

/** Seconds until a player that came before its stream asks again. */
const EARLY_RETRY = 1;

/** The answer; `reason` says it in the words of a plugin. */
export function refusal(
  why: FlvRefusal,
  headers: Readonly<Record<string, string>> = {},
  reason?: string,
): Response {
  const [status, message] = answerOf(why);
  const retry = status === 404 ? EARLY_RETRY : undefined;
  const { text, ...init } = httpRefusal(why, status, reason ?? message, headers, retry);
  return new Response(text, init);
}
