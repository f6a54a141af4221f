/**
 * Holds one client to a rate of messages. Whoever sends more is read later, not closed: a publisher
 * faster than real time is slowed by its own connection, and a flood takes its share and no more.
 *
 * @module
 */
import type { Clock, Timer } from "../../ports.ts";

/** The rate is kept over slices of this length (ms), so that one turn does little at a time. */
export const THROTTLE_SLICE_MS = 100;

/** What is held to a rate. */
export interface Throttled {
  /** Whether it has used up what it was allowed. */
  readonly exhausted: boolean;
  /** Allows it as much `effort`, in the unit of `messageEffort`, and no more. */
  allow(effort: number): void;
}

/** Watches one client. */
export class Throttle {
  readonly #throttled: Throttled;
  readonly #perSlice: number;
  readonly #clock: Clock;
  readonly #readOn: () => void;
  #since = -Infinity;
  #timer: Timer | undefined;

  /**
   * @param perSecond effort allowed a second
   * @param readOn called, in a turn of its own, when a client that had to wait may go on
   */
  constructor(throttled: Throttled, perSecond: number, clock: Clock, readOn: () => void) {
    this.#throttled = throttled;
    this.#perSlice = Math.max(1, Math.floor(perSecond * THROTTLE_SLICE_MS / 1000));
    this.#clock = clock;
    this.#readOn = readOn;
  }

  /** Whether the client has to wait, so that its connection is not to be read. */
  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  /** To be called before bytes are read, with the time (ms). */
  begin(now: number): void {
    if (now - this.#since < THROTTLE_SLICE_MS) return;
    this.#since = now;
    this.#throttled.allow(this.#perSlice);
  }

  /** To be called behind it. Returns whether the client has to wait from now on. */
  end(now: number): boolean {
    if (!this.#throttled.exhausted || this.waiting) return false;
    const wait = Math.max(1, this.#since + THROTTLE_SLICE_MS - now);
    this.#timer = this.#clock.after(wait, () => {
      this.#timer = undefined;
      this.#since = -Infinity;
      this.#readOn();
    });
    return true;
  }

  /** Stops for good. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
