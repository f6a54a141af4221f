/**
 * The time of a stream, without wraps and leaps, for all its tracks together.
 *
 * @module
 */

/** Furthest step of a track behind its last time that is no leap (ms). */
export const MAX_STEP_BACK_MS = 1000;

/** Furthest that a track may be before or behind the newest time of all without having leapt (ms). */
export const MAX_APART_MS = 10_000;

/**
 * Turns timestamps, which are milliseconds modulo 2^32, into milliseconds since the beginning. Where
 * they leap, time goes on as if they had not, for all tracks alike.
 */
export class MediaClock {
  /** How often the time leapt. */
  leaps = 0;
  /** How far it leapt the last time (ms): what was lost, negative where it went back. */
  leapMs = 0;
  #begun = false;
  #newest: number;
  /** Added to timestamps. */
  #offset = 0;
  /** The one before the last leap, for tracks that have not leapt yet. */
  #previous = 0;

  /** @param startMs time of the first timestamp */
  constructor(startMs: number) {
    this.#newest = startMs;
  }

  /** Newest time that was given (ms). */
  get newest(): number {
    return this.#newest;
  }

  /** What was added to the last timestamps (ms): less the time here, it gives what the publisher said. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * The time of a timestamp (ms).
   *
   * @param last time of the track's frame before it, if there is one
   * @param frameMs how long that frame is taken to last behind a leap
   */
  place(timestamp: number, last: number | undefined, frameMs: number): number {
    if (!this.#begun) {
      this.#begun = true;
      this.#offset = this.#previous = this.#newest - timestamp;
      return this.#newest;
    }
    let time = this.#at(timestamp, this.#offset);
    if (!this.#follows(time, last)) {
      const before = this.#at(timestamp, this.#previous);
      if (this.#follows(before, last)) return before;
      const due = Math.max(this.#newest, last === undefined ? 0 : last + frameMs);
      this.leaps++;
      this.leapMs = time - due;
      this.#previous = this.#offset;
      this.#offset = due - timestamp;
      time = due;
    }
    if (time > this.#newest) this.#newest = time;
    return time;
  }

  /** The time nearest to the newest that the timestamp can stand for. */
  #at(timestamp: number, offset: number): number {
    return this.#newest + ((timestamp + offset - this.#newest) | 0);
  }

  #follows(time: number, last: number | undefined): boolean {
    return Math.abs(time - this.#newest) <= MAX_APART_MS &&
      (last === undefined || time - last >= -MAX_STEP_BACK_MS);
  }
}
