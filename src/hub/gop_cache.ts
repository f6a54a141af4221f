/**
 * The frames since the last key frame, for players that join in mid-GOP.
 *
 * It copies payloads into pages of its own, which the next GOP uses again: a stream in steady state
 * allocates nothing but small views, however much is published.
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

const PAGE_BYTES = 64 * 1024;

/** The current group of pictures. */
export class GopCache {
  readonly #limits: GopCacheLimits;
  #frames: MediaFrame[] = [];
  #bytes = 0;
  #startedAt = 0;
  #complete = false;
  /** Pages of this GOP and those that the one before needed. */
  readonly #pages: Uint8Array[] = [];
  /** Index of the page in use, and how much of it is. */
  #page = -1;
  #used = PAGE_BYTES;

  constructor(limits: GopCacheLimits) {
    this.#limits = limits;
  }

  /** The frames, beginning with a key frame; to be read at once: the next key frame overwrites them. */
  get frames(): readonly MediaFrame[] {
    return this.#frames;
  }

  /** Payload bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a frame, copying its payload. Returns `false` when the cache holds no GOP (yet, or any
   * more).
   */
  add(frame: MediaFrame, now: number): boolean {
    if (frame.kind === FrameKind.Video && (frame.flags & FrameFlag.Key) !== 0) {
      this.clear();
      this.#complete = true;
      this.#startedAt = now;
    }
    if (!this.#complete) return false;
    const { kind, timestamp, payload, flags } = frame;
    const bytes = this.#bytes + payload.length;
    if (
      this.#frames.length >= this.#limits.frames ||
      bytes > this.#limits.bytes ||
      now - this.#startedAt > this.#limits.ms
    ) {
      this.clear();
      this.#pages.length = 0;
      return false;
    }
    this.#bytes = bytes;
    this.#frames.push({ kind, timestamp, payload: this.#keep(payload), flags });
    return true;
  }

  #keep(payload: Uint8Array): Uint8Array {
    const { length } = payload;
    // What would waste much of a page gets memory of its own.
    if (length > PAGE_BYTES / 2) return new Uint8Array(payload);
    if (this.#used + length > PAGE_BYTES) {
      this.#page++;
      this.#used = 0;
      if (this.#page === this.#pages.length) this.#pages.push(new Uint8Array(PAGE_BYTES));
    }
    const kept = this.#pages[this.#page]!.subarray(this.#used, this.#used + length);
    kept.set(payload);
    this.#used += length;
    return kept;
  }

  /** Forgets every frame; the next key frame starts anew. */
  clear(): void {
    // One page more than was needed is kept: the length of GOPs varies little.
    if (this.#pages.length > this.#page + 2) this.#pages.length = this.#page + 2;
    this.#frames = [];
    this.#bytes = 0;
    this.#complete = false;
    this.#page = -1;
    this.#used = PAGE_BYTES;
  }
}
