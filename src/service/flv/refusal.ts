/**
 * Why a player behind HTTP gets no stream, as an answer in the form of the control API.
 *
 * @module
 */

/** The reasons. */
const REFUSALS = {
  "not-found": [404, "Nobody publishes this stream."],
  "refused": [403, "You may not play this stream."],
  "bad-name": [400, "This is no name of a stream."],
  "too-many-streams": [503, "The server has as many streams as it may have."],
  "too-many-waits": [503, "Too many players wait for streams that nobody publishes."],
  "no-memory": [503, "The server has no memory left for another stream."],
  "too-many-choices": [503, "Players of this stream have chosen too many different tracks."],
  "taken": [503, "The stream cannot be played."],
  "crowded": [503, "The server has as many players as it may have."],
  "stopping": [503, "The server stops."],
} as const;

/** Why. */
export type FlvRefusal = keyof typeof REFUSALS;

/** The answer; `reason` says it in the words of a plugin. */
export function refusal(
  why: FlvRefusal,
  headers: Readonly<Record<string, string>> = {},
  reason?: string,
): Response {
  const [status, message] = REFUSALS[why];
  return Response.json({ error: { code: why, message: reason ?? message } }, {
    status,
    headers: { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", ...headers },
  });
}
