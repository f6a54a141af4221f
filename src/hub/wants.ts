/**
 * Names that somebody asks for and nobody has: who may bring one is told, and may have it waited for.
 *
 * @module
 */
import { addressGroup } from "../core/ip_address.ts";
import type { Asker } from "./asker.ts";
import { placeToGiveUp } from "./fair_room.ts";
import { keyOf, type StreamKey } from "./stream_key.ts";

/** How long whoever looks for a name may take (ms), unless configured. */
export const WANT_MS = 10_000;
/**
 * Names that are looked for at once, unless configured; over that the oldest one of who looks for most of them is
 * given up.
 */
export const MAX_WANTS = 1000;

/** A name that somebody asks for and nobody has, as those see it who may bring it. */
export interface Wanted {
  readonly path: StreamKey;
  /** The first who asks, where that is known. */
  readonly asker: Asker | undefined;
  /**
   * Has whoever asks wait, beyond the time that a play waits for its publisher (`play.waitMs`), until
   * what this returns is called, or the bound of the hub is over. Bring the stream by publishing it,
   * and call that then or when there is none. To be called while {@link HubObserver.onWanted} runs.
   *
   * @param onOver it need not be looked for any more: it is there, or nobody asks for it, or it took too
   *   long; not called once the answer was given
   */
  hold(onOver?: () => void): (now: number) => void;
}

/** One name that is looked for. */
interface Want {
  readonly path: StreamKey;
  /** Of the first who asks. */
  readonly address: string;
  readonly deadline: number;
  /** Who looks for it, and is to be told when that is of no use any more. */
  readonly holders: Set<{ readonly onOver?: (() => void) | undefined }>;
  /** Who asks for it without being a player. */
  readonly askers: Set<(live: boolean) => void>;
}

/** What {@link Wants} is made with. */
export interface WantsOptions {
  /** How long a name is looked for (ms). */
  readonly ms?: number | undefined;
  /** Most names that are looked for at once. */
  readonly most?: number | undefined;
  /** Nobody has it after all: its players wait for it no longer than for any name. */
  onGivenUp(key: string, now: number): void;
  /** Telling somebody failed; nobody else is to notice. */
  onFault(error: unknown): void;
}

/** All names that are looked for. */
export class Wants {
  /** Tells whoever may bring it; set by the hub. Without it nobody is asked. */
  ask: ((wanted: Wanted, now: number) => void) | undefined;
  readonly #ms: number;
  readonly #most: number;
  readonly #options: WantsOptions;
  /** By key, the next one to be given up first: all are looked for equally long. */
  readonly #wants = new Map<string, Want>();

  constructor(options: WantsOptions) {
    this.#options = options;
    this.#ms = options.ms ?? WANT_MS;
    this.#most = options.most ?? MAX_WANTS;
  }

  /** Names that are looked for. */
  get size(): number {
    return this.#wants.size;
  }

  /** Whether somebody looks for it. */
  held(key: string): boolean {
    return this.#wants.has(key);
  }

  /** Asks whoever may bring this name, unless they look for it already. @returns whether somebody does */
  open(path: StreamKey, now: number, asker?: Asker): boolean {
    const key = keyOf(path);
    if (this.#wants.has(key)) return true;
    if (this.ask === undefined) return false;
    const address = asker === undefined ? "" : addressGroup(asker.address);
    if (this.#wants.size >= this.#most && !this.#makeRoom(address, now)) return false;
    const want: Want = {
      path: { app: path.app, name: path.name },
      address,
      deadline: now + this.#ms,
      holders: new Set(),
      askers: new Set(),
    };
    let asking = true;
    this.ask({
      path: want.path,
      asker,
      hold: (onOver) => {
        if (!asking) return () => {};
        const holder = { onOver };
        want.holders.add(holder);
        return (at) => {
          if (!want.holders.delete(holder) || asking || want.holders.size > 0) return;
          this.#giveUp(key, want, at);
        };
      },
    }, now);
    asking = false;
    if (want.holders.size === 0) return false;
    this.#wants.set(key, want);
    return true;
  }

  #makeRoom(address: string, now: number): boolean {
    const places = [...this.#wants].map((entry) => [entry, entry[1].address] as const);
    const found = placeToGiveUp(places, address);
    if (found !== undefined) this.#giveUp(found[0], found[1], now);
    return found !== undefined;
  }

  /** Tells `asker` once it is there or given up. @returns takes that back */
  listen(key: string, asker: (live: boolean) => void): () => void {
    const { askers } = this.#wants.get(key)!;
    askers.add(asker);
    return () => void askers.delete(asker);
  }

  /** Whether somebody who is no player asks for it. */
  hasAskers(key: string): boolean {
    return (this.#wants.get(key)?.askers.size ?? 0) > 0;
  }

  /** It is there. */
  came(key: string): void {
    this.#end(key, this.#wants.get(key), true);
  }

  /** Nobody asks for it any more. */
  forget(key: string): void {
    this.#end(key, this.#wants.get(key), false);
  }

  /** Gives up what was looked for long enough. */
  expire(now: number): void {
    for (const [key, want] of this.#wants) {
      if (want.deadline > now) break;
      this.#giveUp(key, want, now);
    }
  }

  /** Gives up all of them; nothing is asked of anybody any more. */
  close(): void {
    this.ask = undefined;
    for (const [key, want] of this.#wants) this.#end(key, want, false);
  }

  #giveUp(key: string, want: Want, now: number): void {
    this.#end(key, want, false);
    this.#options.onGivenUp(key, now);
  }

  #end(key: string, want: Want | undefined, live: boolean): void {
    if (want === undefined) return;
    this.#wants.delete(key);
    const holders = [...want.holders];
    want.holders.clear();
    for (const { onOver } of holders) this.#tell(() => onOver?.());
    for (const asker of want.askers) this.#tell(() => asker(live));
  }

  #tell(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}
