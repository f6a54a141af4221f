/**
 * Rates over the last seconds, from counters that the hot path only increments.
 *
 * @module
 */

/** Turns a rising counter into a smoothed rate per second. */
export class RateMeter {
  #last = 0;
  #lastAt: number;
  #rate = 0;
  #seeded = false;

  constructor(now: number) {
    this.#lastAt = now;
  }

  /** Units per second. */
  get perSecond(): number {
    return this.#rate;
  }

  /** Takes the counter's value; call it about once a second. */
  sample(total: number, now: number): void {
    const ms = now - this.#lastAt;
    if (ms < 500) return;
    const rate = (total - this.#last) * 1000 / ms;
    // Half-life of about three seconds: steady enough to read, quick enough to follow.
    const weight = this.#seeded ? 1 - 0.5 ** (ms / 3000) : 1;
    this.#rate += (rate - this.#rate) * weight;
    this.#seeded = true;
    this.#last = total;
    this.#lastAt = now;
  }
}
