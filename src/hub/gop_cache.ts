/**
 * The frames since the last key frame, for players that join in mid-GOP. References only: the
 * payloads are the ones every rendition is encoded from.
 *
 * @module
 */
import { FrameFlag, FrameKind, type MediaFrame } from "./frame.ts";

/** Bounds of a GOP cache; whichever is reached first empties it until the next key frame. */
export interface GopCacheLimits {
  /** Payload bytes. 0 disables the cache. */
  readonly bytes: number;
  /** Audio, video and data frames together. 0 disables the cache. */
  readonly frames: number;
  /** Milliseconds from the key frame to the newest frame's arrival. 0 disables the cache. */
  readonly ms: number;
}

/** The current group of pictures. */
export class GopCache {
  readonly #limits: GopCacheLimits;
  #frames: MediaFrame[] = [];
  #bytes = 0;
  #startedAt = 0;
  #complete = false;

  constructor(limits: GopCacheLimits) {
    this.#limits = limits;
  }

  /** The frames, beginning with a key frame; empty when there is nothing to start from. */
  get frames(): readonly MediaFrame[] {
    return this.#frames;
  }

  /** Payload bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a frame. Returns `false` when the cache holds no GOP (yet, or any more). */
  add(frame: MediaFrame, now: number): boolean {
    if (frame.kind === FrameKind.Video && (frame.flags & FrameFlag.Key) !== 0) {
      this.clear();
      this.#complete = true;
      this.#startedAt = now;
    }
    if (!this.#complete) return false;
    this.#frames.push(frame);
    this.#bytes += frame.payload.length;
    if (
      this.#frames.length > this.#limits.frames ||
      this.#bytes > this.#limits.bytes ||
      now - this.#startedAt > this.#limits.ms
    ) {
      this.clear();
      return false;
    }
    return true;
  }

  /** Forgets everything; the next key frame starts anew. */
  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
    this.#complete = false;
  }
}
