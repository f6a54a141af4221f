/**
 * Chance that can be repeated.
 *
 * @module
 */
import { random } from "../support/feed.ts";

/** Draws numbers; the same seed draws the same ones. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  /** A whole number in 0..`count` - 1. */
  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  /** A whole number in `least`..`most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** Whether something of probability `p` happens. */
  chance(p: number): boolean {
    return this.#next() < p;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): number[] {
    return Array.from({ length }, () => this.below(256));
  }

  /** A number at, or beside, one where the meaning of a field of `bits` bits changes. */
  edge(bits: number): number {
    const power = 2 ** this.below(bits + 1);
    return Math.min(2 ** bits - 1, Math.max(0, power + this.between(-1, 1)));
  }
}
