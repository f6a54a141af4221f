/**
 * A clock that stands still until a test moves it. What is due at once happens in a turn of its own,
 * as it does on a real clock.
 *
 * @module
 */
import type { Clock, Timer } from "../../src/ports.ts";

interface Pending {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock for tests: starts at 0, and at `epoch` in wall time (ms since 1970). */
export class FakeClock implements Clock {
  readonly #epoch: number;
  readonly #pending = new Set<Pending>();
  #now = 0;

  constructor(epoch = Date.UTC(2024, 0, 1)) {
    this.#epoch = epoch;
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  after(ms: number, callback: () => void): Timer {
    const timer = { due: this.#now + Math.max(0, ms), callback };
    this.#pending.add(timer);
    if (timer.due === this.#now) {
      queueMicrotask(() => {
        if (this.#pending.delete(timer)) timer.callback();
      });
    }
    return { cancel: () => void this.#pending.delete(timer) };
  }

  /** The process is stopped for `ms`: time goes on and no timer fires. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Moves time on by `ms` and fires, in order, what falls due, timers set meanwhile included. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: Pending | undefined;
      for (const timer of this.#pending) {
        if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer;
      }
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
    }
    this.#now = end;
  }
}
