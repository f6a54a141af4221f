/**
 * A clock that leaves out the time in which the process itself stood still.
 *
 * A process that was stopped, a virtual machine that was paused or a turn that took very long is no
 * fault of any peer: what they sent meanwhile has not been read yet. On this clock that time did not
 * pass, so every deadline that is kept by it is as far away afterwards as it was before.
 *
 * @module
 */
import type { Clock, Timer } from "../ports.ts";

/**
 * How long the clock may go unread before the process is taken to have slept (ms). The service reads
 * it four times a second.
 */
export const SLEPT_MS = 2000;
/** What passes for everybody of a gap that is taken for sleep (ms). */
const AWAKE_PART_MS = 250;

/** Wraps a clock; somebody must read it more often than every {@link SLEPT_MS}. */
export class AwakeClock implements Clock {
  readonly #clock: Clock;
  #readAt: number;
  #sleptMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#readAt = clock.now();
  }

  /** How long the process has stood still in all (ms). */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  now(): number {
    const at = this.#clock.now();
    const gap = at - this.#readAt;
    this.#readAt = at;
    if (gap > SLEPT_MS) this.#sleptMs += gap - AWAKE_PART_MS;
    return at - this.#sleptMs;
  }

  wall(): number {
    return this.#clock.wall();
  }

  after(ms: number, callback: () => void): Timer {
    const due = this.now() + ms;
    let timer: Timer;
    const onTimer = () => {
      const left = due - this.now();
      // A timer may fire a little early by itself.
      if (left > 1) timer = this.#clock.after(left, onTimer);
      else callback();
    };
    timer = this.#clock.after(ms, onTimer);
    return { cancel: () => timer.cancel() };
  }
}
