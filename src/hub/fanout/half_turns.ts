/**
 * Which half of the players of a stream is sent a picture at once, and which with a later one. A write
 * that carries two pictures costs hardly more than one that carries one. If all players waited for the
 * second picture, the last of them would be written to late: the wait and the time of all writes add
 * up. In halves, each of which waits while the other is written to, there are half as many.
 *
 * @module
 */
import type { Half } from "./halves.ts";

/** How much of a new distance between pictures goes into the one that is expected. */
const GAP_WEIGHT = 1 / 8;
/** Pictures that wait for each other at the most: those of a burst are no rhythm to go by. */
const MAX_PER_WRITE = 8;
/** Behind a pause as long as this (ms) nothing is known of how far apart pictures are. */
const PAUSE_MS = 1000;

/** The turns of the two halves of a stream's players. */
export class HalfTurns {
  /** When the last picture came, and how far apart they are (ms). */
  #pictureAt = -Infinity;
  #gap = Infinity;
  /** Pictures since the turn of the first half. */
  #turn = 0;
  /** Since when the oldest picture waits for each half. */
  readonly #heldSince: [number, number] = [Infinity, Infinity];

  /** A picture came, or several at once. */
  picture(now: number): void {
    const gap = now - this.#pictureAt;
    this.#pictureAt = now;
    if (!(gap < PAUSE_MS)) this.#gap = Infinity;
    else this.#gap = this.#gap === Infinity ? gap : this.#gap + (gap - this.#gap) * GAP_WEIGHT;
  }

  /** Whether pictures come, and so soon that one may wait `holdMs` for the next. */
  areShort(now: number, holdMs: number): boolean {
    return holdMs > 0 && this.#gap <= holdMs && now - this.#pictureAt <= holdMs;
  }

  /** Since when the oldest picture waits that a half has not been sent; `Infinity`: none does. */
  get heldSince(): number {
    return Math.min(...this.#heldSince);
  }

  /** The half to send the picture that just came, with what was held back for it; maybe none. */
  next(now: number, holdMs: number): Half | undefined {
    // As many as come while the first of them may wait.
    const perWrite = Math.min(MAX_PER_WRITE, 1 + Math.floor(holdMs / this.#gap));
    const turn = this.#turn % perWrite;
    this.#turn = turn + 1;
    for (const half of [0, 1] as const) {
      if (this.#heldSince[half] === Infinity) this.#heldSince[half] = now;
    }
    const half = turn === 0 ? 0 : turn === perWrite >> 1 ? 1 : undefined;
    if (half !== undefined) this.#heldSince[half] = Infinity;
    return half;
  }

  /** Everything went out to both. */
  flushed(): void {
    this.#heldSince[0] = this.#heldSince[1] = Infinity;
  }
}
