/**
 * A circuit breaker: an endpoint that failed several times in a row is left alone for a while, and then
 * asked by one request at a time until it answers.
 *
 * @module
 */
import type { WebhookClock } from "./clock.ts";

/** Failures in a row that open it. */
const FAILURES = 5;
/** How long it is open at least (ms): chance must not make it none. */
const LEAST_MS = 100;

/** How long is waited: any time up to a bound that doubles, so that many do not come back at once. */
export function fullJitter(
  failures: number,
  firstMs: number,
  mostMs: number,
  random: () => number,
): number {
  return random() * Math.min(mostMs, firstMs * 2 ** Math.min(failures, 30));
}

/** What a breaker is made with. */
export interface BreakerOptions {
  readonly clock: WebhookClock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Bound of how long it is open for the first time (ms), which doubles up to `mostMs`. */
  readonly firstMs: number;
  /** See `firstMs`. */
  readonly mostMs: number;
}

/** The state of one endpoint. */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  /** Times that it was opened since it was closed. */
  #opened = 0;
  #openUntil: number | undefined;
  #probing = false;

  /** It is closed. */
  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Whether the endpoint is left alone, or asked whether it is back. */
  get open(): boolean {
    return this.#openUntil !== undefined;
  }

  /** How long until it can be asked again (ms); `undefined` while somebody asks. */
  get waitMs(): number | undefined {
    if (this.#probing) return undefined;
    return Math.max(0, (this.#openUntil ?? 0) - this.#options.clock.now());
  }

  /** Whether a request may be made now. Who is told so has to say what came of it. */
  enter(): boolean {
    if (this.#openUntil === undefined) return true;
    if (this.#probing || this.#options.clock.now() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  /** The endpoint answered. */
  succeeded(): void {
    this.#failures = this.#opened = 0;
    this.#openUntil = undefined;
    this.#probing = false;
  }

  /** It did not. */
  failed(): void {
    this.#failures++;
    // Those that were on their way when it was opened tell nothing new.
    if (this.open ? !this.#probing : this.#failures < FAILURES) return;
    const { clock, random, firstMs, mostMs } = this.#options;
    const ms = Math.max(LEAST_MS, fullJitter(this.#opened++, firstMs, mostMs, random));
    this.#openUntil = clock.now() + ms;
    this.#probing = false;
  }

  /** The request was given up by us, which tells nothing of the endpoint. */
  gaveUp(): void {
    this.#probing = false;
  }
}
