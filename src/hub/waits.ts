/**
 * Players that wait for a name that nobody publishes. Anybody can make up names, so these are no
 * streams: a wait costs its text and a few entries, and time only when it is over.
 *
 * @module
 */
import type { FrameEncoder } from "./frame.ts";
import type { Player } from "./fanout/player.ts";
import type { JoinPoint } from "./fanout/player_ports.ts";
import { keyOf, type StreamKey } from "./stream_key.ts";

/** A player that waits. */
export interface Wait {
  readonly player: Player;
  /** What it will read through. */
  encoder: FrameEncoder;
  readonly from: JoinPoint;
  readonly path: StreamKey;
  /** When it is given up (ms), unless somebody looks for its name. */
  readonly deadline: number;
}

/** Those that wait for one name. */
interface WaitedName {
  readonly waits: Set<Wait>;
  /** Those whose time is over, and that wait on for somebody who looks for the name. */
  parked: Set<Wait> | undefined;
  /** How many wait with each encoding that players choose, by its key. */
  readonly chosen: Map<string, number>;
}

const NOBODY: ReadonlySet<Wait> = new Set();

/** Whoever waits. All wait equally long, so that the order in which they came is that of deadlines. */
export class Waits {
  readonly #most: number;
  readonly #waits = new Map<Player, Wait>();
  /** Those whose time is not over, the next to be given up first. */
  readonly #line = new Set<Wait>();
  readonly #names = new Map<string, WaitedName>();
  /** How often each connection waits. */
  readonly #owners = new Map<object, number>();

  /**
   * `most`: waits beside the first one of each connection, which is always let in: who waits for many
   * names keeps nobody out who waits for one.
   */
  constructor(most: number) {
    this.#most = most;
  }

  /** Players that wait. */
  get size(): number {
    return this.#waits.size;
  }

  /** Names that are waited for. */
  get names(): number {
    return this.#names.size;
  }

  /** All of them. */
  all(): Iterable<Wait> {
    return this.#waits.values();
  }

  /** Those whose time is not over, the next to be given up first. */
  line(): Iterable<Wait> {
    return this.#line;
  }

  /** Its time is over, but somebody looks for its name: it waits on. */
  park(wait: Wait): void {
    this.#line.delete(wait);
    const name = this.#names.get(keyOf(wait.path))!;
    (name.parked ??= new Set()).add(wait);
  }

  /** Those for a name that wait on behind their time. */
  parked(key: string): ReadonlySet<Wait> {
    return this.#names.get(key)?.parked ?? NOBODY;
  }

  /** Those for a name, in the order in which they came. */
  of(key: string): ReadonlySet<Wait> {
    return this.#names.get(key)?.waits ?? NOBODY;
  }

  get(player: Player): Wait | undefined {
    return this.#waits.get(player);
  }

  /** Whether another player of `owner` may wait. */
  hasRoom(owner: object): boolean {
    return !this.#owners.has(owner) || this.#waits.size - this.#owners.size < this.#most;
  }

  /** Encodings that players chose who wait for a name, by their keys. */
  chosen(key: string): ReadonlyMap<string, number> | undefined {
    return this.#names.get(key)?.chosen;
  }

  add(wait: Wait): void {
    this.#waits.set(wait.player, wait);
    this.#line.add(wait);
    const owner = ownerOf(wait.player);
    this.#owners.set(owner, (this.#owners.get(owner) ?? 0) + 1);
    const key = keyOf(wait.path);
    let name = this.#names.get(key);
    if (name === undefined) {
      name = { waits: new Set(), parked: undefined, chosen: new Map() };
      this.#names.set(key, name);
    }
    name.waits.add(wait);
    count(name.chosen, wait.encoder, 1);
  }

  /** It will read through another encoder. */
  change(wait: Wait, encoder: FrameEncoder): void {
    const { chosen } = this.#names.get(keyOf(wait.path))!;
    count(chosen, wait.encoder, -1);
    count(chosen, encoder, 1);
    wait.encoder = encoder;
  }

  /** It waits no more, if it did. */
  delete(player: Player): void {
    const wait = this.#waits.get(player);
    if (wait === undefined) return;
    this.#waits.delete(player);
    this.#line.delete(wait);
    const owner = ownerOf(player);
    const left = this.#owners.get(owner)! - 1;
    if (left === 0) this.#owners.delete(owner);
    else this.#owners.set(owner, left);
    const key = keyOf(wait.path);
    const name = this.#names.get(key)!;
    name.waits.delete(wait);
    name.parked?.delete(wait);
    count(name.chosen, wait.encoder, -1);
    if (name.waits.size === 0) this.#names.delete(key);
  }
}

/** Whose a player is: several of a connection may have sinks of their own. */
export function ownerOf({ sink }: Player): object {
  return sink.owner ?? sink;
}

function count(chosen: Map<string, number>, encoder: FrameEncoder, by: number): void {
  if (encoder.chosen !== true) return;
  const total = (chosen.get(encoder.key) ?? 0) + by;
  if (total === 0) chosen.delete(encoder.key);
  else chosen.set(encoder.key, total);
}
