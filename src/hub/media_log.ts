/**
 * The encoded media of one rendition as an append-only log that all of its players read.
 *
 * A message is encoded once, straight into a page. A player is a position in the log, so a further
 * player costs no queue, no copy and no reference count: pages link forward only, and the oldest
 * position that somebody still holds keeps exactly the pages it needs.
 *
 * @module
 */
import { FrameFlag } from "./frame.ts";

/** A page starts this small, so that a stream of speech does not hold a video's memory. */
const MIN_PAGE_BYTES = 16 * 1024;
/** Each page is twice the one before, up to this. */
const MAX_PAGE_BYTES = 256 * 1024;

/** A run of the log. */
export class LogPage {
  readonly bytes: Uint8Array;
  /** Position of the first byte, counted from the start of the log. */
  readonly start: number;
  /** Bytes in use. Those below never change. */
  length = 0;
  next: LogPage | undefined;
  /** Per message: the offset behind it, its flags, its timestamp, and when it was appended (ms). */
  readonly ends: number[] = [];
  readonly flags: number[] = [];
  readonly stamps: number[] = [];
  readonly times: number[] = [];

  constructor(size: number, start: number) {
    this.bytes = new Uint8Array(size);
    this.start = start;
  }

  /** Index of the first message that begins at or behind `offset`. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((middle === 0 ? 0 : this.ends[middle - 1]!) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first message at or behind `offset` that has this flag, or -1. */
  indexOf(flag: number, offset: number): number {
    for (let index = this.indexAt(offset); index < this.flags.length; index++) {
      if ((this.flags[index]! & flag) !== 0) return index;
    }
    return -1;
  }

  /** Timestamp of the message that begins at `offset`. */
  stampAt(offset: number): number {
    return this.stamps[this.indexAt(offset)]!;
  }
}

/** An append-only log of encoded messages. */
export class MediaLog {
  /** The page that is being written. */
  tail = new LogPage(MIN_PAGE_BYTES, 0);
  /** Position behind the last byte. */
  end = 0;
  /**
   * Where the newest GOP begins: with its key frame, or with key frames of other tracks right ahead
   * of that. Encoders send those of all tracks together, but in any order.
   */
  keyPage: LogPage | undefined;
  keyOffset = 0;
  /** Position behind the newest header. */
  headersEnd = 0;
  /** Where the next GOP may begin already: with key frames of other tracks, and no picture since. */
  #earlyPage: LogPage | undefined;
  #earlyOffset = 0;

  /** Position of the newest key frame, or -1 when none is kept. */
  get keyPosition(): number {
    return this.keyPage === undefined ? -1 : this.keyPage.start + this.keyOffset;
  }

  /** Makes room for a message of `size` bytes: write it to `tail.bytes` at the returned offset. */
  reserve(size: number): number {
    const { tail } = this;
    if (tail.length + size > tail.bytes.length) {
      const pageBytes = Math.min(tail.bytes.length * 2, MAX_PAGE_BYTES);
      this.tail = new LogPage(Math.max(pageBytes, size), this.end);
      tail.next = this.tail;
    }
    return this.tail.length;
  }

  /** Video that is no key frame comes next: what was before it is not part of the next GOP. */
  endKeys(): void {
    this.#earlyPage = undefined;
  }

  /** Takes the message just written behind the last {@link reserve} into the log. */
  commit(size: number, flags: number, timestamp: number, now: number): void {
    const { tail } = this;
    if ((flags & FrameFlag.TrackKey) !== 0 && this.#earlyPage === undefined) {
      this.#earlyPage = tail;
      this.#earlyOffset = tail.length;
    } else if ((flags & FrameFlag.Key) !== 0) {
      this.keyPage = this.#earlyPage ?? tail;
      this.keyOffset = this.#earlyPage === undefined ? tail.length : this.#earlyOffset;
      this.#earlyPage = undefined;
    }
    tail.length += size;
    this.end = tail.start + tail.length;
    if ((flags & FrameFlag.Header) !== 0) this.headersEnd = this.end;
    tail.ends.push(tail.length);
    tail.flags.push(flags);
    tail.stamps.push(timestamp);
    tail.times.push(now);
  }

  /** Forgets the key frame: whoever joins waits for the next one. */
  forgetKey(): void {
    this.keyPage = this.#earlyPage = undefined;
  }
}
