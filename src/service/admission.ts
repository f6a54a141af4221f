/**
 * Who is let in, and who has to make room: limits per process, per address and for peers that nobody
 * has let publish or play yet.
 *
 * @module
 */
import { Networks } from "../core/proxy/mod.ts";
import type { Address } from "../ports.ts";
import { addressGroup, isLoopbackGroup } from "./address.ts";

/** The settings used here; see the configuration table. */
export interface AdmissionSettings {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxPendingConnections: number;
  readonly limitLoopback: boolean;
  /** Balancers, which are not limited themselves: addresses and networks. */
  readonly trustedProxies?: readonly string[];
}

/** How far a peer has come: it sent nothing, shakes hands, is to connect, is connected. */
export type Progress = 0 | 1 | 2 | 3;

/** A peer, as far as admission looks at it. */
export interface Guest {
  /** How far it has come; only ever grows. */
  readonly progress: Progress;
  /** When it came (ms). */
  readonly startedAt: number;
}

/** A peer that can be told to make room. */
export interface Evictable extends Guest {
  /** `address:port` of the peer. */
  readonly address: string;
  /** Ends it at once: others need its place. */
  evict(message: string): void;
}

/** A guest while it is here. */
interface Place {
  readonly group: string | undefined;
  /** Where it stands in the line of those that make room, or stood while it was pending. */
  stage: Progress;
}

/**
 * A peer younger than this (ms) need not make room, as its first bytes may be on their way, unless
 * twice as many are pending as may be. A crowd of viewers that comes within a second, over links
 * with some delay, has so many pending at once.
 */
export const YOUNG_MS = 1000;
/** So many may always be pending, however little room there is. */
const FEW_PENDING = 8;

/** Keeps count of the peers of a service. What it costs a peer does not grow with their number. */
export class Admission<G extends Guest = Guest> {
  readonly #settings: AdmissionSettings;
  readonly #balancers: Networks;
  /** Peers that ever came. */
  came = 0;
  #pendingLimit: number;
  readonly #places = new Map<G, Place>();
  readonly #groups = new Map<string, number>();
  /** The pending ones, oldest first, by how far each had come when it was last looked at. */
  readonly #stages: readonly Set<G>[] = [new Set(), new Set(), new Set(), new Set()];

  constructor(settings: AdmissionSettings) {
    this.#settings = settings;
    this.#balancers = new Networks(settings.trustedProxies ?? []);
    this.#pendingLimit = settings.maxPendingConnections;
  }

  /** Peers that are here. */
  get size(): number {
    return this.#places.size;
  }

  /** Whether there are as many as there may be. */
  get full(): boolean {
    return this.size >= this.#settings.maxConnections;
  }

  /** Peers that were not let publish or play yet. */
  get pending(): number {
    return this.#stages.reduce((sum, stage) => sum + stage.size, 0);
  }

  /** How many may be pending for now. */
  get pendingLimit(): number {
    return this.#pendingLimit;
  }

  /** Lets half as many be pending as are now, until {@link relax}: there is no room for more. */
  squeeze(): void {
    const most = Math.min(this.#pendingLimit, this.pending);
    this.#pendingLimit = Math.min(this.#pendingLimit, Math.max(FEW_PENDING, most >>> 1));
  }

  /** Lets as many be pending as is configured. */
  relax(): void {
    this.#pendingLimit = this.#settings.maxPendingConnections;
  }

  /** Addresses that are counted. */
  get addresses(): number {
    return this.#groups.size;
  }

  /** What `address` counts as, or `undefined` if it is not limited. */
  groupOf(address: Address): string | undefined {
    if (this.#balancers.has(address.hostname)) return undefined;
    const group = addressGroup(address.hostname);
    return this.#settings.limitLoopback || !isLoopbackGroup(group) ? group : undefined;
  }

  /** Whether this address has as many connections as it may have. */
  crowded(group: string | undefined): boolean {
    return group !== undefined &&
      (this.#groups.get(group) ?? 0) >= this.#settings.maxConnectionsPerAddress;
  }

  /** A peer came. */
  enter(guest: G, group: string | undefined): void {
    this.came++;
    this.#places.set(guest, { group, stage: 0 });
    this.#stages[0]!.add(guest);
    if (group !== undefined) this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1);
  }

  /** A peer was let publish or play: it never has to make room again. */
  settle(guest: G): void {
    const place = this.#places.get(guest);
    if (place !== undefined) this.#stages[place.stage]!.delete(guest);
  }

  /** A peer is gone, or is as good as gone. May be said twice. */
  leave(guest: G): void {
    const place = this.#places.get(guest);
    if (place === undefined) return;
    this.settle(guest);
    this.#places.delete(guest);
    const { group } = place;
    if (group === undefined) return;
    const count = this.#groups.get(group)! - 1;
    if (count === 0) this.#groups.delete(group);
    else this.#groups.set(group, count);
  }

  /** Who has to go because too many are pending, or `undefined`. Ask until it says so. */
  surplus(now: number): G | undefined {
    const limit = this.#pendingLimit;
    const { pending } = this;
    if (pending <= limit) return undefined;
    const guest = this.oldestSilent();
    const young = guest !== undefined && now - guest.startedAt < YOUNG_MS;
    return young && pending <= 2 * limit ? undefined : guest;
  }

  /** The pending peer that came least far, and of those the oldest. */
  oldestSilent(): G | undefined {
    for (const stage of this.#stages) {
      for (const guest of stage) {
        const { progress } = guest;
        const place = this.#places.get(guest)!;
        if (progress === place.stage) return guest;
        // It has come further since; nobody is moved on more than three times.
        stage.delete(guest);
        this.#stages[progress]!.add(guest);
        place.stage = progress;
      }
    }
    return undefined;
  }
}
