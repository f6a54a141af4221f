/**
 * Refusals of services behind HTTP, in the form of the control API.
 *
 * @module
 */
import type { AnswerHeaders } from "./media_origins.ts";

/** Seconds until it is worth asking again where there is no room. */
const CROWDED_RETRY = 5;

/** How players, and browsers that ask for it, send a user and a password [RFC 7617]. */
const LOGIN = 'Basic realm="Sluice", charset="UTF-8"';

/** A refusal, before it is made for the way that it is sent by. */
export interface HttpRefusal {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: string;
}

/**
 * Refuses. `code` is for programs, and `message` for people; `headers` go with whatever is answered.
 * `retrySeconds`: from when on it is worth asking again, which is said of 503 in any case.
 */
export function httpRefusal(
  code: string,
  status: number,
  message: string,
  headers: AnswerHeaders = {},
  retrySeconds: number | undefined = status === 503 ? CROWDED_RETRY : undefined,
): HttpRefusal {
  return {
    status,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...(status === 401 && { "WWW-Authenticate": LOGIN }),
      ...(retrySeconds !== undefined && { "Retry-After": `${retrySeconds}` }),
      ...headers,
    },
    text: JSON.stringify({ error: { code, message } }),
  };
}
