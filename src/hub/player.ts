/**
 * One player: a position in the log of a rendition, and what is left out for it on the way.
 *
 * @module
 */
import type { Cohort } from "./cohort.ts";
import { FrameFlag } from "./frame.ts";
import { LagLimits, type PlayerLimits } from "./lag_limits.ts";
import type { LogPage } from "./media_log.ts";
import type { MediaBuffer } from "./media_memory.ts";
import { Omissions } from "./omissions.ts";
import { PausePlace } from "./pause_place.ts";
import type { JoinPoint, PlayEnd, PlayerObserver, PlayerSink } from "./player_ports.ts";
import type { Prelude, Rendition } from "./rendition.ts";

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
  /** Which copy of the encoding it is sent; see `FrameEncoder.variant`. */
  variant: number | undefined;

  readonly #limits: LagLimits;
  /** The cohort it is in; then that knows the reading position. */
  #cohort: Cohort | undefined;
  #cohortBytes = 0;
  #bytesOut = 0;
  /** Reading position; without a page it is paused, or has not begun. */
  #page: LogPage | undefined;
  #offset = 0;
  /** Configuration to send before anything else, after a join or a skip. */
  #prelude: Prelude | undefined;
  /** What it was handed last, which a write may be under way of. */
  #handed: MediaBuffer | undefined;
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
    return this.#page;
  }

  /** Whether it wants no media for now. */
  get paused(): boolean {
    return this.#paused;
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
    return reads && this.lag === 0 && !this.#omissions.awaitsKey && this.rendition!.hasVideo;
  }

  /** Joins the players that are in step, if it is in step and nothing stands between. */
  fallIn(cohort: Cohort): void {
    const page = this.#page;
    if (page === undefined || page.next !== undefined || this.#offset !== page.length) return;
    if (this.#prelude !== undefined || this.#ending !== undefined) return;
    if (this.#omissions.awaitsKey) return;
    this.#omissions.caughtUp();
    if (this.#omissions.any) return;
    const { channel } = this.sink;
    if (channel === undefined || !cohort.accepts(page, this.#offset)) return;
    this.rendition!.remove(this);
    cohort.add(this, channel, page, this.#offset);
    this.#cohort = cohort;
    this.#cohortBytes = cohort.bytes;
    // It is the cohort's now: the page may be gone long before the player leaves.
    this.#goOn(undefined, 0);
    this.#hand(undefined);
    this.#limits.reset();
  }

  /** Reads on by itself, from where the players in step are. */
  fallOut(): void {
    const cohort = this.#cohort;
    if (cohort === undefined) return;
    this.#bytesOut = this.bytesOut;
    this.#goOn(cohort.page, cohort.offset);
    this.#cohort = undefined;
    cohort.remove(this);
    this.rendition!.straggle(this);
  }

  /** The cohort's write to its channel is in flight. */
  blocked(): void {
    this.#hand(this.#cohort?.handed);
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
    try {
      this.observer.onStart();
    } catch (error) {
      this.fault(error);
    }
  }

  /** Its stream has another publisher. */
  published(): void {
    try {
      this.observer.onPublish?.();
    } catch (error) {
      this.fault(error);
    }
  }

  #ended(reason: PlayEnd): void {
    this.leave();
    try {
      this.observer.onEnd(reason);
    } catch (error) {
      this.fault(error);
    }
  }

  /** Starts reading: the headers, then from where it is told to. */
  join(rendition: Rendition, now: number, from: JoinPoint = "gop"): void {
    this.rendition = rendition;
    if (this.#paused) return;
    rendition.wake(now);
    const { log } = rendition;
    this.#omissions.clear();
    this.#owe(rendition.prelude());
    if (rendition.hasVideo && log.keyPage !== undefined && from === "gop") {
      this.#goOn(log.keyPage, log.keyOffset);
      if (log.headersEnd > log.keyPosition) this.#omissions.leaveOutHeadersUpTo(log.headersEnd);
    } else {
      this.#goLive();
      if (rendition.hasVideo && from !== "here") this.#omissions.awaitKey(now, false);
    }
    this.#limits.joined(this.lag, this.#lagMs(now));
  }

  /** Goes to the end of the log. */
  #goLive(): void {
    const { tail } = this.rendition!.log;
    this.#goOn(tail, tail.length);
  }

  /** Goes on reading at `offset` of `page`, which is kept for it, or reads nothing. */
  #goOn(page: LogPage | undefined, offset: number): void {
    const before = this.#page;
    if (page !== before) {
      const { log } = this.rendition!;
      if (page !== undefined) log.hold(page);
      this.#page = page;
      if (before !== undefined) log.release(before);
    }
    this.#offset = offset;
  }

  /** Has `prelude` to send before anything else, or nothing. */
  #owe(prelude: Prelude | undefined): void {
    prelude?.pin();
    this.#prelude?.unpin();
    this.#prelude = prelude;
  }

  /** A write of `buffer` follows, or none: that of what was handed before is over. */
  #hand(buffer: MediaBuffer | undefined): void {
    if (buffer === this.#handed) return;
    buffer?.pin();
    this.#handed?.unpin();
    this.#handed = buffer;
  }

  /**
   * Moves on to the next key frame without taking anything; nothing is kept for it meanwhile. Where
   * there are no pictures, whatever comes next will do.
   *
   * @returns whether it has got there
   */
  seekKey(): boolean {
    const { rendition } = this;
    if (rendition === undefined || this.#paused) return false;
    if (!this.#omissions.awaitsKey) {
      if (this.lag > 0) return true;
    } else {
      const { log } = rendition;
      if (log.keyPosition >= this.#page!.start + this.#offset) {
        this.#goOn(log.keyPage, log.keyOffset);
        return true;
      }
      for (let page = this.#page; page !== undefined; page = page.next) {
        const index = page.indexOf(FrameFlag.Key, page === this.#page ? this.#offset : 0);
        if (index < 0) continue;
        this.#goOn(page, index === 0 ? 0 : page.ends[index - 1]!);
        return true;
      }
      this.#goLive();
      // What came meanwhile may have been headers.
      this.#owe(rendition.prelude());
    }
    this.#finished();
    return false;
  }

  /** The next bytes for the peer, counted as sent; `undefined` when there are none right now. */
  next(): Uint8Array | undefined {
    const bytes = this.#next();
    this.#hand(bytes === undefined ? undefined : this.rendition!.viewed);
    return bytes;
  }

  #next(): Uint8Array | undefined {
    const { rendition } = this;
    if (rendition === undefined || this.#paused || this.#cohort !== undefined) return undefined;
    const prelude = this.#prelude;
    if (prelude !== undefined) {
      const bytes = rendition.preludeView(prelude, this.variant);
      this.#owe(undefined);
      if (bytes.length > 0) return this.#sent(bytes);
    }
    let page = this.#page;
    if (page === undefined) return this.#finished();
    while (this.#offset === page.length) {
      // First, because a page that nobody reads any more leads nowhere.
      const next: LogPage | undefined = page.next;
      if (next === undefined) return this.#finished();
      this.#goOn(next, 0);
      page = next;
    }
    if (this.#omissions.any || this.#limits.nearBytes(this.lag, 1 / 2)) {
      return this.#nextKept(page);
    }
    const view = rendition.view(page, this.#offset, this.variant);
    this.#offset += view.length;
    return this.#sent(view);
  }

  /** The slow path of a player for which something is left out. */
  #nextKept(page: LogPage): Uint8Array | undefined {
    const omissions = this.#omissions;
    omissions.next(page, this.#offset, this.lag, this.#limits, this.rendition!.keys);
    const { start, end } = omissions;
    this.#offset = end;
    this.#countDropped();
    if (start === end) return this.#next();
    return this.#sent(this.rendition!.range(page, start, end, this.variant));
  }

  #countDropped(): void {
    this.framesDropped += this.#omissions.dropped;
    this.rendition!.framesDropped += this.#omissions.dropped;
  }

  #sent(bytes: Uint8Array): Uint8Array {
    this.#bytesOut += bytes.length;
    this.rendition!.bytesOut += bytes.length;
    return bytes;
  }

  #finished(): undefined {
    this.#omissions.caughtUp();
    const reason = this.#ending;
    if (reason === undefined) return undefined;
    this.#ended(reason);
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
    const lagMs = full ? this.#lagMs(now) : 0;
    if (this.#limits.isOver(lag, lagMs)) return this.#overflow(now);
    if (full) {
      this.#omissions.isLate = this.#limits.nearMs(lagMs, 1 / 2);
      if (this.#limits.nearMs(lagMs, 1 / 4) && this.rendition!.hasVideo) {
        this.#omissions.awaitKey(now, true);
      }
    }
    this.#limits.caughtUpTo(lag, full ? lagMs : undefined);
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
    const what = this.#limits.overflow(this.bytesOut, now);
    if (what === "end") return this.#ended("stalled");
    if (what === "new") {
      this.observer.onSkip?.();
      // Whoever is told may leave.
      if (this.#page === undefined) return;
    }
    this.#skip(now);
  }

  /** Bytes of what it was handed last, if a write of that may be under way. */
  get handedBytes(): number {
    return this.sink.busy ? this.#handed?.bytes.length ?? 0 : 0;
  }

  /** Gives up what is queued for it: others need the memory. */
  makeRoom(now: number): void {
    this.fallOut();
    if (this.#page === undefined || this.lag === 0) return;
    try {
      this.observer.onSkip?.();
    } catch (error) {
      this.fault(error);
    }
    // Whoever is told may leave.
    if (this.#page !== undefined) this.#skip(now);
  }

  /** Goes on in the page that comes next, where it is through with this one. */
  settle(): void {
    const page = this.#page;
    if (page?.next !== undefined && this.#offset === page.length) this.#goOn(page.next, 0);
  }

  /** Ends it as one that is too slow. */
  stall(): void {
    this.#ended("stalled");
  }

  /** Drops what is queued: on to the newest key frame, or here without pictures until one comes. */
  #skip(now: number): void {
    const { log, hasVideo } = this.rendition!;
    const from = this.#page!.start + this.#offset;
    const keyIsAhead = log.keyPosition > from &&
      log.end - log.keyPosition <= this.#limits.limits.bytes;
    const to = keyIsAhead ? log.keyPosition : log.end;
    const headerLost = this.#omissions.skip(this.#page!, this.#offset, to);
    this.#countDropped();
    this.#limits.reset();
    // Until it has caught up, it is handed little at once.
    this.#omissions.isLate = true;
    if (headerLost) this.#owe(this.rendition!.prelude());
    if (keyIsAhead) {
      this.#omissions.awaitsKey = false;
      this.#goOn(log.keyPage, log.keyOffset);
    } else {
      this.#goLive();
      if (hasVideo) this.#omissions.awaitKey(now, false);
    }
  }

  /** Stops handing out; what is published meanwhile is not kept for this player. */
  pause(): void {
    this.fallOut();
    if (this.#paused) return;
    const { rendition } = this;
    const page = this.#page;
    // What is still to be sent before anything else: it knows nothing yet.
    this.#place = rendition === undefined || page === undefined || this.#prelude !== undefined
      ? undefined
      : new PausePlace(
        rendition.log,
        rendition.headerVersion,
        page,
        this.#offset,
        !this.#omissions.awaitsKey,
      );
    this.#paused = true;
    this.#goOn(undefined, 0);
    this.#owe(undefined);
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
    const { rendition } = this;
    if (rendition === undefined) return;
    this.join(rendition, now);
    const place = this.#place;
    if (place?.log !== rendition.log) return;
    const seen = after !== undefined && place.wasSent(after) ? after : undefined;
    if (seen !== undefined) this.#omissions.leaveOutUpTo(seen);
    if (this.#omissions.awaitsKey || place.log.keyPage === undefined) return;
    const how = place.goesOn(seen);
    if (how === "key") {
      this.#goLive();
      this.#omissions.awaitKey(now, false);
    } else if (how === "behind") {
      if (place.headers === rendition.headerVersion) this.#owe(undefined);
      if (seen === undefined) this.#goTo(place.position);
    }
  }

  /** Moves on to a position in the log, if a message begins or ends there. */
  #goTo(position: number): void {
    let page = this.#page;
    while (page !== undefined && page.start + page.length < position) page = page.next;
    if (page?.begins(position - page.start)) this.#goOn(page, position - page.start);
  }

  /** Begins anew, from the headers and the cached GOP: the client dropped what it had. */
  rejoin(now: number): void {
    if (this.rendition === undefined || this.#paused || this.#ending !== undefined) return;
    this.fallOut();
    this.join(this.rendition, now);
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
    this.#goOn(undefined, 0);
    this.#owe(undefined);
    // Nobody tells it any more when that write is over.
    if (this.sink.busy) this.#handed?.orphan(this.sink);
    else this.#handed?.unpin();
    this.#handed = undefined;
    this.rendition?.remove(this);
    this.rendition = undefined;
    this.#ending = undefined;
  }
}
