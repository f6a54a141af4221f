/**
 * How long ago a key frame came, and whether the next one can be waited for.
 *
 * @module
 */
import { timestampDelta } from "../core/rtmp/timestamp.ts";

/**
 * A stream whose pictures have gone on for so long without a key frame evidently sends none, or too
 * seldom to be waited for (ms): encoders that refresh the picture bit by bit begin with one key frame
 * and send no other. The longest usual distance, 250 frames, is 17 s at 15 frames per second.
 */
export const SELDOM_KEY_MS = 20_000;

/**
 * How long a player of such a stream waits for a key frame (ms). Then it is sent pictures as they
 * come: a decoder makes something of them, and sees them right once they have been refreshed.
 */
export const KEY_WAIT_MS = 2000;

/** The key frames of one stream, or of one encoding of it. */
export class KeyClock {
  /** When the newest key frame arrived (ms of the clock); `undefined` before the first one. */
  at: number | undefined;
  /** From the newest key frame but one to the newest, by their own time (ms); `undefined` before both came. */
  gopMs: number | undefined;
  #time = 0;
  #pictureAt = 0;
  #pictureTime = 0;

  /** A key frame of this timestamp came. */
  key(timestamp: number, now: number): void {
    if (this.at !== undefined) this.gopMs = timestampDelta(this.#time, timestamp);
    this.at = this.#pictureAt = now;
    this.#time = this.#pictureTime = timestamp;
  }

  /** Another picture came. */
  picture(timestamp: number, now: number): void {
    this.#pictureAt = now;
    this.#pictureTime = timestamp;
  }

  /** Whether pictures have gone on for {@link SELDOM_KEY_MS}, by the clock or by their own time. */
  get isOverdue(): boolean {
    const { at } = this;
    return at !== undefined && (this.#pictureAt - at >= SELDOM_KEY_MS ||
      timestampDelta(this.#time, this.#pictureTime) >= SELDOM_KEY_MS);
  }

  /** There is a new publisher. */
  clear(): void {
    this.at = undefined;
    this.gopMs = undefined;
  }

  /** Takes over what another one knows. */
  copy(other: KeyClock): void {
    this.at = other.at;
    this.gopMs = other.gopMs;
    this.#time = other.#time;
    this.#pictureAt = other.#pictureAt;
    this.#pictureTime = other.#pictureTime;
  }
}
