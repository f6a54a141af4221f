/**
 * The time of a stream as its players see it: that of the publisher, but for leaps, which no player
 * could follow.
 *
 * @module
 */
import { timestampDelta } from "../../core/rtmp/timestamp.ts";
import { FrameKind } from "../frame.ts";

/**
 * How far a track may go back behind the newest time it had, without being taken for a leap (ms):
 * encoders order their messages badly, or stamp pictures by when they are shown and send them by when
 * they are decoded.
 */
export const MAX_STEP_BACK_MS = 1000;

/** How much faster than the clock a track may go on without being taken for a leap (ms). */
export const MAX_STEP_AHEAD_MS = 10_000;

/** Most tracks of video, and of audio, that are followed apart; what is beyond follows track 0. */
const MAX_FOLLOWERS = 32;

/** Each track is followed by itself: some encoders count them from different beginnings. */
class Follower {
  /** Added to the publisher's timestamps, modulo 2^32. */
  offset = 0;
  /** Newest time that came out, and when it went on (ms of the clock); unset before the first one. */
  last = 0;
  at: number | undefined;
}

/** How far one kind of media has come. */
export interface MediaTime {
  /** Newest time that came out (ms). */
  readonly time: number;
  /** When that was (ms of the clock). */
  readonly at: number;
}

/** The time of one stream. Timestamps are milliseconds, modulo 2^32. */
export class Timeline {
  /** How often time leapt and was brought back. */
  leaps = 0;
  /** By track id; track 0 is always there. */
  readonly #audio = new Map([[0, new Follower()]]);
  readonly #video = new Map([[0, new Follower()]]);
  /** The one that was heard of last. */
  #newest = this.#video.get(0)!;
  /** The first message of a new publisher has not come, for which players were kept. */
  #joins = false;

  /** Whether there is a time: that of media that came, or of players that were kept. */
  get hasBegun(): boolean {
    return this.#newest.at !== undefined;
  }

  /** The newest time that came out. */
  get last(): number {
    return this.#newest.last;
  }

  /** How far the first track of a kind has come; `undefined` before anything of it came. */
  reached(kind: number): MediaTime | undefined {
    for (const { last, at } of (kind === FrameKind.Audio ? this.#audio : this.#video).values()) {
      if (at !== undefined) return { time: last, at };
    }
    return undefined;
  }

  /** A new publisher. With players that were kept from the one before, time goes on for them. */
  restart(kept: boolean): void {
    this.#joins = kept && this.hasBegun;
    if (kept) return;
    for (const followers of [this.#audio, this.#video]) {
      followers.clear();
      followers.set(0, new Follower());
    }
    this.#newest = this.#video.get(0)!;
  }

  /**
   * The time of a message of sound or picture that the publisher gives `timestamp`.
   *
   * @param track id of its track; of several the first
   */
  follow(kind: number, timestamp: number, now: number, track = 0): number {
    const one = this.#follower(kind, track);
    if (this.#joins) this.#join(timestamp, now);
    if (one.at === undefined) one.offset = this.#newest.offset;
    let time = (timestamp + one.offset) >>> 0;
    const step = one.at === undefined ? 1 : timestampDelta(one.last, time);
    if (
      one.at !== undefined &&
      (step < -MAX_STEP_BACK_MS || step > now - one.at + MAX_STEP_AHEAD_MS)
    ) {
      time = this.#land(one, timestamp, now);
    } else if (step <= 0) {
      this.#newest = one;
      return time;
    }
    one.last = time;
    one.at = now;
    this.#newest = one;
    return time;
  }

  #follower(kind: number, track: number): Follower {
    const followers = kind === FrameKind.Audio ? this.#audio : this.#video;
    let one = followers.get(track);
    if (one === undefined) {
      if (followers.size >= MAX_FOLLOWERS) return followers.get(0)!;
      followers.set(track, one = new Follower());
    }
    return one;
  }

  /** The time of what does not move time on: data, the end of a sequence. */
  beside(timestamp: number): number {
    return this.#joins ? this.last : (timestamp + this.#newest.offset) >>> 0;
  }

  /** Kept players: the first message comes as much later as the clock says it does. */
  #join(timestamp: number, now: number): void {
    this.#joins = false;
    const { last, at = now } = this.#newest;
    const due = last + Math.max(1, Math.round(now - at));
    for (const followers of [this.#audio, this.#video]) {
      for (const one of followers.values()) one.offset = due - timestamp;
    }
  }

  /** Behind a leap: on with another track that has leapt as well, else as the clock says. */
  #land(one: Follower, timestamp: number, now: number): number {
    const elapsed = Math.max(1, Math.round(now - one.at!));
    for (const followers of [this.#audio, this.#video]) {
      for (const other of followers.values()) {
        const together = (timestamp + other.offset) >>> 0;
        const step = timestampDelta(one.last, together);
        if (other.at !== undefined && step >= 0 && step <= elapsed + MAX_STEP_BACK_MS) {
          one.offset = other.offset;
          return together;
        }
      }
    }
    this.leaps++;
    const time = (one.last + elapsed) >>> 0;
    one.offset = time - timestamp;
    return time;
  }
}
