/**
 * Memory that media takes in all streams of a server, counted as it is taken and given back: caches,
 * pages of logs, headers, and what a write that is under way keeps alive.
 *
 * Pages that are given back are kept for the next ones, so that what the process holds is what is
 * counted here, and not that and what a collector has not found yet.
 *
 * @module
 */

/** Smallest page, bytes. Sizes are powers of two up to {@link LARGE_STEP}. */
const MIN_PAGE_BYTES = 1024;

/** Pages over this are multiples of it (bytes): each holds one large message. */
const LARGE_STEP = 256 * 1024;

/** One part in this many of the bound may be pages that wait to be used again. */
const SPARE_SHARE = 8;

/** Most spare pages that are kept where there is no bound, bytes. */
const MAX_SPARE_BYTES = 64 * 1024 * 1024;

/** Room is made when less than one part in this many of the bound is left, until twice as much is. */
const ROOM_SHARE = 16;

/** One part in this many of the bound may be taken by messages on their way in, from caches and players. */
const BESIDE_SHARE = 4;

/** What an array of bytes takes beside them, about. */
export const BUFFER_OVERHEAD = 256;

/** A write that may be under way. */
export interface Writer {
  /** Whether one is. */
  readonly busy: boolean;
  /** Whether nothing is written any more, and the end of a write is not told. */
  readonly gone?: boolean;
}

/** Whether a write may be under way. */
function writes({ busy, gone }: Writer): boolean {
  return busy && gone !== true;
}

/** The size of the page that is made where `size` bytes are wanted. */
function pageBytes(size: number): number {
  if (size > LARGE_STEP) return Math.ceil(size / LARGE_STEP) * LARGE_STEP;
  let bytes = MIN_PAGE_BYTES;
  while (bytes < size) bytes *= 2;
  return bytes;
}

/** Gives the memory of a page back now, and not when a collector comes to find that it is not used. */
function giveBack(page: Uint8Array): void {
  (page.buffer as ArrayBuffer).transfer(0);
}

/** Counts what the media of all streams takes, and keeps pages for the next. */
export class MediaMemory {
  /** What the media of all streams may take of the memory of the process, bytes. */
  readonly limit: number;
  /** What is handed out of that at the most. */
  readonly #bound: number;
  /**
   * Makes room, once little of the bound is left; set by the owner of the streams. It is called
   * between two messages only, never while one is being taken.
   */
  relieve: ((now: number) => void) | undefined;
  /** Lets go of what is kept beside streams and could be read again; it goes before anything of theirs. */
  forget: (() => void) | undefined;
  /**
   * Bytes that messages take which are still on their way in: room is made for these too, as far as
   * they are no more than one part in {@link BESIDE_SHARE} of the bound.
   */
  beside: (() => number) | undefined;
  /** Where room is made, where there is enough, and from where on it is tried again. */
  readonly #high: number;
  readonly #low: number;
  #trigger: number;
  #used = 0;
  #spareBytes = 0;
  /** Spare pages by their size. */
  readonly #spare = new Map<number, Uint8Array[]>();
  /** What was handed out and let go of, while the write of it may be under way. */
  #orphans: { readonly buffer: MediaBuffer; readonly writer: Writer }[] = [];

  /**
   * `limit` in bytes; none if left out.
   *
   * @param share the part of it that is handed out; the rest is for the holes that an allocator has
   * between what is in use, and for what nobody uses any more and no collector has found
   */
  constructor(limit = Infinity, share = 1) {
    this.limit = limit;
    const bound = this.#bound = limit * share;
    const room = bound === Infinity ? 0 : bound / ROOM_SHARE;
    this.#trigger = this.#high = bound - room;
    this.#low = bound - 2 * room;
  }

  /** Bytes held, spare pages included. */
  get used(): number {
    return this.#used + this.#spareBytes;
  }

  /** Bytes of pages that wait to be used again. */
  get spare(): number {
    return this.#spareBytes;
  }

  /** Whether room is to be made, by {@link relieve}. Spare pages do not count: they go first. */
  get over(): boolean {
    return this.#used + this.#besideBytes > this.#trigger;
  }

  /** Whether so little room is left that nothing large is to be copied. */
  get tight(): boolean {
    return this.#used > this.#high;
  }

  get #besideBytes(): number {
    return this.beside === undefined ? 0 : Math.min(this.beside(), this.#bound / BESIDE_SHARE);
  }

  /** Bytes over what may be held, negative where there is room. */
  get excess(): number {
    return this.#used - this.#bound;
  }

  /** Whether more is held than may be. */
  get exceeded(): boolean {
    return this.#used > this.#bound;
  }

  /** Whether enough room has been made. */
  get hasRoom(): boolean {
    return this.#used + this.#besideBytes <= this.#low;
  }

  /** As much room was made as can be: it is not tried again for every byte. */
  relieved(): void {
    const used = this.#used + this.#besideBytes;
    this.#trigger = Math.max(this.#high, used + this.#bound / (4 * ROOM_SHARE));
  }

  /** Time has passed, and what could not be given back may be by now. */
  retry(): void {
    this.#trigger = this.#high;
  }

  /** Makes room where that is due. Cheap where it is not. */
  makeRoom(now: number): void {
    if (this.over) this.relieve?.(now);
  }

  /** Counts `bytes` more; fewer when it is negative. */
  count(bytes: number): void {
    this.#used += bytes;
    if (this.used > this.#bound) this.dropSpare();
  }

  /** A page of at least `size` bytes, counted, whose contents are anything. */
  page(size: number): Uint8Array {
    const bytes = pageBytes(size);
    const page = this.#spare.get(bytes)?.pop();
    if (page !== undefined) this.#spareBytes -= bytes;
    this.count(bytes + BUFFER_OVERHEAD);
    return page ?? new Uint8Array(bytes);
  }

  /** Takes back a page that nobody reads any more; `reuse`: and that nobody can. */
  free(page: Uint8Array, reuse = true): void {
    const bytes = page.length;
    this.#used -= bytes + BUFFER_OVERHEAD;
    const most = Math.min(this.#bound / SPARE_SHARE, MAX_SPARE_BYTES);
    if (!reuse) return;
    if (this.#spareBytes + bytes > most || this.used + bytes > this.#bound) return giveBack(page);
    const same = this.#spare.get(bytes);
    if (same === undefined) this.#spare.set(bytes, [page]);
    else same.push(page);
    this.#spareBytes += bytes;
  }

  /** Forgets the spare pages. */
  dropSpare(): void {
    for (const pages of this.#spare.values()) pages.forEach(giveBack);
    this.#spare.clear();
    this.#spareBytes = 0;
  }

  /** Keeps `buffer` counted until `writer` is done with it, which {@link sweep} looks at. */
  adopt(buffer: MediaBuffer, writer: Writer): void {
    this.#orphans.push({ buffer, writer });
  }

  /** Gives back what was handed out and has been written; called about twice a second. */
  sweep(): void {
    if (this.#orphans.length === 0) return;
    const orphans = this.#orphans;
    this.#orphans = orphans.filter(({ writer }) => writes(writer));
    for (const { buffer, writer } of orphans) if (!writes(writer)) buffer.unpin();
  }
}

/**
 * Bytes of media that have an owner and are handed out. They count as long as the owner keeps them
 * or a write of them may be under way, and once, however many those are.
 */
export class MediaBuffer {
  readonly bytes: Uint8Array;
  readonly #memory: MediaMemory;
  /** Whether it is a page, which goes back to be used again. */
  readonly #isPage: boolean;
  /** Counted for it beside its bytes. */
  #more = 0;
  #kept: boolean;
  #pins = 0;
  #reusable = true;

  /**
   * `bytes` that are there already, or the size of a page to be taken; `kept`: whether it has an owner,
   * and not just writers to come.
   */
  constructor(memory: MediaMemory, bytes: Uint8Array | number, kept = true) {
    this.#memory = memory;
    this.#kept = kept;
    this.#isPage = typeof bytes === "number";
    if (typeof bytes === "number") this.bytes = bytes === 0 ? NONE : memory.page(bytes);
    else {
      this.bytes = bytes;
      if (kept) memory.count(bytes.length);
    }
  }

  /** Counts `bytes` more for what is kept beside it. */
  countMore(bytes: number): void {
    this.#more += bytes;
    this.#memory.count(bytes);
  }

  /** A write of it is to come, or under way. */
  pin(): void {
    if (this.#pins++ === 0 && !this.#kept) this.#memory.count(this.bytes.length);
  }

  /** Such a write is over. */
  unpin(): void {
    if (--this.#pins === 0 && !this.#kept) this.#release();
  }

  /** Nobody reads it any more, but a write of it may be under way, and end unnoticed. */
  orphan(writer: Writer): void {
    this.#reusable = false;
    this.#memory.adopt(this, writer);
  }

  /** Its owner lets go of it. */
  drop(): void {
    if (!this.#kept) return;
    this.#kept = false;
    this.#memory.count(-this.#more);
    this.#more = 0;
    if (this.#pins === 0) this.#release();
  }

  #release(): void {
    if (!this.#isPage) this.#memory.count(-this.bytes.length);
    else if (this.bytes.length > 0) this.#memory.free(this.bytes, this.#reusable);
  }
}

const NONE: Uint8Array = new Uint8Array(0);
