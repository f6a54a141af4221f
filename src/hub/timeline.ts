/**
 * The time of a stream as its players see it: that of the publisher, but for what no player could
 * follow. It never runs backwards, and it does not leap.
 *
 * @module
 */
import { timestampDelta } from "../core/rtmp/timestamp.ts";
import { FrameKind } from "./frame.ts";

/**
 * How far sound or picture may go back without being taken for a leap (ms): encoders that order
 * their messages badly. Such a message gets the time of the one before it.
 */
export const MAX_STEP_BACK_MS = 1000;

/** How much faster than the clock sound or picture may go on without being taken for a leap (ms). */
export const MAX_STEP_AHEAD_MS = 10_000;

/** Sound and picture are followed apart: some encoders count them from different beginnings. */
class Follower {
  /** Added to the publisher's timestamps. */
  offset = 0;
  /** Last time that came out, and when it went on (ms of the clock); unset before the first one. */
  last = 0;
  at: number | undefined;
}

/** The time of one stream. Timestamps are milliseconds, modulo 2^32. */
export class Timeline {
  /** How often time leapt and was brought back. */
  leaps = 0;
  readonly #audio = new Follower();
  readonly #video = new Follower();
  /** The one that was heard of last. */
  #newest = this.#video;
  /** The first message of a new publisher has not come, for which players were kept. */
  #joins = false;

  /** The newest time that came out. */
  get last(): number {
    return this.#newest.last;
  }

  /** A new publisher. With players that were kept from the one before, time goes on for them. */
  restart(kept: boolean): void {
    this.#joins = kept;
    if (kept) return;
    for (const follower of [this.#audio, this.#video]) {
      follower.offset = follower.last = 0;
      follower.at = undefined;
    }
  }

  /** The time of a message of sound or picture that the publisher gives `timestamp`. */
  follow(kind: number, timestamp: number, now: number): number {
    const one = kind === FrameKind.Audio ? this.#audio : this.#video;
    if (this.#joins) this.#join(timestamp, now);
    let time = (timestamp + one.offset) >>> 0;
    if (one.at !== undefined) {
      const step = timestampDelta(one.last, time);
      if (step < -MAX_STEP_BACK_MS || step > now - one.at + MAX_STEP_AHEAD_MS) {
        time = this.#land(one, timestamp, now);
      } else if (step < 0) {
        time = one.last;
      }
    }
    if (one.at === undefined || time !== one.last) {
      one.last = time;
      one.at = now;
    }
    this.#newest = one;
    return time;
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
    this.#audio.offset = this.#video.offset = (due - timestamp) >>> 0;
  }

  /** Behind a leap: on with the other one where it has leapt as well, else as the clock says. */
  #land(one: Follower, timestamp: number, now: number): number {
    const other = one === this.#audio ? this.#video : this.#audio;
    const elapsed = Math.max(1, Math.round(now - one.at!));
    const together = (timestamp + other.offset) >>> 0;
    const step = timestampDelta(one.last, together);
    if (other.at !== undefined && step >= 0 && step <= elapsed + MAX_STEP_BACK_MS) {
      one.offset = other.offset;
      return together;
    }
    this.leaps++;
    const time = (one.last + elapsed) >>> 0;
    one.offset = (time - timestamp) >>> 0;
    return time;
  }
}
