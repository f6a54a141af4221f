/**
 * Asks an endpoint, and lets nobody in whom it did not let in: not when it is down, slow or answers what means
 * nothing. Those who are asked about at once are bounded, and so are those who wait for their turn.
 *
 * @module
 */
import { Breaker } from "./breaker.ts";
import type { WebhookClock } from "./clock.ts";
import type { PostAnswer } from "./post.ts";

/** Requests on their way at once. */
export const MAX_ASKED = 64;
/** Clients that wait for their turn; over that they are refused at once. */
export const MAX_WAITING = 500;
/** How long an endpoint that fails is left alone at first (ms), at most, and for how long in the end. */
const FIRST_OPEN_MS = 500;
const MOST_OPEN_MS = 5_000;

/** Too many wait. */
export class Busy extends Error {
  override readonly name = "Busy";
}

/** What a decider is made with. */
export interface DeciderOptions {
  readonly clock: WebhookClock;
  readonly random: () => number;
  /** How long an answer may take, with the time that it waits for its turn (ms). */
  readonly timeoutMs: number;
  /** The bounds, for tests. */
  readonly maxAsked?: number;
  readonly maxWaiting?: number;
}

/** Asks one endpoint. */
export class Decider {
  readonly #options: DeciderOptions;
  readonly #breaker: Breaker;
  readonly #waiting: (() => void)[] = [];
  #asked = 0;

  /** `options`: see there. */
  constructor(options: DeciderOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#breaker = new Breaker({
      clock,
      random,
      firstMs: FIRST_OPEN_MS,
      mostMs: MOST_OPEN_MS,
    });
  }

  /** How many are asked about, or wait for that. */
  get size(): number {
    return this.#asked + this.#waiting.length;
  }

  /**
   * The answer of the endpoint. Rejects when there is none.
   *
   * @throws {Busy} when too many wait
   */
  async ask(send: (timeoutMs: number) => Promise<PostAnswer>): Promise<PostAnswer> {
    const { clock, timeoutMs, maxAsked = MAX_ASKED, maxWaiting = MAX_WAITING } = this.#options;
    const until = clock.now() + timeoutMs;
    if (this.#asked < maxAsked) this.#asked++;
    // Whoever is done hands its place on.
    else if (this.#waiting.length >= maxWaiting) throw new Busy("too many clients wait");
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const left = until - clock.now();
      if (left < 1) throw new Error("no answer in time");
      if (!this.#breaker.enter()) throw new Error("the endpoint failed, and is left alone");
      return await this.#send(send, left);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#asked--;
      else next();
    }
  }

  async #send(
    send: (timeoutMs: number) => Promise<PostAnswer>,
    timeoutMs: number,
  ): Promise<PostAnswer> {
    try {
      const answer = await send(Math.ceil(timeoutMs));
      if (answer.status >= 500) this.#breaker.failed();
      else this.#breaker.succeeded();
      return answer;
    } catch (error) {
      this.#breaker.failed();
      throw error;
    }
  }
}
