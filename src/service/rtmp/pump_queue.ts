/**
 * Writes what was queued for many clients at once, some clients at a time: a write takes the kernel
 * longer than all else that a receiver costs.
 *
 * @module
 */
import type { Clock, Timer } from "../../ports.ts";

/** So many clients are written to at once, and so many more a millisecond; others wait for a turn. */
const AT_ONCE = 64;
const AT_ONCE_PER_MS = 2;

/** Longest turn of writes (ms), and the clients behind which the clock is looked at. */
const TURN_MS = 2;
const BETWEEN_LOOKS = 16;

/** The way out of a client. */
export interface Pumped {
  /** Whether so much is queued that it must not become more. */
  readonly crowded: boolean;
  /** Writes what is queued. Throws nothing. */
  pump(): void;
}

/** The clients that are still to be written to. */
export class PumpQueue {
  readonly #clock: Clock;
  readonly #queue = new Set<Pumped>();
  #timer: Timer | undefined;
  #left = AT_ONCE;
  #since = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Clients that wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Writes what is queued for a client, now or soon. */
  add(writer: Pumped): void {
    const now = this.#clock.now();
    this.#left = Math.min(AT_ONCE, this.#left + (now - this.#since) * AT_ONCE_PER_MS);
    this.#since = now;
    if (writer.crowded) return writer.pump();
    if (this.#left >= 1 && this.#queue.size === 0) {
      this.#left--;
      return writer.pump();
    }
    this.#queue.add(writer);
    this.#timer ??= this.#clock.after(1, this.#drain);
  }

  /** It is not written to any more. */
  remove(writer: Pumped): void {
    this.#queue.delete(writer);
    if (this.#queue.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #drain = (): void => {
    this.#timer = undefined;
    const start = this.#clock.now();
    let count = 0;
    for (const writer of this.#queue) {
      this.#queue.delete(writer);
      writer.pump();
      if (++count % BETWEEN_LOOKS === 0 && this.#clock.now() - start >= TURN_MS) break;
      if (count === 4 * AT_ONCE) break;
    }
    if (this.#queue.size > 0) this.#timer ??= this.#clock.after(1, this.#drain);
  };
}
