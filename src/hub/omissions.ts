/**
 * What is left out of the log for one player: pictures that it could not decode, those that it is too
 * slow for, what it has seen before a pause. Sound, headers and data go on.
 *
 * @module
 */
import { timestampDelta } from "../core/rtmp/timestamp.ts";
import { FrameFlag } from "./frame.ts";
import { KEY_WAIT_MS, type KeyClock } from "./key_clock.ts";
import type { LagLimits } from "./lag_limits.ts";
import type { LogPage } from "./media_log.ts";

/**
 * What is handed at once to a player that is behind, give or take a message: nothing of it can be
 * left out any more, however long it takes.
 */
const SLOW_WRITE_BYTES = 64 * 1024;

/**
 * What comes behind a pause may be so much older than what came before it (ms): encoders mix sound and
 * pictures badly, and order pictures by when they are decoded.
 */
export const MAX_DISORDER_MS = 1000;

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
  /** Messages up to this time, and of these headers up to this position, were seen before a pause. */
  #after: number | undefined;
  #seen = 0;

  /** Whether anything is left out, besides what a player loses for being far behind. */
  get any(): boolean {
    return this.awaitsKey || this.isLate || this.#after !== undefined;
  }

  /** Leaves nothing out. */
  clear(): void {
    this.awaitsKey = this.isLate = false;
    this.#after = undefined;
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

  /** Leaves out what was seen: messages up to a timestamp, and headers up to a position. */
  leaveOutUpTo(timestamp: number, seen: number): void {
    this.#after = timestamp >>> 0;
    this.#seen = seen;
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
    for (let page: LogPage | undefined = from; page !== undefined && page.start < to;) {
      for (; index < page.ends.length && page.start + page.ends[index]! <= to; index++) {
        if ((page.flags[index]! & FrameFlag.Header) !== 0) headerLost = true;
        else this.dropped++;
      }
      index = 0;
      page = page.next;
    }
    return headerLost;
  }

  #leavesOut(page: LogPage, index: number, drops: number): boolean {
    const flags = page.flags[index]!;
    if ((flags & drops) !== 0) return true;
    if (this.#after === undefined) return false;
    const ahead = timestampDelta(this.#after, page.stamps[index]!);
    if (ahead > MAX_DISORDER_MS) this.#after = undefined;
    // A header that came during the pause is needed, whatever its time.
    const isNew = (flags & FrameFlag.Header) !== 0 && page.start + page.ends[index]! > this.#seen;
    return ahead <= 0 && !isNew;
  }
}
