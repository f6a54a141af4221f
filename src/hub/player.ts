/**
 * One player: a position in the log of a rendition, and the rules for falling behind.
 *
 * @module
 */
import type { Cohort, PlayerChannel } from "./cohort.ts";
import { FrameFlag } from "./frame.ts";
import type { LogPage } from "./media_log.ts";
import type { Rendition } from "./rendition.ts";

/** Where a player's bytes go. */
export interface PlayerSink {
  /** Whether a write is in flight, so that calling {@link pump} now would be of no use. */
  readonly busy: boolean;
  /** There may be something to write: takes from {@link Player.next} until it is busy or done. */
  pump(): void;
  /**
   * Where its bytes go, while they may be written there past the sink: nothing else is queued, and
   * no other player shares it. The sink calls {@link Player.fallOut} before that ends.
   */
  readonly channel?: PlayerChannel | undefined;
  /** A write past the sink is in flight, as if {@link pump} had made it. */
  onBlocked?(): void;
  /** A write past the sink failed, by a fault of ours. */
  onFault?(error: unknown): void;
}

/** Why a play ended without the player asking for it. */
export type PlayEnd = "unpublished" | "not-found" | "shutdown" | "stalled";

/** What a player is told. Called synchronously; must not throw. */
export interface PlayerObserver {
  /** The stream has a publisher: media follows as soon as this returns. */
  onStart(): void;
  /** The play is over and everything that was due has been handed out. */
  onEnd(reason: PlayEnd): void;
  /** Its stream has another publisher, and it goes on. */
  onPublish?(): void;
  /** It could not keep up, and lost what was queued for it. */
  onSkip?(): void;
}

/** How far a player may fall behind before it skips to a key frame. */
export interface PlayerLimits {
  /** Encoded bytes not yet handed to the player's connection. */
  readonly bytes: number;
  /** Milliseconds since the oldest of them arrived. */
  readonly ms: number;
  /** How often within {@link OVERFLOW_WINDOW_MS} a player may go over before it is ended; 0 for ever. */
  readonly overflows: number;
}

/** Overflows further apart than this are not held against a player (ms). */
export const OVERFLOW_WINDOW_MS = 60_000;

/**
 * Where a player begins in a rendition with video: with the cached GOP, with the next key frame, or
 * with the next frame whatever it is.
 */
export type JoinPoint = "gop" | "key" | "here";

/**
 * What is handed at once to a player that is behind, give or take a message: nothing of it can be
 * left out any more, however long it takes.
 */
const SLOW_WRITE_BYTES = 64 * 1024;

/** A player of one stream. */
export class Player {
  readonly sink: PlayerSink;
  readonly observer: PlayerObserver;
  /** The rendition it reads, once its stream has started. */
  rendition: Rendition | undefined;
  /** Place among the stragglers of the rendition, or in its cohort; kept by these. */
  slot = -1;
  framesDropped = 0;
  /** When to give up waiting for a publisher (ms); set while the player waits for one. */
  deadline = Infinity;

  readonly #limits: PlayerLimits;
  /** The cohort it is in; then that knows the reading position. */
  #cohort: Cohort | undefined;
  #cohortBytes = 0;
  #bytesOut = 0;
  /** Reading position; without a page the player waits for a key frame. */
  #page: LogPage | undefined;
  #offset = 0;
  /** Configuration to send before anything else, after a join or a skip. */
  #prelude: Uint8Array | undefined;
  /** The header version that the peer knows, while it waits. */
  #headersKnown = -1;
  #paused = false;
  /** Inter frames were dropped: those that follow are of no use before a key frame. */
  #dropsInter = false;
  /** What is queued is so old that disposable frames are left out. */
  #isLate = false;
  /** When it went over its limits, within the last minute, and what it had been handed by then. */
  #overflows: number[] = [];
  #bytesAtOverflow = -1;
  #ending: PlayEnd | undefined;
  #allowedBytes: number;
  #allowedMs: number;

  constructor(sink: PlayerSink, observer: PlayerObserver, limits: PlayerLimits) {
    this.sink = sink;
    this.observer = observer;
    this.#limits = limits;
    this.#allowedBytes = limits.bytes;
    this.#allowedMs = limits.ms;
  }

  /** The page it reads, which keeps all that follow it; none while it waits or is paused. */
  get page(): LogPage | undefined {
    return this.#page;
  }

  /** Bytes handed out so far. */
  get bytesOut(): number {
    const cohort = this.#cohort;
    return cohort === undefined
      ? this.#bytesOut
      : this.#bytesOut + cohort.bytes - this.#cohortBytes;
  }

  /** Bytes in the log that were not handed out yet. */
  get lag(): number {
    const page = this.#cohort?.page ?? this.#page;
    const offset = this.#cohort?.offset ?? this.#offset;
    return page === undefined ? 0 : this.rendition!.log.end - page.start - offset;
  }

  /** Whether it has been handed every frame so far, so that it can decode the next one. */
  get inStep(): boolean {
    const reads = this.#cohort !== undefined || this.#page !== undefined;
    return reads && this.lag === 0 && !this.#dropsInter && this.rendition!.hasVideo;
  }

  /** Joins the players that are in step, if it is in step and nothing stands between. */
  fallIn(cohort: Cohort): void {
    const page = this.#page;
    if (page === undefined || page.next !== undefined || this.#offset !== page.length) return;
    if (this.#prelude !== undefined || this.#dropsInter || this.#ending !== undefined) return;
    const { channel } = this.sink;
    if (channel === undefined || !cohort.accepts(page, this.#offset)) return;
    this.rendition!.remove(this);
    cohort.add(this, channel, page, this.#offset);
    this.#cohort = cohort;
    this.#cohortBytes = cohort.bytes;
    // It is the cohort's now: the page may be gone long before the player leaves.
    this.#page = undefined;
    this.#isLate = false;
    this.#allowedBytes = this.#limits.bytes;
    this.#allowedMs = this.#limits.ms;
  }

  /** Reads on by itself, from where the players in step are. */
  fallOut(): void {
    const cohort = this.#cohort;
    if (cohort === undefined) return;
    this.#bytesOut = this.bytesOut;
    this.#page = cohort.page;
    this.#offset = cohort.offset;
    this.#cohort = undefined;
    cohort.remove(this);
    this.rendition!.straggle(this);
  }

  /** The cohort's write to its channel is in flight. */
  blocked(): void {
    this.fallOut();
    this.sink.onBlocked?.();
  }

  /** The cohort's write to its channel failed. */
  failed(error: unknown): void {
    this.fallOut();
    this.sink.onFault?.(error);
  }

  /** Starts reading: the headers, then from where it is told to. */
  join(rendition: Rendition, now: number, from: JoinPoint = "gop"): void {
    this.rendition = rendition;
    if (this.#paused) return;
    this.#seekStart(from);
    // The cached GOP is old already and may be larger than the limit: only what comes on top counts.
    this.#allowedBytes = this.lag + this.#limits.bytes;
    this.#allowedMs = this.#lagMs(now) + this.#limits.ms;
  }

  #seekStart(from: JoinPoint): void {
    const { log, hasVideo } = this.rendition!;
    this.#dropsInter = this.#isLate = false;
    this.#prelude = this.rendition!.prelude();
    this.#headersKnown = this.rendition!.headerVersion;
    if (!hasVideo || from === "here") {
      this.#page = log.tail;
      this.#offset = log.tail.length;
    } else if (log.keyPage !== undefined && from === "gop") {
      this.#page = log.keyPage;
      this.#offset = log.keyOffset;
    } else {
      this.#page = undefined;
    }
  }

  /** A key frame begins here: whoever waits for one starts with it. */
  keyFrameAt(page: LogPage, offset: number): void {
    if (this.#page !== undefined || this.#paused) return;
    this.#page = page;
    this.#offset = offset;
    if (this.rendition!.headerVersion !== this.#headersKnown) {
      this.#prelude = this.rendition!.prelude();
    }
  }

  /** The next bytes for the peer, counted as sent; `undefined` when there are none right now. */
  next(): Uint8Array | undefined {
    const { rendition } = this;
    if (rendition === undefined || this.#paused || this.#cohort !== undefined) return undefined;
    if (this.#prelude !== undefined) {
      const prelude = this.#prelude;
      this.#prelude = undefined;
      if (prelude.length > 0) return this.#sent(prelude);
    }
    let page = this.#page;
    if (page === undefined) return this.#finished();
    while (this.#offset === page.length) {
      if (page.next === undefined) return this.#finished();
      this.#page = page = page.next;
      this.#offset = 0;
    }
    // A quarter and a half of the limit are left: see `#nextKept`.
    if (
      this.#dropsInter || this.#isLate || this.lag > this.#allowedBytes - this.#limits.bytes / 2
    ) {
      return this.#nextKept(page);
    }
    const view = rendition.view(page, this.#offset);
    this.#offset = page.length;
    return this.#sent(view);
  }

  /**
   * The slow path of a player that falls behind: over half of a limit it is not sent disposable
   * frames, over three quarters no inter frames up to the next key frame. Sound, headers and data
   * go on.
   */
  #nextKept(page: LogPage): Uint8Array | undefined {
    if (this.lag > this.#allowedBytes - this.#limits.bytes / 4) this.#dropsInter = true;
    const drops = this.#dropsInter ? FrameFlag.Inter : FrameFlag.Disposable;
    const { flags, ends } = page;
    let index = page.indexAt(this.#offset);
    while (index < ends.length && (flags[index]! & drops) !== 0) {
      this.#offset = ends[index++]!;
      this.framesDropped++;
      this.rendition!.framesDropped++;
    }
    const start = this.#offset;
    const most = start + SLOW_WRITE_BYTES;
    while (index < ends.length && (flags[index]! & drops) === 0 && this.#offset < most) {
      this.#offset = ends[index]!;
      if ((flags[index++]! & FrameFlag.Key) !== 0 && this.#dropsInter) {
        this.#dropsInter = false;
        break;
      }
    }
    if (start === this.#offset) return this.next();
    return this.#sent(page.bytes.subarray(start, this.#offset));
  }

  #sent(bytes: Uint8Array): Uint8Array {
    this.#bytesOut += bytes.length;
    this.rendition!.bytesOut += bytes.length;
    return bytes;
  }

  #finished(): undefined {
    this.#isLate = false;
    const reason = this.#ending;
    if (reason === undefined) return undefined;
    this.leave();
    this.observer.onEnd(reason);
    return undefined;
  }

  /**
   * Keeps a player that cannot follow within its bounds. Called while its sink is busy.
   *
   * @param full also look at the age of what is queued, which costs a search
   */
  enforce(now: number, full: boolean): void {
    if (this.#page === undefined) return;
    const { lag } = this;
    const { bytes, ms } = this.#limits;
    const lagMs = full ? this.#lagMs(now) : 0;
    if (lag > this.#allowedBytes || lagMs > this.#allowedMs) return this.#overflow(now);
    if (full) {
      this.#isLate = lagMs > this.#allowedMs - ms / 2;
      if (lagMs > this.#allowedMs - ms / 4) this.#dropsInter = this.rendition!.hasVideo;
    }
    if (lag + bytes < this.#allowedBytes) this.#allowedBytes = lag + bytes;
    if (full && lagMs + ms < this.#allowedMs) this.#allowedMs = lagMs + ms;
  }

  #lagMs(now: number): number {
    const page = this.#page;
    if (page === undefined) return 0;
    const index = page.indexAt(this.#offset);
    const since = page.times[index] ?? page.next?.times[0];
    return since === undefined ? 0 : now - since;
  }

  /** Over a limit: drops what is queued, or gives up. */
  #overflow(now: number): void {
    // While it takes nothing at all it goes over again and again, but that is one and the same stall.
    if (this.bytesOut !== this.#bytesAtOverflow) {
      this.#bytesAtOverflow = this.bytesOut;
      this.#overflows = this.#overflows.filter((at) => now - at < OVERFLOW_WINDOW_MS);
      this.#overflows.push(now);
      if (this.#overflows.length === this.#limits.overflows) {
        this.leave();
        return this.observer.onEnd("stalled");
      }
      // Nothing is counted that nobody asks for.
      if (this.#limits.overflows === 0) this.#overflows.length = 0;
      this.observer.onSkip?.();
    }
    this.#skip();
  }

  /** Drops what is queued: on to the newest key frame, or to the next one that comes. */
  #skip(): void {
    const { log, hasVideo } = this.rendition!;
    const from = this.#page!.start + this.#offset;
    const keyIsAhead = log.keyPosition > from && log.end - log.keyPosition <= this.#limits.bytes;
    const to = keyIsAhead ? log.keyPosition : log.end;
    const headerLost = this.#countDropped(to);
    this.#allowedBytes = this.#limits.bytes;
    this.#allowedMs = this.#limits.ms;
    this.#dropsInter = false;
    // Until it has caught up, it is handed little at once.
    this.#isLate = true;
    if (headerLost) this.#prelude = this.rendition!.prelude();
    if (keyIsAhead) {
      this.#page = log.keyPage;
      this.#offset = log.keyOffset;
    } else if (hasVideo) {
      this.#page = undefined;
      this.#headersKnown = this.rendition!.headerVersion;
    } else {
      this.#page = log.tail;
      this.#offset = log.tail.length;
    }
  }

  /** Counts the messages from here to position `to`; tells whether a header was among them. */
  #countDropped(to: number): boolean {
    let headerLost = false;
    let index = this.#page!.indexAt(this.#offset);
    for (let page = this.#page; page !== undefined && page.start < to; page = page.next) {
      for (; index < page.ends.length && page.start + page.ends[index]! <= to; index++) {
        if ((page.flags[index]! & FrameFlag.Header) !== 0) headerLost = true;
        else {
          this.framesDropped++;
          this.rendition!.framesDropped++;
        }
      }
      index = 0;
    }
    return headerLost;
  }

  /** Stops handing out; what is published meanwhile is not kept for this player. */
  pause(): void {
    this.fallOut();
    this.#paused = true;
    this.#page = undefined;
    this.#prelude = undefined;
  }

  /** Goes on live, from the headers and the cached GOP. */
  resume(now: number): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.rendition !== undefined) this.join(this.rendition, now);
  }

  /** Ends the play once everything in the log has been handed out. */
  finish(reason: PlayEnd): void {
    this.fallOut();
    this.#ending = reason;
    if (this.rendition === undefined || this.#paused || this.#page === undefined) this.#finished();
  }

  /** Leaves the rendition at once. */
  leave(): void {
    this.fallOut();
    this.rendition?.remove(this);
    this.rendition = undefined;
    this.#page = undefined;
    this.#ending = undefined;
  }
}
