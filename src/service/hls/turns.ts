/**
 * Answers to many that wait, given in turns: several hundred wait for the same part, and to write to all of
 * them at once would keep the media of all others waiting.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";

/** Longest that answers are given before everything else has its turn (ms). */
const TURN_MS = 3;

/** Most answers of one turn: a clock may be coarse. */
export const TURN_ANSWERS = 100;

/** Those that are to be told the same; who leaves meanwhile is taken out of the set. */
interface Batch {
  readonly waiting: Set<unknown>;
  readonly tell: (request: never) => void;
}

/** Gives answers in the order in which they became due. */
export class Turns {
  readonly #clock: Clock;
  #batches: Batch[] = [];
  #resting = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells all of `waiting`, and takes them out of it: at once, as many as there is time for. */
  tell<T>(waiting: Set<T>, tell: (request: T) => void): void {
    this.#batches.push({ waiting, tell });
    if (!this.#resting) this.#turn();
  }

  #turn(): void {
    this.#resting = true;
    const end = this.#clock.now() + TURN_MS;
    let answers = 0;
    let through = false;
    try {
      // What becomes due meanwhile comes in behind: a list that grows is gone through to its end.
      for (const { waiting, tell } of this.#batches) {
        for (const request of waiting) {
          if (answers++ >= TURN_ANSWERS || this.#clock.now() >= end) return;
          waiting.delete(request);
          tell(request as never);
        }
      }
      through = true;
    } finally {
      this.#batches = this.#batches.filter(({ waiting }) => waiting.size > 0);
      if (through) this.#resting = false;
      else this.#clock.after(0, () => this.#turn());
    }
  }
}
