/**
 * The time of a stream, without wraps and leaps, for all its tracks together.
 *
 * @module
 */

/** Furthest step of a track behind its last time that is no leap (ms). */
export const MAX_STEP_BACK_MS = 1000;

/** Furthest that a track may be before or behind the newest time of all without having leapt (ms). */
export const MAX_APART_MS = 10_000;

/** Where one track is in time. */
export class TrackTime {
  /** Time of its last frame (ms); none before the first. */
  last: number | undefined;
  /** Added to its timestamps; none before the first. */
  offset: number | undefined;
}

/**
 * Turns timestamps, which are milliseconds modulo 2^32, into milliseconds since the beginning. Where
 * they leap, time goes on as if they had not. The first track that leaps says by how much; the others
 * follow once they leap as well.
 */
export class MediaClock {
  /** How often the time leapt. */
  leaps = 0;
  /** How far it leapt the last time (ms): what was lost, negative where it went back. */
  leapMs = 0;
  #newest: number;
  #offset: number | undefined;

  /** @param startMs time of the first timestamp */
  constructor(startMs: number) {
    this.#newest = startMs;
  }

  /** Newest time that was given (ms). */
  get newest(): number {
    return this.#newest;
  }

  /**
   * The time of a timestamp (ms).
   *
   * @param track whose it is; goes on
   * @param frameMs how long its last frame is taken to last behind a leap
   */
  place(timestamp: number, track: TrackTime, frameMs: number): number {
    this.#offset ??= this.#newest - timestamp;
    track.offset ??= this.#offset;
    let time = this.#at(timestamp, track.offset);
    if (!this.#follows(time, track) && track.offset !== this.#offset) {
      track.offset = this.#offset;
      time = this.#at(timestamp, track.offset);
    }
    if (!this.#follows(time, track)) {
      const due = Math.max(this.#newest, track.last === undefined ? 0 : track.last + frameMs);
      this.leaps++;
      this.leapMs = time - due;
      track.offset = this.#offset = due - timestamp;
      time = due;
    }
    track.last = time;
    if (time > this.#newest) this.#newest = time;
    return time;
  }

  /** The time nearest to the newest that the timestamp can stand for. */
  #at(timestamp: number, offset: number): number {
    return this.#newest + ((timestamp + offset - this.#newest) | 0);
  }

  #follows(time: number, { last }: TrackTime): boolean {
    return Math.abs(time - this.#newest) <= MAX_APART_MS &&
      (last === undefined || time - last >= -MAX_STEP_BACK_MS);
  }
}
