/**
 * The time line of a recording: it begins at nothing, and goes on without holes and without steps back,
 * whatever the time of its publishers does.
 *
 * @module
 */

/** Furthest that time may step back without having leapt (ms): tracks are interleaved loosely. */
const MAX_STEP_BACK = 1_000;

/** How much faster than the clock on the wall the media's time may go without having leapt (ms). */
const MAX_LEAD = 10_000;

/** What a leap is closed to (ms): a picture of 25 a second. */
const CLOSED_GAP = 40;

/** Gives each message its time in the recording. */
export class RecordingClock {
  /** The latest time so far, in the recording; it is what a file lasts. */
  end: number;
  /** The time of the last message in the recording; it may be before its beginning. */
  #time: number | undefined;
  /** The same as the message had it, modulo 2^32, and when it came. */
  #timestamp = 0;
  #now = 0;
  #isBroken = false;

  /** @param start where the recording goes on: 0 in a new file */
  constructor(start = 0) {
    this.end = start;
  }

  /** What follows has a time line of its own, as that of another publisher has. */
  break(): void {
    this.#isBroken = this.#time !== undefined;
  }

  /**
   * The time in the recording of a message (ms); never negative.
   *
   * @param timestamp milliseconds, modulo 2^32
   * @param now when it came (ms)
   */
  of(timestamp: number, now: number): number {
    const step = (timestamp - this.#timestamp) | 0;
    const most = Math.max(0, now - this.#now) + MAX_LEAD;
    const leaps = this.#isBroken || step < -MAX_STEP_BACK || step > most;
    if (this.#time === undefined) this.#time = this.end;
    else this.#time = leaps ? this.end + CLOSED_GAP : this.#time + step;
    this.#isBroken = false;
    this.#timestamp = timestamp;
    this.#now = now;
    this.end = Math.max(this.end, this.#time);
    return Math.max(0, this.#time);
  }
}
