/**
 * Requests that wait for what a playlist will have. One that waits costs an entry in a list; those that
 * wait for the same thing are looked at together.
 *
 * @module
 */

import { Turns } from "./turns.ts";
import type { Clock } from "../../ports.ts";

/** Why a wait is over without what was waited for. */
export type WaitEnd = "late" | "gone" | "ended";

/** A request that waits. */
export interface WaitingRequest<T> {
  /** Called once, with what was waited for or with why there is none. */
  readonly settle: (result: T | WaitEnd) => void;
  /** When it has waited for too long (ms). */
  readonly deadline: number;
}

/** One that waits. */
interface Waiting<T> extends WaitingRequest<T> {
  /** Those that it waits with, or is to be told with. */
  among: Set<Waiting<T>>;
}

/** Those that wait for the same. */
interface Group<K, T> {
  readonly what: K;
  readonly waiting: Set<Waiting<T>>;
}

/** How many may wait, in all, and the turns in which they are answered. */
export class WaitBudget {
  readonly #most: number;
  readonly turns: Turns;
  /** How many wait. */
  used = 0;

  /** `most`: how many may wait at once. */
  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.turns = new Turns(clock);
  }

  /** Whether no further one may wait. */
  get full(): boolean {
    return this.used >= this.#most;
  }
}

/** What is waited for, each by a text that is the same where it is the same. */
export class WaitList<K, T> {
  readonly #budget: WaitBudget;
  readonly #groups = new Map<string, Group<K, T>>();

  /** `budget`: what its entries are counted in. */
  constructor(budget: WaitBudget) {
    this.#budget = budget;
  }

  /** How many different things are waited for. */
  get size(): number {
    return this.#groups.size;
  }

  /** Adds a request. @returns takes it away again, untold */
  add(key: string, what: K, request: WaitingRequest<T>): () => void {
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, group = { what, waiting: new Set() });
    const { waiting } = group;
    const one: Waiting<T> = { ...request, among: waiting };
    waiting.add(one);
    this.#budget.used++;
    return () => {
      if (!one.among.delete(one)) return;
      this.#budget.used--;
      if (waiting.size === 0 && this.#groups.get(key)?.waiting === waiting) {
        this.#groups.delete(key);
      }
    };
  }

  /** Settles those whose wait is over: `answer` says with what, or `undefined` where it is not. */
  settle(answer: (what: K) => T | WaitEnd | undefined): void {
    for (const [key, { what, waiting }] of [...this.#groups]) {
      const result = answer(what);
      if (result === undefined) continue;
      this.#groups.delete(key);
      this.#tell(waiting, result);
    }
  }

  /** Ends those that have waited for too long; call it now and then. */
  expire(now: number): void {
    for (const [key, { waiting }] of [...this.#groups]) {
      const late = new Set<Waiting<T>>();
      for (const one of waiting) {
        if (one.deadline > now) continue;
        waiting.delete(one);
        late.add(one);
        one.among = late;
      }
      if (waiting.size === 0) this.#groups.delete(key);
      if (late.size > 0) this.#tell(late, "late");
    }
  }

  #tell(waiting: Set<Waiting<T>>, result: T | WaitEnd): void {
    this.#budget.turns.tell(waiting, ({ settle }) => {
      this.#budget.used--;
      settle(result);
    });
  }
}
