/**
 * A stream in one encoding, shared by every player that wants exactly those bytes.
 *
 * @module
 */
import { timestampDelta } from "../../core/rtmp/timestamp.ts";
import { Lockstep, type LockstepSource } from "./lockstep.ts";
import { type FrameEncoder, FrameFlag, FrameKind, LEFT_OUT, type MediaFrame } from "../frame.ts";
import { type Half, Halves } from "./halves.ts";
import { KeyClock } from "../key_clock.ts";
import { type LogPage, MediaLog } from "./media_log.ts";
import { type MediaBuffer, MediaMemory } from "../media_memory.ts";
import type { Player } from "./player.ts";
import type { JoinPoint, PlayerSource } from "./player_ports.ts";
import { Prelude } from "./prelude.ts";
import { VariantCopies } from "./variant_copies.ts";

/** Video that may stand between the key frames of several tracks. */
const KEYS_OR_HEADER = FrameFlag.Key | FrameFlag.TrackKey | FrameFlag.Header;

/** How far the time of media headers may be from where a new player starts (ms): many share them. */
const MAX_PRELUDE_AGE_MS = 1000;

/** What an encoding asks of its stream. */
export interface EncodingSource {
  /** Metadata and sequence headers in the order a new player needs them. */
  headers(): readonly MediaFrame[];
  /** Timestamp of the media headers among them: where a new player starts (ms). */
  readonly startTime: number;
  /** The current GOP; empty when there is none to start from. Payloads are lent. */
  gop(): Iterable<MediaFrame>;
  /** Whether pictures have been relayed, so that a player must start at a key frame. */
  readonly hasVideo: boolean;
  /** When those came. */
  readonly keys: KeyClock;
  /** Whether there is a video track of this id. */
  hasVideoTrack(id: number): boolean;
  /** Whether there is an audio track of this id. */
  hasAudioTrack(id: number): boolean;
}

/** A stream in one encoding. */
export class Encoding implements LockstepSource, PlayerSource {
  readonly encoder: FrameEncoder;
  readonly log: MediaLog;
  /** Its key frames: with one track of several they are others than those of the stream. */
  readonly keys = new KeyClock();
  /** Players that read by themselves: who joins, waits, is paused, or does not keep up. */
  readonly #stragglers: Player[] = [];
  /** All others, those that are sent a variant by themselves. */
  readonly #inStep: Halves<Player>;
  readonly #variants = new Map<number, Lockstep<Player>>();
  /** Rises with each header that goes through the log. */
  headerVersion = 0;
  bytesOut = 0;
  framesDropped = 0;
  /** What the view that was handed out last is of. */
  viewed: MediaBuffer | undefined;
  readonly #source: EncodingSource;
  readonly #memory: MediaMemory;
  /** Nobody wants media: nothing is encoded, and nothing kept. */
  #asleep = true;
  /** Timestamp and position of the key frame that was kept when it went to rest. */
  #rest: { readonly key: number; readonly position: number } | undefined;
  /** Key frames of the stream since the last one of what is carried here. */
  #gopsSinceKey = 0;
  #prelude: Prelude | undefined;
  #preludeTime = 0;
  /** The view handed out last: players in step share it. */
  #view: Uint8Array | undefined;
  #viewPage: LogPage | undefined;
  #viewFrom = 0;
  #viewTo = 0;
  readonly #copies: VariantCopies;

  /** Whether players may start with the cached GOP, and not just with the next key frame. */
  readonly keepsGop: boolean;

  /** `asleep`: its first player is paused. */
  constructor(
    encoder: FrameEncoder,
    source: EncodingSource,
    now: number,
    keepsGop = true,
    memory = new MediaMemory(),
    asleep = false,
  ) {
    this.encoder = encoder;
    this.#source = source;
    // Without video players start with what comes next.
    this.keepsGop = keepsGop && encoder.accepts(FrameKind.Video);
    this.#memory = memory;
    this.#copies = new VariantCopies(encoder, memory);
    this.log = new MediaLog(memory);
    this.#inStep = new Halves(this.log);
    if (!asleep) this.wake(now);
  }

  /** Somebody wants media: what is pushed is encoded from now on, and the GOP kept. */
  wake(now: number): void {
    if (!this.#asleep) return;
    this.#asleep = false;
    if (this.keepsGop) { for (const frame of this.#source.gop()) this.append(frame, now); }
    const { log } = this;
    const key = log.keyPage?.stampAt(log.keyOffset);
    // The same GOP is in the same place again: who paused in it goes on where it was.
    if (key !== undefined && key === this.#rest?.key) log.rebase(this.#rest.position);
    // What is cached came before now, and what came before that is not cached.
    this.keys.copy(this.#source.keys);
  }

  /** Encodes and keeps nothing until {@link wake}, if all players are paused; call it now and then. */
  rest(): void {
    if (this.#asleep || this.#inStep.size > 0) return;
    for (const lockstep of this.#variants.values()) if (lockstep.size > 0) return;
    for (const player of this.#stragglers) if (!player.paused) return;
    this.#sleep();
  }

  #sleep(): void {
    const { log } = this;
    this.#asleep = true;
    this.#gopsSinceKey = 0;
    const key = log.keyPage?.stampAt(log.keyOffset);
    const position = log.keyPosition;
    // A GOP has its headers beside it when it is encoded again: only without them all is in its place.
    this.#rest = key === undefined || log.headersEnd > position ? undefined : { key, position };
    this.#forgetView();
    this.#copies.drop();
    this.log.clear();
    this.#prelude?.drop();
    this.#prelude = undefined;
  }

  /** Gives its memory back: it has no players, and will have none. */
  close(): void {
    this.#sleep();
  }

  #forgetView(): void {
    this.#viewPage = this.#view = this.viewed = undefined;
  }

  /** Whether a player has to start at a key frame. */
  get hasVideo(): boolean {
    const { videoTrack } = this.encoder;
    return this.#source.hasVideo && this.encoder.accepts(FrameKind.Video) &&
      // Who waits for a key frame of a track that is not there would not even hear anything.
      (videoTrack === undefined || this.#source.hasVideoTrack(videoTrack));
  }

  /** Encodes a frame into the log. */
  append(frame: MediaFrame, now: number): void {
    if (this.#asleep) {
      if ((frame.flags & FrameFlag.Header) !== 0) this.headersChanged();
      return;
    }
    const encoder = this.encoder;
    if (!encoder.accepts(frame.kind)) return;
    const flags = encoder.flags(frame);
    if (flags !== frame.flags && (frame.flags & FrameFlag.Key) !== 0) this.#passKey(flags);
    if (flags === LEFT_OUT) return;
    const size = encoder.size(frame);
    const offset = this.log.reserve(size);
    // A page that is not written any more would keep all that follow it, with nobody to read them.
    if (this.#viewPage !== this.log.tail) this.#forgetView();
    encoder.encode(frame, this.log.tail.bytes, offset);
    if (frame.kind === FrameKind.Video && (flags & KEYS_OR_HEADER) === 0) this.log.endKeys();
    this.log.commit(size, flags, frame.timestamp, now);
    if ((flags & FrameFlag.Inter) !== 0) this.keys.picture(frame.timestamp, now);
    else if ((flags & FrameFlag.Key) !== 0) {
      this.keys.key(frame.timestamp, now);
      this.#gopsSinceKey = 0;
      if (!this.keepsGop) this.log.forgetKey();
    }
    if ((flags & FrameFlag.Header) !== 0) this.headersChanged();
  }

  /**
   * A GOP of the stream begins, and none of the track that is carried here. Where that track has its
   * key frames seldom or never, the log must not grow from the last one on.
   */
  #passKey(flags: number): void {
    if (flags !== LEFT_OUT && (flags & FrameFlag.Key) !== 0) return;
    if (++this.#gopsSinceKey > 1) this.log.forgetKey();
  }

  /** Metadata or a sequence header changed, or was removed. */
  headersChanged(): void {
    this.headerVersion++;
    this.#prelude?.drop();
    this.#prelude = undefined;
  }

  /** Headers for a player that starts here, encoded; empty when there are none yet. */
  prelude(): Prelude {
    const { startTime } = this.#source;
    const age = timestampDelta(this.#preludeTime, startTime);
    if (this.#prelude === undefined || Math.abs(age) > MAX_PRELUDE_AGE_MS) {
      this.#preludeTime = startTime;
      const parts: Uint8Array[] = [];
      for (const frame of this.#source.headers()) {
        const encoder = this.encoder;
        if (!encoder.accepts(frame.kind) || encoder.flags(frame) === LEFT_OUT) continue;
        const bytes = new Uint8Array(encoder.size(frame));
        encoder.encode(frame, bytes, 0);
        parts.push(bytes);
      }
      this.#prelude?.drop();
      this.#prelude = new Prelude(this.#memory, parts);
    }
    return this.#prelude;
  }

  /** The bytes of a prelude as players of `variant` are sent them. */
  preludeView(prelude: Prelude, variant: number | undefined): Uint8Array {
    this.viewed = prelude;
    if (variant === undefined || prelude.bytes.length === 0) return prelude.bytes;
    this.viewed = this.#copies.ofPrelude(prelude, variant);
    return this.viewed.bytes;
  }

  /**
   * Bytes of `page` from `from` on, as players of `variant` are sent them: all there are, and of a
   * copy no more than a write takes. Players at the same place get the same view.
   */
  view(page: LogPage, from: number, variant: number | undefined): Uint8Array {
    const to = page.length;
    if (variant !== undefined) {
      return this.range(page, from, this.#copies.endOf(page, from), variant);
    }
    this.viewed = page;
    if (this.#viewPage !== page || this.#viewFrom !== from || this.#viewTo !== to) {
      this.#viewPage = page;
      this.#viewFrom = from;
      this.#viewTo = to;
      this.#view = page.bytes.subarray(from, to);
    }
    return this.#view!;
  }

  /** Whether there is memory to hand out what comes at `from` of `page`. */
  mayView(page: LogPage, from: number, variant: number | undefined): boolean {
    return variant === undefined || from === page.length || this.#copies.mayCopy(page, from);
  }

  /** The bytes of `page` from `from` to `to`, between messages, as players of `variant` are sent them. */
  range(page: LogPage, from: number, to: number, variant: number | undefined): Uint8Array {
    if (variant !== undefined) {
      const { buffer, view } = this.#copies.of(page, from, to, variant);
      this.viewed = buffer;
      return view;
    }
    this.viewed = page;
    return page.bytes.subarray(from, to);
  }

  /** Memory that the pages of the log take. */
  get heldBytes(): number {
    return this.log.heldBytes;
  }

  /** Keeps nothing but what players are still to be handed. */
  trim(): void {
    this.#forgetView();
    this.log.clear();
    this.#inStep.settle();
    for (const lockstep of this.#variants.values()) lockstep.settle();
    for (const player of this.#stragglers) player.settle();
  }

  /** Bytes of the GOP that is kept for players to come. */
  get cachedBytes(): number {
    const { keyPosition, end } = this.log;
    return keyPosition < 0 ? 0 : end - keyPosition;
  }

  /** Number of players. */
  get playerCount(): number {
    let count = this.#stragglers.length + this.#inStep.size;
    for (const lockstep of this.#variants.values()) count += lockstep.size;
    return count;
  }

  /** The players, as they are now. */
  players(): Player[] {
    const players = [...this.#stragglers, ...this.#inStep.members()];
    for (const lockstep of this.#variants.values()) players.push(...lockstep.members());
    return players;
  }

  #lockstepOf(variant: number | undefined): Lockstep<Player> {
    if (variant === undefined) return this.#inStep.smaller;
    let lockstep = this.#variants.get(variant);
    if (lockstep === undefined) {
      lockstep = new Lockstep(this.log, variant);
      this.#variants.set(variant, lockstep);
    }
    return lockstep;
  }

  /** Adds a player. */
  add(player: Player, now: number, from?: JoinPoint): void {
    // First: whatever happens then, it can leave.
    player.encoding = this;
    this.straggle(player);
    player.join(this, now, from);
  }

  /** Lets a player of this encoding read by itself. */
  straggle(player: Player): void {
    player.slot = this.#stragglers.push(player) - 1;
  }

  /** Removes a player that reads by itself; the last one takes its place, so that any costs the same. */
  remove(player: Player): void {
    // A player that is none of them must not cost another its place.
    if (this.#stragglers[player.slot] !== player) return;
    const last = this.#stragglers.pop()!;
    if (last !== player) {
      this.#stragglers[player.slot] = last;
      last.slot = player.slot;
    }
    player.slot = -1;
  }

  /**
   * Hands what is new to every player that can take it, and holds the others to their limits.
   *
   * @param half of those in step only this half is handed it; both when it is left out
   */
  flush(now: number, half?: Half): void {
    this.bytesOut += this.#inStep.flush(this, half);
    this.#flushOthers(now, false);
  }

  /**
   * The same now and then, also holding those that cannot take it to the age of what is queued for
   * them. A half of those in step that waits for its turn still does.
   */
  watch(now: number): void {
    this.bytesOut += this.#inStep.catchUp(this);
    this.#flushOthers(now, true);
  }

  #flushOthers(now: number, full: boolean): void {
    if (this.#variants.size > 0) this.#flushVariants();
    const stragglers = this.#stragglers;
    // Backwards, because a player that leaves is replaced by one that was visited already.
    let index = stragglers.length - 1;
    while (index >= 0) {
      let player: Player | undefined;
      // One `try` for all of them, entered again behind a player that failed: the others get theirs.
      try {
        for (; index >= 0; index--) {
          player = stragglers[index];
          if (player === undefined) continue;
          if (player.sink.busy) player.enforce(now, full);
          else player.sink.pump();
          if (stragglers[index] === player) player.fallIn(this.#lockstepOf(player.variant));
        }
      } catch (error) {
        index--;
        player?.fault(error);
      }
    }
    this.#copies.drop();
  }

  #flushVariants(): void {
    for (const [variant, lockstep] of this.#variants) {
      if (lockstep.size === 0) this.#variants.delete(variant);
      else this.bytesOut += lockstep.flush(this);
    }
  }
}
