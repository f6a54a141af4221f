/**
 * The lease of this node: as long as it is renewed in time, what the node says it owns is its own. A node whose
 * lease ran out begins anew under another id, and nothing of the one before is ever taken up again: whoever
 * found that lease gone may rely on that for ever.
 *
 * @module
 */
import type { BusStore, Clock, Timer } from "../../ports.ts";

/** How often a lease is renewed while it lasts. */
const RENEWALS = 3;

/** What a lease is made with. */
export interface NodeLeaseOptions {
  /** Must go on while the process is stopped: others do. */
  readonly clock: Clock;
  readonly store: BusStore;
  /** How long it lasts (ms); what the store keeps its entries for. */
  readonly ms: number;
  /** What the entry says. */
  readonly value: string;
  newId(): string;
  /** It lasts, under a new id: for the first time, or again. */
  onBegun(id: string): void;
  /** It was renewed. */
  onRenewed?(): void;
  /** It ran out, or the store has lost it: whatever was owned with it may be somebody else's by now. */
  onLapsed(id: string): void;
}

/** Keeps the lease of one node. */
export class NodeLease {
  readonly #options: NodeLeaseOptions;
  #id: string | undefined;
  #revision = 0;
  /** Until when it lasts, whatever the store says later (ms). */
  #until = -Infinity;
  #renewal: Timer | undefined;
  #end: Timer | undefined;
  #stopped = false;

  constructor(options: NodeLeaseOptions) {
    this.#options = options;
  }

  /** The id under which this node owns what it owns; `undefined` while it can own nothing. */
  get id(): string | undefined {
    return this.#id !== undefined && this.#options.clock.now() < this.#until ? this.#id : undefined;
  }

  /** Takes a lease as soon as there is one to have, and keeps it. */
  start(): void {
    void this.#turn();
  }

  async #turn(): Promise<void> {
    const { clock, ms, onRenewed } = this.#options;
    const begun = clock.now();
    let shortly = false;
    try {
      if (this.id === undefined) await this.#begin();
      else await this.#renew();
      if (!this.#stopped && this.id !== undefined) onRenewed?.();
    } catch {
      // The store cannot be asked. Until the lease runs out it is tried again.
      shortly = true;
    }
    if (this.#stopped) return;
    const least = ms / RENEWALS / 4;
    const next = shortly ? least : Math.max(ms / RENEWALS - (clock.now() - begun), least);
    this.#renewal = clock.after(next, () => void this.#turn());
  }

  async #begin(): Promise<void> {
    this.#lapse();
    const { clock, store, ms, value, newId, onBegun } = this.#options;
    const id = newId();
    const asked = clock.now();
    const revision = await store.put(id, value, 0);
    if (revision === undefined || this.#stopped || clock.now() >= asked + ms) return;
    this.#id = id;
    this.#revision = revision;
    this.#extend(asked + ms);
    onBegun(id);
  }

  async #renew(): Promise<void> {
    const { clock, store, ms, value } = this.#options;
    const id = this.#id!;
    const asked = clock.now();
    const revision = await store.put(id, value, this.#revision) ?? await this.#again(id, value);
    if (this.#stopped || this.#id !== id) return;
    // The store has none of it any more: others see that, and so must we.
    if (revision === undefined) return await this.#begin();
    this.#revision = revision;
    if (clock.now() < asked + ms) this.#extend(asked + ms);
  }

  /** The one before may have succeeded without our being told: nobody else changes this entry. */
  async #again(id: string, value: string): Promise<number | undefined> {
    const { store } = this.#options;
    const known = await store.get(id);
    return known === undefined ? undefined : await store.put(id, value, known.revision);
  }

  #extend(until: number): void {
    const { clock } = this.#options;
    this.#until = until;
    this.#end?.cancel();
    const check = () => {
      if (this.#id === undefined || this.#stopped) return;
      const left = this.#until - clock.now();
      if (left <= 0) this.#lapse();
      else this.#end = clock.after(left, check);
    };
    this.#end = clock.after(until - clock.now(), check);
  }

  #lapse(): void {
    const id = this.#id;
    if (id === undefined) return;
    this.#id = undefined;
    this.#end?.cancel();
    this.#options.onLapsed(id);
  }

  /** Gives it up, so that others need not wait for its end. Rejects where that cannot be said. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#renewal?.cancel();
    this.#end?.cancel();
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined) await this.#options.store.remove(id, this.#revision);
  }
}
