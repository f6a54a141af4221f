/**
 * A stream in one encoding, shared by every player that wants exactly those bytes.
 *
 * @module
 */
import { timestampDelta } from "../core/rtmp/timestamp.ts";
import { Cohort } from "./cohort.ts";
import { type FrameEncoder, FrameFlag, FrameKind, LEFT_OUT, type MediaFrame } from "./frame.ts";
import { KeyClock } from "./key_clock.ts";
import { type LogPage, MediaLog } from "./media_log.ts";
import type { Player } from "./player.ts";
import type { JoinPoint } from "./player_ports.ts";

/** Video that may stand between the key frames of several tracks. */
const KEYS_OR_HEADER = FrameFlag.Key | FrameFlag.TrackKey | FrameFlag.Header;

/** How far the time of media headers may be from where a new player starts (ms): many share them. */
const MAX_PRELUDE_AGE_MS = 1000;

/** What a rendition asks of its stream. */
export interface RenditionSource {
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
}

/** A stream in one encoding. */
export class Rendition {
  readonly encoder: FrameEncoder;
  readonly log = new MediaLog();
  /** Its key frames: with one track of several they are others than those of the stream. */
  readonly keys = new KeyClock();
  /** Players that read by themselves: who joins, waits, is paused, or does not keep up. */
  readonly #stragglers: Player[] = [];
  /** All others. */
  readonly #cohort = new Cohort();
  /** Rises with each header that goes through the log. */
  headerVersion = 0;
  bytesOut = 0;
  framesDropped = 0;
  readonly #source: RenditionSource;
  /** Key frames of the stream since the last one of what is carried here. */
  #gopsSinceKey = 0;
  #prelude: Uint8Array | undefined;
  #preludeTime = 0;
  /** The view handed out last: players in step share it. */
  #view: Uint8Array | undefined;
  #viewPage: LogPage | undefined;
  #viewFrom = 0;
  #viewTo = 0;

  /** Whether players may start with the cached GOP, and not just with the next key frame. */
  readonly keepsGop: boolean;

  constructor(encoder: FrameEncoder, source: RenditionSource, now: number, keepsGop = true) {
    this.encoder = encoder;
    this.#source = source;
    this.keepsGop = keepsGop;
    if (keepsGop) { for (const frame of source.gop()) this.append(frame, now); }
    // What is cached came before now, and what came before that is not cached.
    this.keys.copy(source.keys);
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
    const encoder = this.encoder;
    if (!encoder.accepts(frame.kind)) return;
    const flags = encoder.flags(frame);
    if (flags !== frame.flags && (frame.flags & FrameFlag.Key) !== 0) this.#passKey(flags);
    if (flags === LEFT_OUT) return;
    const size = encoder.size(frame);
    const offset = this.log.reserve(size);
    // A page that is not written any more would keep all that follow it, with nobody to read them.
    if (this.#viewPage !== this.log.tail) this.#viewPage = this.#view = undefined;
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
    this.#prelude = undefined;
  }

  /** Headers for a player that starts here, encoded; empty when there are none yet. */
  prelude(): Uint8Array {
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
      this.#prelude = joined(parts);
    }
    return this.#prelude;
  }

  /** The bytes of `page` from `from` on; players at the same place get the same view. */
  view(page: LogPage, from: number): Uint8Array {
    const to = page.length;
    if (this.#viewPage !== page || this.#viewFrom !== from || this.#viewTo !== to) {
      this.#viewPage = page;
      this.#viewFrom = from;
      this.#viewTo = to;
      this.#view = page.bytes.subarray(from, to);
    }
    return this.#view!;
  }

  /** Memory that the log takes: every page from the oldest one that somebody still needs. */
  get heldBytes(): number {
    let oldest = this.log.keyPage ?? this.log.tail;
    if (this.#viewPage !== undefined && this.#viewPage.start < oldest.start) {
      oldest = this.#viewPage;
    }
    for (const { page } of [this.#cohort, ...this.#stragglers]) {
      if (page !== undefined && page.start < oldest.start) oldest = page;
    }
    let bytes = 0;
    for (let page: LogPage | undefined = oldest; page !== undefined; page = page.next) {
      bytes += page.bytes.length;
    }
    return bytes;
  }

  /** Number of players. */
  get playerCount(): number {
    return this.#stragglers.length + this.#cohort.size;
  }

  /** The players, as they are now. */
  players(): Player[] {
    return [...this.#stragglers, ...this.#cohort.members()];
  }

  /** Adds a player. */
  add(player: Player, now: number, from?: JoinPoint): void {
    // First: whatever happens then, it can leave.
    player.rendition = this;
    this.straggle(player);
    player.join(this, now, from);
  }

  /** Lets a player of this rendition read by itself. */
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

  /** Hands what is new to every player that can take it, and holds the others to their limits. */
  flush(now: number, full = false): void {
    this.bytesOut += this.#cohort.flush(this.log, this.#viewOf);
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
          if (stragglers[index] === player) player.fallIn(this.#cohort);
        }
      } catch (error) {
        index--;
        player?.fault(error);
      }
    }
  }

  readonly #viewOf = (page: LogPage, from: number): Uint8Array => this.view(page, from);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
