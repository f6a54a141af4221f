/**
 * The players of an encoding that have been handed everything so far. They share one position, and
 * what is new is written to all of their connections in one loop that looks at nothing else: with
 * a thousand players, finding each one's own state in memory costs more than the loop does.
 *
 * @module
 */
import type { LogPage, MediaLog } from "./media_log.ts";
import type { MediaBuffer } from "../media_memory.ts";
import type { PlayerChannel, PlayerSlot } from "./player_ports.ts";

/** A player, as its lockstep knows it. */
export interface LockstepMember extends PlayerSlot {
  /** The write to its channel is in flight. */
  blocked(): void;
  /** Something of its own threw. */
  fault(error: unknown): void;
}

/** Takes the place of a member that left while the others were written to. */
const GONE: PlayerChannel = { write: () => true };

/** Where a lockstep gets what it hands out. */
export interface LockstepSource {
  /** The bytes of a page from an offset on, as players of `variant` are sent them. */
  view(page: LogPage, from: number, variant: number | undefined): Uint8Array;
  /** Whether there is memory for that; if not, it is to be asked again later. */
  mayView(page: LogPage, from: number, variant: number | undefined): boolean;
  /** What the view that was handed out last is of. */
  readonly viewed: MediaBuffer | undefined;
}

/** Players in step. */
export class Lockstep<Member extends LockstepMember = LockstepMember> {
  /** Bytes handed to each member while it was one: count from what this was when it came. */
  bytes = 0;
  /** Where all members go on; set while there are any. */
  page: LogPage | undefined;
  offset = 0;
  /** What was written last: a write of it may be under way where a member leaves for that. */
  handed: MediaBuffer | undefined;
  readonly #log: MediaLog;
  readonly #variant: number | undefined;
  readonly #players: (Member | undefined)[] = [];
  readonly #channels: PlayerChannel[] = [];
  #writing = false;
  #gone = 0;

  /** Players of `log`, of one variant of its encoding. */
  constructor(log: MediaLog, variant?: number) {
    this.#log = log;
    this.#variant = variant;
  }

  /** Number of members. */
  get size(): number {
    return this.#channels.length - this.#gone;
  }

  /** Where all members go on in the log; without members, nowhere: 0. */
  get position(): number {
    return this.page === undefined ? 0 : this.page.start + this.offset;
  }

  /** The members, as they are now. */
  members(): Member[] {
    return this.#players.filter((player) => player !== undefined);
  }

  /** Whether a player that goes on at `offset` of `page` may come in. */
  accepts(page: LogPage, offset: number): boolean {
    return !this.#writing && (this.size === 0 || this.page === page && this.offset === offset);
  }

  /** Lets a player in, which goes on at `offset` of `page`; see {@link accepts}. */
  add(player: Member, channel: PlayerChannel, page: LogPage, offset: number): void {
    this.#goOn(page, offset);
    player.slot = this.#players.push(player) - 1;
    this.#channels.push(channel);
  }

  /** Goes on in the page that comes next, where it is through with this one. */
  settle(): void {
    const { page } = this;
    if (page?.next !== undefined && this.offset === page.length) this.#goOn(page.next, 0);
  }

  #goOn(page: LogPage | undefined, offset: number): void {
    const before = this.page;
    if (page !== before) {
      if (page !== undefined) this.#log.hold(page);
      this.page = page;
      if (before !== undefined) this.#log.release(before);
    }
    this.offset = offset;
  }

  /** Lets a member go. */
  remove(player: Member): void {
    if (this.#writing) {
      this.#players[player.slot] = undefined;
      this.#channels[player.slot] = GONE;
      this.#gone++;
    } else {
      this.#takeOut(player.slot);
    }
    if (this.size === 0) this.#goOn(undefined, 0);
  }

  /** The last member takes the place, so that this costs the same for any. */
  #takeOut(slot: number): void {
    const last = this.#players.pop();
    const channel = this.#channels.pop()!;
    if (slot === this.#channels.length) return;
    this.#players[slot] = last;
    this.#channels[slot] = channel;
    if (last !== undefined) last.slot = slot;
  }

  /**
   * Writes what is new in the log to every member. One whose connection takes no more leaves.
   *
   * @returns bytes handed out to all of them together
   */
  flush(source: LockstepSource): number {
    let total = 0;
    while (this.page !== undefined && !this.#writing) {
      const { page } = this;
      if (this.offset < page.length) {
        if (!source.mayView(page, this.offset, this.#variant)) break;
        const bytes = source.view(page, this.offset, this.#variant);
        this.handed = source.viewed;
        // First, because a member that leaves in the loop has been handed these.
        this.offset += bytes.length;
        this.bytes += bytes.length;
        total += bytes.length * this.size;
        this.#write(bytes);
      } else if (page.next === undefined) {
        break;
      } else {
        this.#goOn(page.next, 0);
      }
    }
    this.handed = undefined;
    return total;
  }

  #write(bytes: Uint8Array): void {
    const channels = this.#channels;
    this.#writing = true;
    for (let index = channels.length - 1; index >= 0; index--) {
      try {
        if (!channels[index]!.write(bytes)) this.#players[index]?.blocked();
      } catch (error) {
        // Whatever failed, the write or telling that it blocks: see `Player.fault`.
        this.#players[index]?.fault(error);
      }
    }
    this.#writing = false;
    for (let slot = channels.length; this.#gone > 0;) {
      if (channels[--slot] !== GONE) continue;
      this.#gone--;
      this.#takeOut(slot);
    }
  }
}
