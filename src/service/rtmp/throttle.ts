/**
 * Holds one client to a rate of messages, and to a share of the time of the process. Whoever sends
 * more is read later, not closed: a publisher faster than real time is slowed by its own connection,
 * and a flood takes its share and no more.
 *
 * @module
 */
import { COMMAND_EFFORT } from "../../core/rtmp/session/effort.ts";
import type { Clock, Timer } from "../../ports.ts";
import { type Queuing, Share, type Turns } from "./turns.ts";

/** The rate is kept over slices of this length (ms), so that one turn does little at a time. */
export const THROTTLE_SLICE_MS = 100;

/** Effort behind which the clock is looked at: that of one command, or of some media. */
export const EFFORT_BETWEEN_LOOKS = 16;

/** What a message that is no command may take of real time (ms); what it took beyond, others did. */
const MS_PER_EFFORT = 0.25;

/** What is held to a rate. */
export interface Throttled {
  /** The effort it may still spend; what it owes when it is below 0. */
  readonly allowance: number;
  /** Allows it as much `effort`, in the unit of `messageEffort`, and no more. */
  allow(effort: number): void;
}

/** Watches one client. */
export class Throttle {
  readonly #throttled: Throttled;
  readonly #perSlice: number;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #share = new Share();
  readonly #owner: Queuing;
  /** When the slice began, and when the turn did (ms). */
  #since = -Infinity;
  #turnAt = 0;
  #turnMs = 0;
  /** Effort of the slice that was not allowed yet. */
  #left = 0;
  /** What the turn was allowed. */
  #granted = 0;
  /** Whether the turn was long enough. */
  #late = false;
  #timer: Timer | undefined;

  /**
   * @param perSecond effort allowed a second
   * @param owner told, in a turn of its own, when a client that had to wait may go on
   */
  constructor(
    throttled: Throttled,
    perSecond: number,
    clock: Clock,
    turns: Turns,
    owner: Queuing,
  ) {
    this.#throttled = throttled;
    this.#perSlice = Math.max(1, Math.floor(perSecond * THROTTLE_SLICE_MS / 1000));
    this.#clock = clock;
    this.#turns = turns;
    this.#owner = owner;
  }

  /** The client has waited for long enough. */
  readOn(): void {
    this.#timer = undefined;
    this.#share.settle();
    this.#owner.readOn();
  }

  /** Whether the client has to wait, so that its connection is not to be read. */
  get waiting(): boolean {
    return this.#timer !== undefined || this.#turns.has(this);
  }

  /** To be called before bytes are read, with the time (ms). */
  begin(now: number): void {
    this.#turnAt = now;
    this.#late = false;
    this.#turnMs = this.#turns.limit;
    const slices = Math.floor((now - this.#since) / THROTTLE_SLICE_MS);
    this.#granted = this.#throttled.allowance;
    if (slices < 1) return;
    this.#since = now;
    const owed = Math.min(0, this.#throttled.allowance);
    this.#left = Math.min(this.#perSlice, owed + slices * this.#perSlice);
    const first = Math.min(this.#left, EFFORT_BETWEEN_LOOKS);
    this.#left -= Math.max(0, first);
    this.#throttled.allow(first);
    this.#granted = first;
  }

  /**
   * It has spent what it was allowed, and `overdraft` more: returns what it may spend beyond in this
   * turn.
   */
  more(overdraft: number): number {
    if (this.#left <= 0 || this.waiting) return 0;
    this.#late ||= this.#clock.now() - this.#turnAt >= this.#turnMs;
    if (this.#late) return 0;
    const effort = Math.min(this.#left, overdraft + EFFORT_BETWEEN_LOOKS);
    this.#left -= effort;
    this.#granted += effort;
    return effort;
  }

  /** To be called once bytes have been read. Returns whether the client has to wait from now on. */
  end(): boolean {
    const now = this.#clock.now();
    const ms = now - this.#turnAt;
    this.#turns.took(ms, now);
    // Who asked for next to nothing is not the one who had the process wait.
    const effort = this.#granted - this.#throttled.allowance;
    const own = effort < COMMAND_EFFORT ? Math.min(ms, MS_PER_EFFORT * Math.max(1, effort)) : ms;
    const tooMuch = this.#share.take(own, now, this.#turns.share);
    if (this.waiting) return false;
    const spent = this.#throttled.allowance <= 0;
    if (spent && this.#left <= 0) {
      const wait = Math.max(1, this.#since + THROTTLE_SLICE_MS - now);
      this.#timer = this.#clock.after(wait, () => this.readOn());
      return true;
    }
    // What was spent while somebody decides is asked for again behind the decision.
    if (!tooMuch && !(spent && this.#late)) return false;
    this.#turns.enter(this, this.#share.owed);
    return true;
  }

  /** Stops for good. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#turns.leave(this);
  }
}
