/**
 * One player: a position in the log of an encoding, and what is left out for it on the way.
 *
 * @module
 */
import type { Lockstep } from "./lockstep.ts";
import { LagLimits, type PlayerLimits } from "./lag_limits.ts";
import type { LogPage } from "./media_log.ts";
import { Omissions } from "./omissions.ts";
import { PausePlace } from "./pause_place.ts";
import type {
  JoinPoint,
  PlayEnd,
  PlayerObserver,
  PlayerSink,
  PlayerSource,
} from "./player_ports.ts";
import { ReadingPlace } from "./reading_place.ts";
import type { StreamKey } from "../stream_key.ts";

/** A player of one stream. */
export class Player {
  readonly sink: PlayerSink;
  readonly observer: PlayerObserver;
  /** The encoding it reads, once its stream has started. */
  encoding: PlayerSource | undefined;
  /** Place among the stragglers of the encoding, or in its lockstep; kept by these. */
  slot = -1;
  framesDropped = 0;
  /** What it plays or waits for; set by the registry. */
  path: StreamKey | undefined;
  /** Which copy of the encoding it is sent; see `FrameEncoder.variant`. */
  variant: number | undefined;

  readonly #limits: LagLimits;
  /** The lockstep it is in; then that knows the reading position. */
  #lockstep: Lockstep<Player> | undefined;
  #lockstepBytes = 0;
  #bytesOut = 0;
  /** Where it reads by itself; without a page it is paused, or has not begun. */
  readonly #at = new ReadingPlace();
  #paused = false;
  /** Where it was when it paused. */
  #place: PausePlace | undefined;
  readonly #omissions = new Omissions();
  #ending: PlayEnd | undefined;

  constructor(sink: PlayerSink, observer: PlayerObserver, limits: PlayerLimits) {
    this.sink = sink;
    this.observer = observer;
    this.#limits = new LagLimits(limits);
  }

  /** The page it reads, which keeps all that follow it; none while it is paused. */
  get page(): LogPage | undefined {
    return this.#at.page;
  }

  /** Whether it wants no media for now. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Bytes handed out so far. */
  get bytesOut(): number {
    const inLockstep = this.#lockstep === undefined
      ? 0
      : this.#lockstep.bytes - this.#lockstepBytes;
    return this.#bytesOut + inLockstep;
  }

  /** Bytes in the log that were not handed out yet. */
  get lag(): number {
    const page = this.#lockstep?.page ?? this.#at.page;
    const offset = this.#lockstep?.offset ?? this.#at.offset;
    return page === undefined ? 0 : this.encoding!.log.end - page.start - offset;
  }

  /** Whether it has been handed every frame so far, so that it can decode the next one. */
  get inStep(): boolean {
    if (this.#lockstep === undefined && this.#at.page === undefined) return false;
    return this.lag === 0 && !this.#omissions.awaitsKey && this.encoding!.hasVideo;
  }

  /** Joins the players that are in step, if it is in step and nothing stands between. */
  fallIn(lockstep: Lockstep<Player>): void {
    const page = this.#at.page;
    if (page === undefined || page.next !== undefined || this.#at.offset !== page.length) return;
    const { prelude } = this.#at;
    if (prelude !== undefined || this.#ending !== undefined || this.#omissions.awaitsKey) return;
    this.#omissions.caughtUp();
    if (this.#omissions.any) return;
    const { channel } = this.sink;
    if (channel === undefined || !lockstep.accepts(page, this.#at.offset)) return;
    this.encoding!.remove(this);
    lockstep.add(this, channel, page, this.#at.offset);
    this.#lockstep = lockstep;
    this.#lockstepBytes = lockstep.bytes;
    // It is the lockstep's now: the page may be gone long before the player leaves.
    this.#at.goOn(this.encoding!.log, undefined, 0);
    this.#at.hand(undefined);
    this.#limits.reset();
  }

  /** Takes what the players in step of its half are still to be handed, ahead of them. */
  catchUp(): void {
    if (this.#lockstep === undefined || this.lag === 0) return;
    this.fallOut();
    this.sink.pump();
  }

  /** Reads on by itself, from where the players in step are. */
  fallOut(): void {
    const lockstep = this.#lockstep;
    if (lockstep === undefined) return;
    this.#bytesOut = this.bytesOut;
    this.#at.goOn(this.encoding!.log, lockstep.page, lockstep.offset);
    this.#lockstep = undefined;
    lockstep.remove(this);
    this.encoding!.straggle(this);
  }

  /** The lockstep's write to its channel is in flight. */
  blocked(): void {
    this.#at.hand(this.#lockstep?.handed);
    this.fallOut();
    this.sink.onBlocked?.();
  }

  /**
   * Something of this player's threw. It and its connection pay for that, and whoever called goes on.
   * Throws nothing itself.
   */
  fault(error: unknown): void {
    try {
      this.fallOut();
      if (this.sink.onFault === undefined) this.leave();
      else this.sink.onFault(error);
    } catch {
      // Of a sink that cannot even be told, nothing is left to tell.
      this.leave();
    }
  }

  /** Its stream is live for it. */
  started(): void {
    this.#tell(() => this.observer.onStart());
  }

  /** Its stream has another publisher. */
  published(): void {
    this.#tell(() => this.observer.onPublish?.());
  }

  #ended(reason: PlayEnd): void {
    this.leave();
    this.#tell(() => this.observer.onEnd(reason));
  }

  #tell(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.fault(error);
    }
  }

  /** Starts reading: the headers, then from where it is told to. */
  join(encoding: PlayerSource, now: number, from: JoinPoint = "gop"): void {
    this.encoding = encoding;
    if (this.#paused) return;
    encoding.wake(now);
    const { log } = encoding;
    this.#omissions.clear();
    this.#at.owe(encoding.prelude());
    if (encoding.hasVideo && log.keyPage !== undefined && from === "gop") {
      this.#at.goOn(this.encoding!.log, log.keyPage, log.keyOffset);
      if (log.headersEnd > log.keyPosition) this.#omissions.leaveOutHeadersUpTo(log.headersEnd);
    } else {
      this.#at.goLive(this.encoding!.log);
      if (encoding.hasVideo && from !== "here") this.#omissions.awaitKey(now, false);
    }
    this.#limits.joined(this.lag, this.#at.lagMs(now));
  }

  /**
   * Moves on to the next key frame without taking anything; nothing is kept for it meanwhile. Where
   * there are no pictures, whatever comes next will do.
   *
   * @returns whether it has got there
   */
  seekKey(): boolean {
    const { encoding } = this;
    if (encoding === undefined || this.#paused) return false;
    if (!this.#omissions.awaitsKey) {
      if (this.lag > 0) return true;
    } else {
      if (this.#at.goToKey(encoding.log)) return true;
      this.#at.goLive(this.encoding!.log);
      // What came meanwhile may have been headers.
      this.#at.owe(encoding.prelude());
    }
    this.#finished();
    return false;
  }

  /** The next bytes for the peer, counted as sent; `undefined` when there are none right now. */
  next(): Uint8Array | undefined {
    const bytes = this.#next();
    this.#at.hand(bytes === undefined ? undefined : this.encoding!.viewed);
    return bytes;
  }

  #next(): Uint8Array | undefined {
    const { encoding } = this;
    if (encoding === undefined || this.#paused || this.#lockstep !== undefined) return undefined;
    const prelude = this.#at.prelude;
    if (prelude !== undefined) {
      const bytes = encoding.preludeView(prelude, this.variant);
      this.#at.owe(undefined);
      if (bytes.length > 0) return this.#sent(bytes);
    }
    let page = this.#at.page;
    if (page === undefined) return this.#finished();
    while (this.#at.offset === page.length) {
      // First, because a page that nobody reads any more leads nowhere.
      const next: LogPage | undefined = page.next;
      if (next === undefined) return this.#finished();
      this.#at.goOn(this.encoding!.log, next, 0);
      page = next;
    }
    if (!encoding.mayView(page, this.#at.offset, this.variant)) return undefined;
    if (this.#omissions.any || this.#limits.nearBytes(this.lag, 1 / 2)) {
      return this.#nextKept(page);
    }
    const view = encoding.view(page, this.#at.offset, this.variant);
    this.#at.offset += view.length;
    return this.#sent(view);
  }

  /** The slow path of a player for which something is left out. */
  #nextKept(page: LogPage): Uint8Array | undefined {
    const omissions = this.#omissions;
    omissions.next(page, this.#at.offset, this.lag, this.#limits, this.encoding!.keys);
    const { start, end } = omissions;
    this.#at.offset = end;
    this.#countDropped();
    if (start === end) return this.#next();
    return this.#sent(this.encoding!.range(page, start, end, this.variant));
  }

  #countDropped(): void {
    this.framesDropped += this.#omissions.dropped;
    this.encoding!.framesDropped += this.#omissions.dropped;
  }

  #sent(bytes: Uint8Array): Uint8Array {
    this.#bytesOut += bytes.length;
    this.encoding!.bytesOut += bytes.length;
    return bytes;
  }

  #finished(): undefined {
    this.#omissions.caughtUp();
    if (this.#ending !== undefined) this.#ended(this.#ending);
    return undefined;
  }

  /**
   * Keeps a player that cannot follow within its bounds. Called while its sink is busy.
   *
   * @param full also look at the age of what is queued, which costs a search
   */
  enforce(now: number, full: boolean): void {
    if (this.#at.page === undefined) return;
    const { lag } = this;
    const lagMs = full ? this.#at.lagMs(now) : 0;
    if (this.#limits.isOver(lag, lagMs)) return this.#overflow(now);
    if (full) {
      this.#omissions.isLate = this.#limits.nearMs(lagMs, 1 / 2);
      if (this.#limits.nearMs(lagMs, 1 / 4) && this.encoding!.hasVideo) {
        this.#omissions.awaitKey(now, true);
      }
    }
    this.#limits.caughtUpTo(lag, full ? lagMs : undefined);
  }

  /** Over a limit: drops what is queued, or gives up. */
  #overflow(now: number): void {
    const what = this.#limits.overflow(this.bytesOut, now);
    if (what === "end") return this.#ended("stalled");
    if (what === "new") {
      this.observer.onSkip?.();
      // Whoever is told may leave.
      if (this.#at.page === undefined) return;
    }
    this.#skip(now);
  }

  /** Bytes of what it was handed last, if a write of that may be under way. */
  get handedBytes(): number {
    return this.sink.busy ? this.#at.handedBytes : 0;
  }

  /** Gives up what is queued for it: others need the memory. */
  makeRoom(now: number): void {
    this.fallOut();
    if (this.#at.page === undefined || this.lag === 0) return;
    this.#tell(() => this.observer.onSkip?.());
    if (this.#at.page !== undefined) this.#skip(now);
  }

  /** Goes on in the page that comes next, where it is through with this one. */
  settle(): void {
    if (this.encoding !== undefined) this.#at.settle(this.encoding.log);
  }

  /** Ends it as one that is too slow. */
  stall(): void {
    this.#ended("stalled");
  }

  /** Drops what is queued: on to the newest key frame, or here without pictures until one comes. */
  #skip(now: number): void {
    const { log, hasVideo } = this.encoding!;
    const from = this.#at.page!.start + this.#at.offset;
    const keyIsAhead = log.keyPosition > from &&
      log.end - log.keyPosition <= this.#limits.limits.bytes;
    const to = keyIsAhead ? log.keyPosition : log.end;
    const headerLost = this.#omissions.skip(this.#at.page!, this.#at.offset, to);
    this.#countDropped();
    this.#limits.reset();
    // Until it has caught up, it is handed little at once.
    this.#omissions.isLate = true;
    if (headerLost) this.#at.owe(this.encoding!.prelude());
    if (keyIsAhead) {
      this.#at.goOn(this.encoding!.log, log.keyPage, log.keyOffset);
    } else {
      this.#at.goLive(this.encoding!.log);
      if (hasVideo) this.#omissions.awaitKey(now, false);
    }
  }

  /** Stops handing out; what is published meanwhile is not kept for this player. */
  pause(): void {
    this.fallOut();
    if (this.#paused) return;
    this.#paused = true;
    const { encoding } = this;
    const { page, offset, prelude } = this.#at;
    // What is still to be sent before anything else: it knows nothing yet.
    this.#place = encoding === undefined || page === undefined || prelude !== undefined
      ? undefined
      : new PausePlace(encoding, page, offset, !this.#omissions.awaitsKey);
    if (encoding !== undefined) this.#at.goOn(encoding.log, undefined, 0);
    this.#at.owe(undefined);
  }

  /**
   * Goes on live, without what it has seen: in the GOP that it paused in, if that is still kept, else
   * with the newest one.
   *
   * @param after timestamp of the last message that it has seen (ms); left out, or later than what it
   * was sent: it has seen all that it was sent
   */
  resume(now: number, after?: number): void {
    if (!this.#paused) return;
    this.#paused = false;
    const { encoding } = this;
    if (encoding === undefined) return;
    this.join(encoding, now);
    this.#place?.resume(encoding, this.#at, this.#omissions, now, after);
  }

  /** Begins anew, from the headers and the cached GOP: the client dropped what it had. */
  rejoin(now: number): void {
    if (this.encoding === undefined || this.#paused || this.#ending !== undefined) return;
    this.fallOut();
    this.join(this.encoding, now);
  }

  /** Ends the play once everything in the log has been handed out. */
  finish(reason: PlayEnd): void {
    this.fallOut();
    this.#ending = reason;
    if (this.encoding === undefined || this.#paused || this.#at.page === undefined) {
      this.#finished();
    }
  }

  /** Leaves the encoding at once. */
  leave(): void {
    this.fallOut();
    this.#at.leave(this.encoding?.log, this.sink);
    this.encoding?.remove(this);
    this.encoding = undefined;
    this.#ending = undefined;
  }
}
