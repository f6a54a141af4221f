/**
 * What is left out of the log for one player: pictures that it could not decode, those that it is too
 * slow for, what it has seen before a pause. Sound, headers and data go on.
 *
 * @module
 */
import { timestampDelta } from "../../core/rtmp/timestamp.ts";
import { FrameFlag } from "../frame.ts";
import { KEY_WAIT_MS, type KeyClock } from "../key_clock.ts";
import type { LagLimits } from "./lag_limits.ts";
import type { LogPage } from "./media_log.ts";
import { MAX_STEP_BACK_MS } from "../ingest/timeline.ts";

/**
 * What is handed at once to a player that is behind, give or take a message: nothing of it can be
 * left out any more, however long it takes.
 */
const SLOW_WRITE_BYTES = 64 * 1024;

/** What is left out for one player. */
export class Omissions {
  /** Inter frames: they are of no use before a key frame. */
  awaitsKey = false;
  /** Disposable frames: what is queued is old. */
  isLate = false;
  /** Where {@link next} began and ended to take. */
  start = 0;
  end = 0;
  /** Frames that {@link next} or {@link skip} dropped because the player is too slow. */
  dropped = 0;
  #awaitsSince = 0;
  #countsDrops = false;
  /** Media up to this time was seen before a pause. */
  #after: number | undefined;
  /** Headers up to this position are older than those that it was sent first. */
  #headersUpTo = 0;

  /** Whether anything is left out, besides what a player loses for being far behind. */
  get any(): boolean {
    return this.awaitsKey || this.isLate || this.#after !== undefined || this.#headersUpTo > 0;
  }

  /** Leaves nothing out. */
  clear(): void {
    this.awaitsKey = false;
    this.#after = undefined;
    this.caughtUp();
  }

  /** The player is at the end of the log. */
  caughtUp(): void {
    this.isLate = false;
    this.#headersUpTo = 0;
  }

  /**
   * Leaves out inter frames up to the next key frame.
   *
   * @param counts whether they count as dropped, because the player is too slow for them
   */
  awaitKey(now: number, counts: boolean): void {
    if (!this.awaitsKey) this.#awaitsSince = now;
    this.awaitsKey = true;
    this.#countsDrops = counts;
  }

  /** Leaves out media up to a timestamp: it was seen. */
  leaveOutUpTo(timestamp: number): void {
    // A player may name a fraction: what has the whole millisecond behind it, it has not seen.
    this.#after = Math.floor(timestamp);
  }

  /**
   * Leaves out headers and stored data up to a position of the log: the latest of each are sent ahead
   * of everything. In the midst of media FFmpeg would take stored data for a track of subtitles.
   */
  leaveOutHeadersUpTo(position: number): void {
    this.#headersUpTo = position;
  }

  /**
   * Passes over what is left out from `offset` of a page on, and takes what is not.
   *
   * @param lag how far behind the player is: over half of its limit it is not sent disposable frames,
   * over three quarters no inter frames up to the next key frame
   */
  next(page: LogPage, offset: number, lag: number, limits: LagLimits, keys: KeyClock): void {
    const { flags, ends, times } = page;
    let index = page.indexAt(offset);
    const at = times[index] ?? 0;
    if (page.start + offset >= this.#headersUpTo) this.#headersUpTo = 0;
    const isSlow = limits.nearBytes(lag, 1 / 4);
    if (isSlow) this.awaitKey(at, true);
    else if (this.awaitsKey && at - this.#awaitsSince >= KEY_WAIT_MS && keys.isOverdue) {
      this.awaitsKey = false;
    }
    const drops = this.awaitsKey
      ? FrameFlag.Inter
      : this.isLate || limits.nearBytes(lag, 1 / 2)
      ? FrameFlag.Disposable
      : 0;
    const counts = !this.awaitsKey || this.#countsDrops;
    this.dropped = 0;
    while (index < ends.length && this.#leavesOut(page, index, drops)) {
      if (counts && (flags[index]! & drops) !== 0) this.dropped++;
      offset = ends[index++]!;
    }
    this.start = this.end = offset;
    if (!isSlow && this.awaitsKey && index < ends.length && (flags[index]! & FrameFlag.Key) !== 0) {
      // It is in step from here on, with views that all share.
      this.awaitsKey = false;
      return;
    }
    const most = offset + SLOW_WRITE_BYTES;
    while (index < ends.length && offset < most && !this.#leavesOut(page, index, drops)) {
      offset = ends[index]!;
      if ((flags[index++]! & FrameFlag.Key) !== 0 && this.awaitsKey) {
        this.awaitsKey = false;
        break;
      }
    }
    this.end = offset;
  }

  /**
   * Passes over everything from `offset` of a page to position `to` of the log.
   *
   * @returns whether a header was among it
   */
  skip(from: LogPage, offset: number, to: number): boolean {
    let headerLost = false;
    let index = from.indexAt(offset);
    this.dropped = 0;
    for (let page: LogPage | undefined = from; page !== undefined; page = page.next) {
      for (; index < page.ends.length && page.start + page.ends[index]! <= to; index++) {
        if ((page.flags[index]! & FrameFlag.Header) !== 0) headerLost = true;
        else this.dropped++;
      }
      index = 0;
    }
    return headerLost;
  }

  #leavesOut(page: LogPage, index: number, drops: number): boolean {
    const flags = page.flags[index]!;
    if ((flags & drops) !== 0) return true;
    if ((flags & FrameFlag.Header) !== 0) {
      return page.start + page.ends[index]! <= this.#headersUpTo;
    }
    if (this.#after === undefined) return false;
    const ahead = timestampDelta(this.#after, page.stamps[index]!);
    if (ahead > MAX_STEP_BACK_MS) this.#after = undefined;
    return ahead <= 0;
  }
}
