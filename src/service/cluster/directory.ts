/**
 * Which names this node owns in its cluster, and who owns the others. A name is owned with the lease of a node:
 * once that is gone for good anybody may take the name, and of those who try at once one succeeds.
 *
 * @module
 */
import { keyOf, type StreamKey } from "../../hub/mod.ts";
import type { Bus, BusEntry, Clock } from "../../ports.ts";
import { type NameEntry, readEntry, writeEntry } from "./name_entry.ts";
import type { NodeLease } from "./node_lease.ts";

/** How long is waited before an owner that does not answer is looked at again (ms). */
const AGAIN_MS = 100;
/** Names that are taken back at once behind a lease that ran out. */
const AT_ONCE = 16;
/** Owners that are remembered for when the cluster cannot be asked. */
const MAX_KNOWN = 10_000;

/** What an owner answers who is asked to give a name up. */
export type YieldAnswer = "yes" | "no";

/** What a directory is made with. */
export interface DirectoryOptions {
  readonly bus: Bus;
  readonly lease: Pick<NodeLease, "id">;
  readonly clock: Clock;
  readonly node: string;
  readonly pass: string;
  /** Where this node is played from. */
  url(): string;
  /** Asks the owner of a name to give it up; `undefined` where it does not answer. */
  askOwner(owner: NameEntry, path: StreamKey): Promise<YieldAnswer | undefined>;
  /** This node owns the name from now on, or no more. Must not throw. */
  onOwned(path: StreamKey, lease: string): void;
  onFreed(path: StreamKey, lease: string): void;
}

/** A name of this node. */
interface Owned {
  readonly path: StreamKey;
  /** With which lease; another one than the node has now: it is to be taken back. */
  lease: string;
  revision: number;
  /** Whether it counts as owned. */
  held: boolean;
}

/** Why a name was not given. */
export type ClaimRefusal = "taken" | "unknown";

/** The names of one node. */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #owned = new Map<string, Owned>();
  readonly #known = new Map<string, NameEntry>();

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** Names that are owned now. */
  get size(): number {
    let size = 0;
    for (const { held } of this.#owned.values()) if (held) size++;
    return size;
  }

  /** Whether there are names that are to be taken back. */
  get missing(): boolean {
    for (const owned of this.#owned.values()) if (!this.#isHeld(owned)) return true;
    return false;
  }

  /** Whether this node owns a name now. */
  owns(path: StreamKey): boolean {
    const owned = this.#owned.get(keyOf(path));
    return owned !== undefined && this.#isHeld(owned);
  }

  #isHeld({ held, lease }: Owned): boolean {
    return held && lease === this.#options.lease.id;
  }

  /**
   * Takes a name, behind whoever has it or had it.
   *
   * @param until when to give up (ms)
   * @returns why not; never rejects
   */
  async claim(path: StreamKey, until: number): Promise<ClaimRefusal | undefined> {
    const { clock, askOwner } = this.#options;
    while (clock.now() < until) {
      if (this.owns(path)) return undefined;
      try {
        const entry = await this.#names.get(nameKey(path));
        const owner = entry && readEntry(entry.value);
        if (owner === undefined || await this.#isFree(owner)) {
          if (await this.#take(path, entry)) return undefined;
        } else {
          const answer = await askOwner(owner, path);
          if (answer === "no") return "taken";
          if (answer === "yes" && await this.#take(path, entry)) return undefined;
        }
      } catch {
        // The cluster cannot be asked right now.
      }
      await pause(clock, AGAIN_MS);
    }
    return "unknown";
  }

  get #names() {
    return this.#options.bus.names;
  }

  /** Whether an owner cannot come back: it is this very node, or its lease is gone. */
  async #isFree({ lease, pass }: NameEntry): Promise<boolean> {
    if (pass === this.#options.pass) return true;
    return await this.#options.bus.leases.get(lease) === undefined;
  }

  /** @param isWanted whether it still is, once it was taken */
  async #take(
    path: StreamKey,
    before: BusEntry | undefined,
    isWanted = () => true,
  ): Promise<boolean> {
    const { lease, onOwned } = this.#options;
    const id = lease.id;
    if (id === undefined) return false;
    const revision = await this.#names.put(
      nameKey(path),
      this.#entry(id),
      before?.revision ?? 0,
    );
    // Between the question and the answer the lease may have run out, and another have taken it.
    if (revision === undefined || lease.id !== id) return false;
    const known = this.#owned.get(keyOf(path));
    // Not where it was taken by another way meanwhile: then it is owned.
    if (known === undefined && !isWanted()) {
      await this.#names.remove(nameKey(path), revision);
      return true;
    }
    this.#owned.set(keyOf(path), { path, lease: id, revision, held: true });
    if (known === undefined || !this.#isHeld(known)) onOwned(path, id);
    return true;
  }

  #entry(lease: string): string {
    const { node, pass, url } = this.#options;
    return writeEntry({ lease, node, url: url(), pass });
  }

  /** Gives a name up that is over. */
  release(path: StreamKey): void {
    const owned = this.#drop(path);
    // Where it cannot be said the entry ends with the lease.
    if (owned !== undefined) {
      this.#names.remove(nameKey(path), owned.revision).catch(() => {});
    }
  }

  /** Owns it no more, and leaves the entry to whoever is about to take it. */
  leave(path: StreamKey): void {
    this.#drop(path);
  }

  #drop(path: StreamKey): Owned | undefined {
    const key = keyOf(path);
    const owned = this.#owned.get(key);
    if (owned === undefined) return undefined;
    this.#owned.delete(key);
    this.#free(owned);
    return owned;
  }

  #free(owned: Owned): void {
    if (!owned.held) return;
    owned.held = false;
    this.#options.onFreed(owned.path, owned.lease);
  }

  /** The lease is over: nothing is owned, and what is still published here is to be taken back. */
  lapse(): void {
    for (const owned of this.#owned.values()) this.#free(owned);
  }

  /**
   * Takes back under a new lease what was owned under the one before.
   *
   * @returns names that somebody else has by now
   */
  async takeBack(): Promise<StreamKey[]> {
    const lost: StreamKey[] = [];
    const left = [...this.#owned.values()].filter((owned) => !this.#isHeld(owned));
    const work = async () => {
      for (let owned = left.pop(); owned !== undefined; owned = left.pop()) {
        const outcome = await this.#takeOneBack(owned);
        if (outcome === "lost") lost.push(owned.path);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return lost;
  }

  async #takeOneBack(owned: Owned): Promise<"mine" | "lost" | "later"> {
    const { path } = owned;
    const isStill = () => this.#owned.get(keyOf(path)) === owned;
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        const entry = await this.#names.get(nameKey(path));
        if (!isStill()) return "mine";
        const owner = entry && readEntry(entry.value);
        if (owner !== undefined && !await this.#isFree(owner)) {
          if (!isStill()) return "mine";
          this.#owned.delete(keyOf(path));
          return "lost";
        }
        if (!isStill() || await this.#take(path, entry, isStill)) return "mine";
      } catch {
        return "later";
      }
    }
    return "later";
  }

  /** Says again what is owned, before the entries vanish. */
  async refresh(): Promise<void> {
    for (const owned of [...this.#owned.values()]) {
      if (!this.#isHeld(owned)) continue;
      try {
        const key = nameKey(owned.path);
        const revision = await this.#names.put(key, this.#entry(owned.lease), owned.revision);
        if (revision !== undefined) owned.revision = revision;
      } catch {
        return;
      }
    }
  }

  /** Who has a name, or had it last where that cannot be asked; `undefined` for this node itself. Never rejects. */
  async ownerOf(path: StreamKey): Promise<NameEntry | undefined> {
    const key = keyOf(path);
    let owner: NameEntry | undefined;
    try {
      const entry = await this.#names.get(nameKey(path));
      owner = entry && readEntry(entry.value);
      this.#note(key, owner);
    } catch {
      owner = this.#known.get(key);
    }
    return owner?.pass === this.#options.pass ? undefined : owner;
  }

  #note(key: string, owner: NameEntry | undefined): void {
    this.#known.delete(key);
    if (owner === undefined) return;
    this.#known.set(key, owner);
    // The one that was asked for longest ago.
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!);
  }

  /** Gives everything up, as far as that can be said. */
  async stop(): Promise<void> {
    const all = [...this.#owned.values()];
    this.lapse();
    this.#owned.clear();
    await Promise.allSettled(
      all.map(({ path, revision }) => this.#names.remove(nameKey(path), revision)),
    );
  }
}

/** A name as a key: letters and digits, whatever it is made of. */
export function nameKey(path: StreamKey): string {
  const bytes = new TextEncoder().encode(keyOf(path));
  return `n${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
