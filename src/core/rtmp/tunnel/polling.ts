/**
 * How often a client of RTMPT is told to ask: the first byte of each answer.
 *
 * @module
 */

/** From at once to about twice a second. */
const INTERVALS = [0x01, 0x03, 0x05, 0x09, 0x11, 0x21] as const;
/** Answers without anything to say, until the client is told to ask less often. */
const EMPTY_ANSWERS = 10;

/** The byte of one session. */
export class Polling {
  #step = 0;
  #empty = 0;

  /** The first byte of an answer with, or without, anything to say behind it. */
  next(hasBytes: boolean): number {
    if (hasBytes) this.#step = this.#empty = 0;
    else if (++this.#empty > EMPTY_ANSWERS && this.#step < INTERVALS.length - 1) {
      this.#step++;
      this.#empty = 1;
    }
    return INTERVALS[this.#step]!;
  }
}
