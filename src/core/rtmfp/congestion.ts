/**
 * How much may be on its way at once [RFC 7016 §3.5.2, appendix A]. What is time critical gives way
 * less, and what is not gives way to what is, of this peer's or of another's.
 *
 * @module
 */

/** Bytes that count as one packet. */
export const SEGMENT_LENGTH = 1160;

/** What may be on its way at the beginning, and at least. */
const INITIAL_WINDOW: number = 3 * SEGMENT_LENGTH;
/** The same after nothing was answered for long. */
const TIMED_OUT_WINDOW: number = 2 * SEGMENT_LENGTH;
/** Most bytes on their way: what a peer keeps in order is counted for it. */
const MAX_WINDOW: number = 1024 * SEGMENT_LENGTH;
/** Bytes that the window grows by, for each step of bytes that were answered. */
const FAST_STEP = 48;
const SLOW_STEP = 24;

/** The window of one session, in bytes. */
export class Congestion {
  window = INITIAL_WINDOW;
  #threshold = Infinity;
  #answered = 0;

  /**
   * Bytes were answered, and none were lost. It grows if it was used up: `inFlight` bytes were on their
   * way. `yielding`: somebody else's time critical media has the right of way.
   */
  answered(bytes: number, inFlight: number, timeCritical: boolean, yielding: boolean): void {
    if (inFlight < this.window - SEGMENT_LENGTH) return;
    let increase = 0;
    if (this.window < this.#threshold && !yielding) increase = bytes;
    else {
      // A window has two packets at least, so that a sixteenth of it is never too little.
      const step = Math.min(this.window / 16, 4800);
      this.#answered += bytes;
      while (this.#answered >= step) {
        this.#answered -= step;
        increase += yielding && !timeCritical ? SLOW_STEP : FAST_STEP;
      }
    }
    this.window = Math.min(this.window + Math.min(increase, SEGMENT_LENGTH), MAX_WINDOW);
  }

  /** Bytes were lost, of `inFlight` on their way; once for each round trip. */
  lost(inFlight: number, timeCritical: boolean, yielding: boolean): void {
    const part = timeCritical ? 7 / 8 : yielding ? 1 / 2 : 3 / 4;
    this.#threshold = Math.max(Math.min(inFlight, this.window) * part, INITIAL_WINDOW);
    this.window = this.#threshold;
    this.#answered = 0;
  }

  /** Nothing was answered in time. */
  timedOut(): void {
    this.#threshold = Math.max(this.window * 3 / 4, INITIAL_WINDOW);
    this.window = TIMED_OUT_WINDOW;
    this.#answered = 0;
  }

  /** Another way leads to the peer: nothing is known of it. */
  forget(): void {
    this.window = INITIAL_WINDOW;
    this.#threshold = Infinity;
    this.#answered = 0;
  }
}
