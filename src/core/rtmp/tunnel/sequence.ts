/**
 * The order of the requests of one session of RTMPT, which may come over several connections, late, and
 * more than once.
 *
 * @module
 */

/**
 * Where a request stands: it is `due`, its answer was sent once and is asked for `again`, others are to
 * come `early` ahead of it, or it is `lost`: answered long ago, or too far ahead.
 */
export type Place = "due" | "again" | "early" | "lost";

/**
 * Requests that may come ahead of the one that is due: librtmp sends the next ones without waiting for
 * answers, as while a plugin thinks, and short bodies are there before a long one.
 */
export const MAX_EARLY_REQUESTS = 1024;

/** Counts the requests of one session. */
export class Sequence {
  #next: number | undefined;

  /** The number that is due; `undefined` before the first. */
  get due(): number | undefined {
    return this.#next;
  }

  /** Where the request with this number stands. The first one says where counting begins: 0, or 1. */
  place(number: number): Place {
    if (this.#next === undefined) return number <= 1 ? "due" : "early";
    const ahead = number - this.#next;
    if (ahead < -1 || ahead > MAX_EARLY_REQUESTS) return "lost";
    if (ahead === 0) return "due";
    return ahead === -1 ? "again" : "early";
  }

  /** The request with this number, which was due, is dealt with. */
  pass(number: number): void {
    this.#next = number + 1;
  }
}
