/**
 * How long packets take to be answered, and when they are given up [RFC 7016 §3.5.2.2].
 *
 * @module
 */

/** Time until the first packets are given up (ms). */
const INITIAL_TIMEOUT_MS = 1000;
/** Shortest and longest time until packets are given up (ms). */
const MIN_TIMEOUT_MS = 250;
const MAX_TIMEOUT_MS = 10_000;
/** How long a peer may keep an acknowledgement to itself (ms). */
const DELAYED_ACK_MS = 200;
/** What each time that nothing came makes of the time until the next. */
const BACKOFF = 1.4142;

/** The round trip of one session, in ms. */
export class RoundTrip {
  /** Smoothed; `undefined` before the first answer. */
  smoothed: number | undefined;
  /** After so long packets are given up. */
  timeout = INITIAL_TIMEOUT_MS;
  #variation = 0;

  /** A packet was answered after `ms`. */
  sample(ms: number): void {
    if (this.smoothed === undefined) {
      this.smoothed = ms;
      this.#variation = ms / 2;
    } else {
      this.#variation = (3 * this.#variation + Math.abs(this.smoothed - ms)) / 4;
      this.smoothed = (7 * this.smoothed + ms) / 8;
    }
    const timeout = this.smoothed + 4 * this.#variation + DELAYED_ACK_MS;
    this.timeout = Math.min(Math.max(timeout, MIN_TIMEOUT_MS), MAX_TIMEOUT_MS);
  }

  /** Packets were given up. */
  backOff(): void {
    this.timeout = Math.min(this.timeout * BACKOFF, MAX_TIMEOUT_MS);
  }

  /** Another way leads to the peer: nothing is known of it. */
  forget(): void {
    this.smoothed = undefined;
    this.timeout = INITIAL_TIMEOUT_MS;
  }
}
