/**
 * What connects the nodes of a cluster, without sockets: whatever is said arrives at once, and in order.
 *
 * @module
 */
import type { Bus, BusStore } from "../../../src/ports.ts";
import type { FakeClock } from "../../support/clock.ts";
import { SharedStore } from "./store_rig.ts";

type Take = (text: string) => string | void | Promise<string>;

/** The net, with its stores. */
export class Net {
  readonly leases: SharedStore;
  readonly names: SharedStore;
  /** What was told, with its subject, oldest first. */
  readonly told: [subject: string, text: string][] = [];
  /** Nodes that nothing passes to or from. */
  readonly cut = new Set<string>();
  /** Who has begun, and who has gone. */
  readonly opened: string[] = [];
  readonly closed: string[] = [];
  readonly #listeners: { node: string; subject: string; take: Take }[] = [];

  constructor(clock: FakeClock, leaseMs: number) {
    this.leases = new SharedStore(clock, leaseMs);
    this.names = new SharedStore(clock, Infinity);
  }

  #at(subject: string): { node: string; take: Take }[] {
    return this.#listeners.filter((one) => one.subject === subject && !this.cut.has(one.node));
  }

  #store(node: string, store: SharedStore): BusStore {
    const ask = <T>(act: () => T): Promise<T> =>
      this.cut.has(node) ? Promise.reject(new Error("cut")) : Promise.resolve().then(act);
    return {
      get: (key) => ask(() => store.get(key)),
      put: (key, value, revision) => ask(() => store.put(key, value, revision)),
      remove: (key, revision) => ask(() => store.remove(key, revision)),
    };
  }

  /** The net as one node sees it. */
  bus(node: string): Bus {
    return {
      leases: this.#store(node, this.leases),
      names: this.#store(node, this.names),
      ownAddress: undefined,
      publish: (subject, text) => {
        if (this.cut.has(node)) return;
        this.told.push([subject, text]);
        for (const { take } of this.#at(subject)) void take(text);
      },
      listen: (subject, take) => void this.#listeners.push({ node, subject, take }),
      ask: async (subject, text) => {
        const [one] = this.cut.has(node) ? [] : this.#at(subject);
        const answer = await one?.take(text);
        return typeof answer === "string" ? answer : undefined;
      },
      askAll: async (subject, text, _ms, enough) => {
        for (const { take } of this.cut.has(node) ? [] : this.#at(subject)) {
          const answer = await take(text);
          if (typeof answer === "string" && enough(answer)) return;
        }
      },
      open: () => void this.opened.push(node),
      close: () => Promise.resolve(void this.closed.push(node)),
    };
  }

  /** What was told there since the last call, read. */
  take(subject: string): Record<string, unknown>[] {
    const all = this.told.filter(([one]) => one === subject).map(([, text]) => JSON.parse(text));
    this.told.splice(0, this.told.length, ...this.told.filter(([one]) => one !== subject));
    return all;
  }
}
