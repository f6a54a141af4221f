/**
 * Wakes those who play recordings when it is time for their next media: one timer for all of them.
 *
 * @module
 */
import type { Clock, Timer } from "../../ports.ts";

/** Who is woken in one turn is due within so long (ms). */
const TICK_MS = 10;

/** Somebody who waits. */
export interface Paced {
  /** Its time has come. */
  wake(): void;
  /** Waking it failed, by a fault of ours. Throws nothing. */
  fault(error: unknown): void;
}

/** Those who wait, by when they are due. */
export class PaceWheel {
  readonly #clock: Clock;
  /** By the turn in which they are woken. */
  readonly #turns = new Map<number, Set<Paced>>();
  readonly #waiting = new Map<Paced, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Wakes `who` in `ms`, or a little later, and no more when it was to be otherwise. */
  wait(who: Paced, ms: number): void {
    this.cancel(who);
    const turn = Math.ceil((this.#clock.now() + Math.max(1, ms)) / TICK_MS);
    this.#waiting.set(who, turn);
    const together = this.#turns.get(turn);
    if (together === undefined) this.#turns.set(turn, new Set([who]));
    else together.add(who);
    this.#timer ??= this.#clock.after(TICK_MS, this.#turn);
  }

  /** Does not wake it. */
  cancel(who: Paced): void {
    const turn = this.#waiting.get(who);
    if (turn === undefined) return;
    this.#waiting.delete(who);
    this.#turns.get(turn)?.delete(who);
    if (this.#waiting.size > 0) return;
    this.#turns.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #turn = (): void => {
    this.#timer = undefined;
    const now = Math.floor(this.#clock.now() / TICK_MS);
    for (const [turn, together] of this.#turns) {
      if (turn > now) continue;
      this.#turns.delete(turn);
      for (const who of together) {
        // Whoever was woken before it may have put it off.
        if (this.#waiting.get(who) !== turn) continue;
        this.#waiting.delete(who);
        try {
          who.wake();
        } catch (error) {
          who.fault(error);
        }
      }
    }
    if (this.#waiting.size > 0) this.#timer ??= this.#clock.after(TICK_MS, this.#turn);
  };
}
