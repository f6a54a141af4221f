/**
 * Shares the time of the process among clients whose bytes take much of it, so that none of them,
 * nor all together, keeps the others waiting.
 *
 * @module
 */
import type { Clock, Timer } from "../../ports.ts";

/** Longest time that is spent on the bytes of one client in one turn (ms). */
export const TURN_MS = 5;

/** The same while clients use all the time there is (ms). */
const SHORT_TURN_MS = 0.25;

/** That is so when they have used this much more than has passed (ms), and at most so much is held. */
const BUSY_MS = 10;
const MAX_BUSY_MS = 100;

/** What one client may use of each millisecond before it has to queue; while all is used, less. */
const SHARE = 0.25;
const SMALL_SHARE = 0.02;

/** Longest pause behind a turn that was too long (ms). */
const MAX_PAUSE_MS = 100;

/** A client that queues. */
export interface Queuing {
  /** Goes on for a turn; it may queue again in it. */
  readOn(): void;
}

/**
 * The queue of clients that have used up their share. One is served at a time, when it has been the
 * first for as long as it used, and nobody came to queue meanwhile: so all of them together use half
 * of the time, those who use up their share before it is their turn to wait included. Without an idle
 * moment between two of them sockets starve, too: Deno looks for what has become readable when there
 * is nothing else to do, or after dozens of turns of its loop.
 */
export class Turns {
  readonly #clock: Clock;
  /** What each owes (ms), in the order in which they are served. */
  readonly #queue = new Map<Queuing, number>();
  #timer: Timer | undefined;
  /** Since when the first waits, how long it has to (ms), and when the last one came to queue. */
  #since = 0;
  #pause = 0;
  #enteredAt = -Infinity;
  /** What turns took lately, one millisecond less with each that passes. */
  #busy = 0;
  #busyAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Clients that queue. */
  get size(): number {
    return this.#queue.size;
  }

  /** How long a turn that begins now may take (ms). */
  get limit(): number {
    return this.#busy > BUSY_MS ? SHORT_TURN_MS : TURN_MS;
  }

  /** What one client may use of each millisecond. */
  get share(): number {
    return this.#busy > BUSY_MS ? SMALL_SHARE : SHARE;
  }

  /** A turn that ends at `now` took `ms`. */
  took(ms: number, now: number): void {
    const left = this.#busy - (now - this.#busyAt);
    this.#busy = Math.min(MAX_BUSY_MS, Math.max(0, left) + ms);
    this.#busyAt = now;
  }

  /** Queues a client that has used `ms`, for which it waits as long once it is the first. */
  enter(client: Queuing, ms: number): void {
    this.#queue.set(client, ms);
    this.#enteredAt = this.#clock.now();
    this.#wait();
  }

  /** It is served no more. */
  leave(client: Queuing): void {
    this.#queue.delete(client);
    if (this.#queue.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whether a client queues. */
  has(client: Queuing): boolean {
    return this.#queue.has(client);
  }

  #wait(): void {
    const [owed] = this.#queue.values();
    if (owed === undefined || this.#timer !== undefined) return;
    this.#since = this.#clock.now();
    this.#pause = Math.max(1, Math.min(owed, MAX_PAUSE_MS));
    this.#timer = this.#clock.after(this.#pause, this.#serve);
  }

  readonly #serve = (): void => {
    // Of many that come anew nobody waits without end.
    const until = Math.min(this.#enteredAt + this.#pause, this.#since + MAX_PAUSE_MS);
    const wait = until - this.#clock.now();
    this.#timer = wait >= 1 ? this.#clock.after(wait, this.#serve) : undefined;
    if (this.#timer !== undefined) return;
    const [first] = this.#queue.keys();
    if (first === undefined) return;
    this.#queue.delete(first);
    try {
      first.readOn();
    } finally {
      // Whatever becomes of it, those behind have their turns.
      this.#wait();
    }
  };
}

/** The share of one client. */
export class Share {
  /** What it has used since it last had all of its turn, as far as that was more than its share. */
  get owed(): number {
    return TURN_MS - this.#left;
  }

  /** What it may still use (ms). */
  get left(): number {
    return this.#left;
  }

  #left = TURN_MS;
  #at = -Infinity;

  /**
   * Takes `ms` that were used up to `now`; returns whether that was more than `share`, the part of
   * each millisecond that it may use.
   */
  take(ms: number, now: number, share: number): boolean {
    this.#left = Math.min(TURN_MS, this.#left + (now - this.#at) * share) - ms;
    this.#at = now;
    return this.#left < 0;
  }

  /** What it owed was waited for: it has a whole turn. */
  settle(): void {
    this.#left = TURN_MS;
  }
}
