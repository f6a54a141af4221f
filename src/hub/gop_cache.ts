/**
 * The frames since the last key frame, for players that join in mid-GOP.
 *
 * Payloads lie one behind the other in pages that the next GOP uses again, and what is known of a
 * frame in columns of numbers: a stream in steady state allocates nothing, however much is
 * published. Frames become objects only when somebody reads them.
 *
 * @module
 */
import { FrameFlag, FrameKind, type MediaFrame } from "./frame.ts";
import { MediaMemory } from "./media_memory.ts";

/**
 * Bounds of a GOP cache; whichever is reached first empties it until the next key frame. That of time
 * is for GOPs that are large: one of few bytes is kept however long it lasts.
 */
export interface GopCacheLimits {
  /** Payload bytes. 0 disables the cache. */
  readonly bytes: number;
  /** Audio, video and data frames together. 0 disables the cache. */
  readonly frames: number;
  /**
   * Milliseconds from the key frame to the newest frame's arrival, once it has more than
   * {@link SMALL_GOP_SHARE} of the bytes. 0 disables the cache.
   */
  readonly ms: number;
}

/** A GOP of up to this share of the bytes is small: slides, screens, pictures of few kilobytes. */
export const SMALL_GOP_SHARE = 1 / 4;

/** The first pages are small, because each stream leaves half a page unused on average. */
const SMALL_PAGE_BYTES = 32 * 1024;
/**
 * As many of them as one of the others has bytes. Those are as large as the pages of logs are: an
 * allocator can give what one has left to the other.
 */
const SMALL_PAGES = 8;
const PAGE_BYTES = SMALL_PAGES * SMALL_PAGE_BYTES;

/** The page of a position, by its index. */
function pageOf(position: number): number {
  return position < PAGE_BYTES
    ? Math.floor(position / SMALL_PAGE_BYTES)
    : SMALL_PAGES - 1 + Math.floor(position / PAGE_BYTES);
}

/** The position at which a page begins; with their number, what they hold together. */
function startOf(page: number): number {
  return page < SMALL_PAGES ? page * SMALL_PAGE_BYTES : (page - SMALL_PAGES + 1) * PAGE_BYTES;
}

/** What the columns take for each frame, with the room that arrays keep to grow into. */
const FRAME_BYTES = 48;

/** The current group of pictures. */
export class GopCache {
  readonly #limits: GopCacheLimits;
  /** Of the frames below `#count`; what is above is of an earlier GOP. */
  readonly #kinds: number[] = [];
  readonly #timestamps: number[] = [];
  readonly #flags: number[] = [];
  /** Position behind each payload. */
  readonly #ends: number[] = [];
  #count = 0;
  #bytes = 0;
  #startedAt = 0;
  #complete = false;
  /** Index of the frame that the next GOP may begin with already: see `MediaLog`. */
  #early = -1;
  /** Pages of this GOP and those that the one before needed. */
  readonly #pages: Uint8Array[] = [];
  readonly #memory: MediaMemory;

  /** `memory`: what its own is counted in. */
  constructor(limits: GopCacheLimits, memory: MediaMemory = new MediaMemory()) {
    this.#limits = limits;
    this.#memory = memory;
  }

  /** Memory that it takes, bytes. */
  get heldBytes(): number {
    return startOf(this.#pages.length) + this.#kinds.length * FRAME_BYTES;
  }

  /** Payload bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Timestamp of the key frame it begins with; `undefined` when it is empty. */
  get timestamp(): number | undefined {
    return this.#count > 0 ? this.#timestamps[0] : undefined;
  }

  /** The frames, beginning with a key frame. Each payload is lent until the next frame is added. */
  *frames(): Generator<MediaFrame, void> {
    for (let index = 0, start = 0; index < this.#count; index++) {
      const end = this.#ends[index]!;
      yield {
        kind: this.#kinds[index]!,
        timestamp: this.#timestamps[index]!,
        payload: this.#read(start, end),
        flags: this.#flags[index]!,
      };
      start = end;
    }
  }

  /**
   * Adds a frame, copying its payload. Returns `false` when the cache holds no GOP (yet, or any
   * more).
   */
  add(frame: MediaFrame, now: number): boolean {
    if (frame.kind === FrameKind.Video) this.#startWhereDue(frame.flags, now);
    if (!this.#complete) return false;
    const { payload } = frame;
    const bytes = this.#bytes + payload.length;
    const limits = this.#limits;
    if (
      this.#count >= limits.frames || bytes > limits.bytes || limits.ms === 0 ||
      now - this.#startedAt > limits.ms && bytes > limits.bytes * SMALL_GOP_SHARE
    ) {
      this.close();
      return false;
    }
    this.#keep(frame);
    return true;
  }

  /** Video begins a GOP, or says from where on the next one may begin, or that it may not. */
  #startWhereDue(flags: number, now: number): void {
    if ((flags & FrameFlag.Key) !== 0) this.#start(now);
    else if ((flags & FrameFlag.TrackKey) === 0) this.#early = -1;
    else {
      if (!this.#complete) this.#start(now);
      if (this.#early < 0) this.#early = this.#count;
    }
  }

  /** Begins a GOP, with the key frames of other tracks that came right ahead of it. */
  #start(now: number): void {
    const early = this.#early < 0 ? [] : [...this.frames()].slice(this.#early);
    const kept = early.map((frame) => ({ ...frame, payload: new Uint8Array(frame.payload) }));
    this.clear();
    this.#complete = true;
    this.#startedAt = now;
    for (const frame of kept) this.#keep(frame);
  }

  #keep({ kind, timestamp, payload, flags }: MediaFrame): void {
    this.#write(payload);
    const index = this.#count++;
    if (index === this.#kinds.length) this.#memory.count(FRAME_BYTES);
    this.#kinds[index] = kind;
    this.#timestamps[index] = timestamp;
    this.#flags[index] = flags;
    this.#ends[index] = this.#bytes;
  }

  #write(payload: Uint8Array): void {
    for (let at = 0; at < payload.length;) {
      const page = pageOf(this.#bytes);
      const offset = this.#bytes - startOf(page);
      if (page === this.#pages.length) {
        this.#pages.push(this.#memory.page(startOf(page + 1) - startOf(page)));
      }
      const size = Math.min(this.#pages[page]!.length - offset, payload.length - at);
      const whole = size === payload.length;
      this.#pages[page]!.set(whole ? payload : payload.subarray(at, at + size), offset);
      this.#bytes += size;
      at += size;
    }
  }

  /** The bytes from position `start` to `end`: a view if they lie in one page, else a copy. */
  #read(start: number, end: number): Uint8Array {
    const first = pageOf(start);
    const offset = start - startOf(first);
    if (end <= startOf(first + 1)) {
      return this.#pages[first]?.subarray(offset, offset + end - start) ?? new Uint8Array(0);
    }
    const bytes = new Uint8Array(end - start);
    for (let page = first, at = start; at < end; at = startOf(++page)) {
      const from = at - startOf(page);
      const to = Math.min(startOf(page + 1), end) - startOf(page);
      bytes.set(this.#pages[page]!.subarray(from, to), at - start);
    }
    return bytes;
  }

  /** Forgets every frame; the next key frame starts anew. */
  clear(): void {
    // One page more than was needed is kept: the length of GOPs varies little.
    this.#keepPages(pageOf(this.#bytes - 1) + 2);
    this.#count = 0;
    this.#bytes = 0;
    this.#complete = false;
    this.#early = -1;
  }

  #keepPages(count: number): void {
    while (this.#pages.length > count) this.#memory.free(this.#pages.pop()!);
  }

  /** Forgets every frame, and gives all memory back. */
  close(): void {
    this.clear();
    this.#keepPages(0);
    this.#memory.count(-this.#kinds.length * FRAME_BYTES);
    for (const column of [this.#kinds, this.#timestamps, this.#flags, this.#ends]) {
      column.length = 0;
    }
  }
}
