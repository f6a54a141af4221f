/**
 * Which pictures of a publisher are relayed: none before a key frame, which no decoder could use.
 *
 * @module
 */
import { KeyClock } from "../key_clock.ts";

/** How long a publisher may send pictures without a key frame until its operator is told (ms). */
export const HINT_AFTER_MS = 5000;

/** The same in pictures: publishers may send faster than the clock. */
export const HINT_AFTER_PICTURES = 250;

/** The pictures of one publisher. */
export class KeyGate {
  /** When key frames of the default track came. */
  readonly keys = new KeyClock();
  /** Pictures that were dropped because no key frame had come. */
  dropped = 0;
  /** One of the default track has come. */
  #sawKey = false;
  /** The same of other tracks, whose key frames may come ahead of that of the default track. */
  #sawTrackKey = false;
  #droppedSince = 0;

  /** Whether pictures are relayed. */
  get isOpen(): boolean {
    return this.#sawKey || this.#sawTrackKey;
  }

  /** A key frame came, of the default track or of another one. */
  open(isMain: boolean): void {
    if (isMain) this.#sawKey = true;
    else this.#sawTrackKey = true;
  }

  /** Whether a picture that is no key frame passes; else it counts as dropped. */
  passes(isMain: boolean, now: number): boolean {
    if (this.#sawKey || this.#sawTrackKey && !isMain) return true;
    if (this.dropped++ === 0) this.#droppedSince = now;
    return false;
  }

  /** Whether so many were dropped that it is no accident. */
  isStuck(now: number): boolean {
    return this.dropped >= HINT_AFTER_PICTURES ||
      this.dropped > 0 && now - this.#droppedSince >= HINT_AFTER_MS;
  }

  /** There is a new publisher. */
  clear(): void {
    this.#sawKey = this.#sawTrackKey = false;
    this.dropped = 0;
    this.keys.clear();
  }
}
