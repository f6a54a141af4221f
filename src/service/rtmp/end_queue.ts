/**
 * Ends sessions in a turn of its own: whoever finds that one has to go may be in the middle of
 * handing media to another.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";

/** What is to be ended. */
export interface Endable {
  /** Ends it; must not throw. */
  finish(): void;
}

/** What is left to be ended. At the most one entry for each session. */
export class EndQueue {
  readonly #clock: Clock;
  readonly #ends = new Set<Endable>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends it in the next turn, once, however often it is asked to. */
  readonly add = (end: Endable): void => {
    if (this.#ends.size === 0) this.#clock.after(0, this.#run);
    this.#ends.add(end);
  };

  readonly #run = (): void => {
    const ends = [...this.#ends];
    // What is added meanwhile has its own turn.
    this.#ends.clear();
    for (const end of ends) end.finish();
  };
}
