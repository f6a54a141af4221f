/**
 * The encoded media of one encoding as an append-only log that all of its players read.
 *
 * A message is encoded once, straight into a page. A player is a position in the log, so a further
 * player costs no queue and no copy: each position holds its page and with it all that follow, and
 * what is older than the oldest of them is given back.
 *
 * @module
 */
import { FrameFlag } from "../frame.ts";
import { MediaBuffer, type MediaMemory } from "../media_memory.ts";

/** A page starts this small, so that a stream of speech does not hold a video's memory. */
const MIN_PAGE_BYTES = 16 * 1024;
/** A page is at the most so large, unless one message is larger. */
const MAX_PAGE_BYTES = 256 * 1024;
/** A page that was full sooner than this (ms) is followed by one of twice its size. */
const SHORT_PAGE_MS = 2000;
/** One that lasted longer than this (ms) is followed by one of half its size. */
const LONG_PAGE_MS = 8000;

/** What the columns of a page take for each message, with the room that arrays keep to grow into. */
const MESSAGE_BYTES = 40;

/** A run of the log. */
export class LogPage extends MediaBuffer {
  /** Position of the first byte, counted from the start of the log. */
  start: number;
  /** Bytes in use. Those below never change. */
  length = 0;
  next: LogPage | undefined;
  /** Positions in it that somebody goes on from; kept by the log. */
  readers = 0;
  /** Per message: the offset behind it, its flags, its timestamp, and when it was appended (ms). */
  readonly ends: number[] = [];
  readonly flags: number[] = [];
  readonly stamps: number[] = [];
  readonly times: number[] = [];

  constructor(memory: MediaMemory, size: number, start: number) {
    super(memory, size);
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

  /** Whether `offset` is between two messages, or at an end. */
  begins(offset: number): boolean {
    return offset === 0 || this.ends[this.indexAt(offset) - 1] === offset;
  }

  /** Takes in the message that was just written behind the others. */
  add(size: number, flags: number, timestamp: number, now: number): void {
    this.length += size;
    this.ends.push(this.length);
    this.flags.push(flags);
    this.stamps.push(timestamp);
    this.times.push(now);
    this.countMore(MESSAGE_BYTES);
  }

  /** Nobody goes on from it, nor from one before it: what it leads to is not kept by it either. */
  override drop(): void {
    super.drop();
    this.next = undefined;
    this.ends.length =
      this.flags.length =
      this.stamps.length =
      this.times.length =
        0;
  }

  /** How many bytes the page behind this one has, for a message of `size` bytes. */
  nextBytes(size: number): number {
    const { length } = this.bytes;
    const ms = (this.times.at(-1) ?? 0) - (this.times[0] ?? 0);
    const wanted = ms < SHORT_PAGE_MS ? 2 * length : ms > LONG_PAGE_MS ? length / 2 : length;
    return Math.max(MIN_PAGE_BYTES, Math.min(wanted, MAX_PAGE_BYTES), size);
  }
}

/** An append-only log of encoded messages. */
export class MediaLog {
  /** The page that is being written; one without room takes no memory. */
  tail: LogPage;
  /** Position behind the last byte. */
  end = 0;
  /** Bytes of the pages that are kept. */
  heldBytes = 0;
  /**
   * Where the newest GOP begins: with its key frame, or with key frames of other tracks right ahead
   * of that. Encoders send those of all tracks together, but in any order.
   */
  keyPage: LogPage | undefined;
  keyOffset = 0;
  /** Whether positions of before are those of today: another number says that they are not. */
  counting = 0;
  /** Position behind the newest header. */
  headersEnd = 0;
  readonly #memory: MediaMemory;
  #oldest: LogPage;
  /** Where the next GOP may begin already: with key frames of other tracks, and no picture since. */
  #earlyPage: LogPage | undefined;
  #earlyOffset = 0;

  constructor(memory: MediaMemory) {
    this.#memory = memory;
    this.tail = this.#oldest = new LogPage(memory, 0, 0);
  }

  /** Position of the newest key frame, or -1 when none is kept. */
  get keyPosition(): number {
    return this.keyPage === undefined ? -1 : this.keyPage.start + this.keyOffset;
  }

  /** Makes room for a message of `size` bytes: write it to `tail.bytes` at the returned offset. */
  reserve(size: number): number {
    const { tail } = this;
    if (tail.length + size > tail.bytes.length) {
      this.tail = new LogPage(this.#memory, tail.nextBytes(size), this.end);
      this.heldBytes += this.tail.bytes.length;
      tail.next = this.tail;
      this.#giveBack();
    }
    return this.tail.length;
  }

  /** Somebody goes on from `page`: it is kept, and all that follow. */
  hold(page: LogPage): void {
    page.readers++;
  }

  /** Somebody does so no longer. */
  release(page: LogPage): void {
    if (--page.readers === 0 && page === this.#oldest) this.#giveBack();
  }

  #giveBack(): void {
    while (this.#oldest !== this.tail && this.#oldest.readers === 0) {
      const page = this.#oldest;
      this.#oldest = page.next!;
      this.heldBytes -= page.bytes.length;
      page.drop();
    }
  }

  /** Keeps nothing: nobody reads it, until something is appended. */
  clear(): void {
    this.forgetKey();
    this.counting++;
    this.headersEnd = 0;
    const { tail } = this;
    this.tail = new LogPage(this.#memory, 0, this.end);
    tail.next = this.tail;
    this.#giveBack();
  }

  /** Counts positions so that the key frame is at `position`; nobody reads it yet. */
  rebase(position: number): void {
    const ahead = this.keyPosition - position;
    for (let page: LogPage | undefined = this.#oldest; page !== undefined; page = page.next) {
      page.start -= ahead;
    }
    this.end -= ahead;
    this.counting--;
  }

  /** Video that is no key frame comes next: what was before it is not part of the next GOP. */
  endKeys(): void {
    if (this.#earlyPage === undefined) return;
    this.release(this.#earlyPage);
    this.#earlyPage = undefined;
  }

  /** Takes the message just written behind the last {@link reserve} into the log. */
  commit(size: number, flags: number, timestamp: number, now: number): void {
    const { tail } = this;
    if ((flags & FrameFlag.TrackKey) !== 0 && this.#earlyPage === undefined) {
      this.hold(tail);
      this.#earlyPage = tail;
      this.#earlyOffset = tail.length;
    } else if ((flags & FrameFlag.Key) !== 0) {
      const offset = this.#earlyPage === undefined ? tail.length : this.#earlyOffset;
      this.#setKey(this.#earlyPage ?? tail, offset);
      this.endKeys();
    }
    tail.add(size, flags, timestamp, now);
    this.end = tail.start + tail.length;
    if ((flags & FrameFlag.Header) !== 0) this.headersEnd = this.end;
  }

  #setKey(page: LogPage, offset: number): void {
    const before = this.keyPage;
    this.hold(page);
    this.keyPage = page;
    this.keyOffset = offset;
    if (before !== undefined) this.release(before);
  }

  /** Forgets the key frame: whoever joins waits for the next one. */
  forgetKey(): void {
    this.endKeys();
    const before = this.keyPage;
    this.keyPage = undefined;
    if (before !== undefined) this.release(before);
  }
}
