/**
 * Why a client gets no file, as an answer in the form of the control API.
 *
 * @module
 */
import { httpRefusal } from "../http_refusal.ts";
import { NOT_PUBLIC } from "../refusals.ts";

const REASONS = {
  "refused": [403, "You may not play this recording."],
  "login": [401, "A user and a password are required"],
  "bad-name": [400, NOT_PUBLIC],
  "not-found": [404, "There is no such file."],
  "unreadable": [500, "The file cannot be read."],
  "crowded": [503, "The server has as many players as it may have."],
  "stopping": [503, "The server stops."],
} as const;

/** Why. */
export type FileRefusal = keyof typeof REASONS;

/** The answer; `reason` says it in the words of a plugin. */
export function refusal(
  why: FileRefusal,
  headers: Readonly<Record<string, string>>,
  reason?: string,
): Response {
  const [status, message] = REASONS[why];
  const { text, ...init } = httpRefusal(why, status, reason ?? message, headers);
  return new Response(text, init);
}
