/**
 * Notices that of a stream with sound and pictures only one still comes: a camera that was switched off.
 * A browser plays no further than it has both, so it has to be told to go on without the other.
 *
 * @module
 */

/** @typedef {"audio" | "video"} Kind */

/** A stream begins with what the server kept of it, from before its camera was switched off (ms). */
const KEPT_MS = 1000;

/** Follows what comes of a stream. All times are in ms, of one clock. */
export class OneSided {
  /** Without which the stream is played, if any. @type {Kind | undefined} */
  #without;
  #patience;
  /** When the first media came. */
  #start = Infinity;
  /** There was a picture to begin with. */
  #key = false;
  /** When each came last, at first when any came. @type {{ audio: number, video: number } | undefined} */
  #last;

  /**
   * @param {{ without?: Kind, patienceMs: number }} options what is left out already, and how long a kind
   *   may be away while the other comes
   */
  constructor({ without, patienceMs }) {
    this.#without = without;
    this.#patience = patienceMs;
  }

  /**
   * Takes what came.
   *
   * @param {import("./flv_tags.js").Kinds} kinds
   * @param {number} now
   */
  came({ audio, video, keyFrame }, now) {
    if (!audio && !video) return;
    this.#key ||= keyFrame;
    const before = this.#last && Math.max(this.#last.audio, this.#last.video);
    // Behind a silence of both neither has been away for longer than the other.
    if (this.#last === undefined || before === undefined || now - before > this.#patience) {
      this.#last = { audio: now, video: now };
    }
    this.#start = Math.min(this.#start, now);
    if (audio) this.#last.audio = now;
    if (video) this.#last.video = now;
  }

  /**
   * What to play without from here on; `undefined` where it may stay as it is.
   *
   * @param {boolean} stands whether playback stands still
   * @returns {Kind | undefined}
   */
  missing(stands) {
    if (this.#last === undefined || this.#without !== undefined || !stands) return undefined;
    const { audio, video } = this.#last;
    if (audio - video > this.#patience) return "video";
    if (video - audio > this.#patience) return "audio";
    return undefined;
  }

  /**
   * Whether what is left out has come back, so that it can be played again.
   *
   * @param {import("./flv_tags.js").Kinds} kinds
   * @param {number} now
   */
  isWhole({ audio, video }, now) {
    if (now - this.#start < KEPT_MS) return false;
    if (this.#without === "video") return video && this.#key;
    return this.#without === "audio" && audio;
  }
}
