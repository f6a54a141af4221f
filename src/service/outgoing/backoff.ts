/**
 * How long to wait before the next attempt: twice as long at the most with each that failed, and some time
 * by chance within that, so that many who lost the same server do not come back at once (full jitter).
 *
 * @module
 */

/** Shortest wait (ms): chance must not make it none. */
const LEAST_MS = 100;

/** The waits of one target. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;

  /**
   * @param firstMs most that is waited behind the first failure
   * @param mostMs most that is waited behind any
   * @param random a number from 0 to below 1
   */
  constructor(firstMs: number, mostMs: number, random: () => number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** Attempts that failed since the last one that lasted. */
  get failures(): number {
    return this.#failures;
  }

  /** An attempt failed. @returns how long to wait (ms) */
  next(): number {
    const most = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#failures);
    this.#failures++;
    return Math.max(LEAST_MS, Math.round(most * this.#random()));
  }

  /** An attempt lasted: the next failure is the first one. */
  reset(): void {
    this.#failures = 0;
  }
}
