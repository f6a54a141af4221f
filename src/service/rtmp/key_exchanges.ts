/**
 * How many clients get RTMPE in a second: each costs about a millisecond of two powers of 1024 bits, for a
 * hello of 1537 bytes. A flood of such hellos takes a tenth of the time, and nothing from plain RTMP.
 *
 * @module
 */

/** Handshakes with encryption in a second. */
const PER_SECOND = 100;
/** Of these, how many may come at once. */
const AT_ONCE = 100;

/** Counts handshakes with encryption. */
export class KeyExchanges {
  #left = AT_ONCE;
  #at = 0;

  /** Whether one more may take place, which counts as one. `now` in ms. */
  take(now: number): boolean {
    const gained = (now - this.#at) * PER_SECOND / 1000;
    this.#left = Math.min(AT_ONCE, this.#left + gained);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
