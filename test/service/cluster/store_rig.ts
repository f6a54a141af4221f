/**
 * Stores of a cluster on a clock that stands still, and lines to them on which questions and answers are late or
 * lost.
 *
 * @module
 */
import type { Bus, BusEntry, BusStore } from "../../../src/ports.ts";
import type { FakeClock } from "../../support/clock.ts";

/** What all nodes see. */
export class SharedStore {
  readonly #clock: FakeClock;
  readonly #ageMs: number;
  readonly #entries = new Map<string, { value: string; revision: number; at: number }>();
  #revisions = 0;

  constructor(clock: FakeClock, ageMs: number) {
    this.#clock = clock;
    this.#ageMs = ageMs;
  }

  get(key: string): BusEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#clock.now() - entry.at >= this.#ageMs) return undefined;
    return { value: entry.value, revision: entry.revision };
  }

  put(key: string, value: string, revision: number): number | undefined {
    if ((this.get(key)?.revision ?? 0) !== revision) return undefined;
    this.#entries.set(key, { value, revision: ++this.#revisions, at: this.#clock.now() });
    return this.#revisions;
  }

  remove(key: string, revision: number): void {
    if (this.get(key)?.revision === revision) this.#entries.delete(key);
  }

  /** Forgets everything, as a server does that kept it in memory. */
  forget(): void {
    this.#entries.clear();
  }
}

/** How one node is connected. */
export class Line {
  /** Nothing passes. */
  isCut = false;
  readonly #clock: FakeClock;
  /** The next number of 0 to below 1. */
  readonly #random: () => number;
  readonly #timeoutMs: number;

  constructor(clock: FakeClock, random: () => number, timeoutMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#timeoutMs = timeoutMs;
  }

  /** A store as the node sees it. */
  to(store: SharedStore): BusStore {
    return {
      get: (key) => this.#ask(() => store.get(key)),
      put: (key, value, revision) => this.#ask(() => store.put(key, value, revision)),
      remove: (key, revision) => this.#ask(() => store.remove(key, revision)),
    };
  }

  /** The question arrives, or it does not, and so does the answer. */
  #ask<T>(act: () => T): Promise<T> {
    const [clock, random] = [this.#clock, this.#random];
    return new Promise((resolve, reject) => {
      const timer = clock.after(this.#timeoutMs, () => reject(new Error("no answer in time")));
      const pass = (then: () => void) => {
        if (this.isCut || random() < 0.05) return;
        clock.after(1 + random() * this.#timeoutMs * 0.6, then);
      };
      pass(() => {
        const answer = act();
        pass(() => {
          timer.cancel();
          resolve(answer);
        });
      });
    });
  }

  /** A bus of which only the stores are used. */
  bus(leases: SharedStore, names: SharedStore): Bus {
    return {
      leases: this.to(leases),
      names: this.to(names),
      ownAddress: undefined,
      publish() {},
      listen() {},
      ask: () => Promise.resolve(undefined),
      askAll: () => Promise.resolve(),
      open() {},
      close: () => Promise.resolve(),
    };
  }
}

/** Lets time pass in small steps, with what is waited for in between. */
export async function pass(clock: FakeClock, ms: number, each: () => void = () => {}) {
  for (let passed = 0; passed < ms; passed += 5) {
    clock.advance(5);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    each();
  }
}
