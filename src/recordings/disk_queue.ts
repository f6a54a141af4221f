/**
 * What all files share that are written: how much may wait, how many writes are under way, and memory that is
 * used again.
 *
 * Writes begin several at a time, some twenty times a second: each that begins by itself wakes a thread, and
 * what it has done wakes this one. With a hundred files under way that cost as much as the writes themselves.
 *
 * @module
 */

/** Bytes that are gathered before they are written: each write costs as much as copying some of them. */
export const CHUNK_BYTES = 128 * 1024;

/** The same of a file that grows so slowly that it is handed on by the clock, and where memory is short. */
export const SMALL_CHUNK_BYTES = 16 * 1024;

/** How long what is to be written waits for others where something was begun just before (ms). */
const GATHER_MS = 50;

/**
 * Writes under way at once: more make a disk no faster, each takes a thread, and where much is to be made up for
 * behind a stall, more of them leave the thread that serves players too little of the machine.
 */
const MAX_WRITES = 4;

/** A write that has not been done for so many ticks gives up its place, so that other files go on. */
const PLACE_TICKS = 5;

/** Most of them: each keeps a thread for as long as its disk says nothing. */
const MAX_LOST = 16;

/** Most bytes of chunks that are kept to be filled again. */
const MAX_FREE_BYTES = 16 * 1024 * 1024;

/** Where memory for media is counted. */
export interface MemoryCount {
  /** Whether so little is left that no more is to be taken than has to be. */
  readonly tight: boolean;
  /** So many bytes are held; fewer where it is negative. */
  count(bytes: number): void;
}

/** What a {@link DiskQueue} works with. */
export interface DiskQueueOptions {
  /** Counted nowhere if left out. */
  readonly memory?: MemoryCount;
  /** Calls `call` in so many milliseconds; if left out, writes begin at once. */
  readonly after?: (ms: number, call: () => void) => void;
}

/** Who has something to write. */
export interface Waiting {
  /** A tick is over. */
  tick(): void;
}

/** A write under way. */
interface Place {
  ticks: number;
  isLost: boolean;
}

/** The way to the disk. */
export class DiskQueue {
  /** Most bytes that may wait to be written, of all files together. */
  readonly most: number;
  /** How many do. */
  bytes = 0;
  /** Who is told of ticks, as long as there is something to write. */
  readonly waiting: Set<Waiting> = new Set();
  readonly #memory: MemoryCount | undefined;
  #after: DiskQueueOptions["after"];
  /** Chunks that nobody uses, and how few there were since the last tick. */
  readonly #free: Uint8Array[] = [];
  #leastFree = 0;
  readonly #line: (() => Promise<void>)[] = [];
  /** Of the line, those that begin as soon as there is a place; the others are being gathered. */
  #due = 0;
  #gathers = false;
  readonly #places = new Set<Place>();
  #lost = 0;

  constructor(most: number, { memory, after }: DiskQueueOptions = {}) {
    this.most = most;
    this.#memory = memory;
    this.#after = after;
  }

  /**
   * Memory that is filled and written, with whatever is in it: {@link CHUNK_BYTES}, or `least` where that is
   * more, or where less will do for now.
   */
  take(least: number, isSmall = false): Uint8Array {
    const isTight = isSmall || this.#memory?.tight === true;
    const size = Math.max(least, isTight ? SMALL_CHUNK_BYTES : CHUNK_BYTES);
    const free = size === CHUNK_BYTES ? this.#free.pop() : undefined;
    this.#leastFree = Math.min(this.#leastFree, this.#free.length);
    if (free !== undefined) return free;
    this.#memory?.count(size);
    return new Uint8Array(size);
  }

  /** Takes back what was taken, all of it. */
  give(chunk: Uint8Array): void {
    const { length } = chunk;
    const isKept = length === CHUNK_BYTES && (this.#free.length + 1) * length <= MAX_FREE_BYTES;
    if (isKept) this.#free.push(chunk);
    else this.#drop(chunk);
  }

  /** Lets go of it at once: a collector would find it much later. */
  #drop(chunk: Uint8Array): void {
    this.#memory?.count(-chunk.length);
    (chunk.buffer as ArrayBuffer).transfer(0);
  }

  /** Calls `write` once it is its turn; it must not throw, and what it returns must not reject. */
  run(write: () => Promise<void>): void {
    this.#line.push(write);
    if (!this.#gathers) this.#begin();
  }

  /** A second has passed. One in which this process was stopped counts once. */
  tick(): void {
    for (const place of this.#places) {
      if (++place.ticks < PLACE_TICKS || this.#lost >= MAX_LOST) continue;
      place.isLost = true;
      this.#places.delete(place);
      this.#lost++;
    }
    for (const waiting of [...this.waiting]) waiting.tick();
    this.#next();
    // What was not used for a while is not needed.
    for (let count = Math.ceil(this.#leastFree / 4); count > 0; count--) {
      this.#drop(this.#free.pop()!);
    }
    this.#leastFree = this.#free.length;
  }

  /** What was gathered begins now: somebody waits for it. */
  press(): void {
    this.#due = this.#line.length;
    this.#next();
  }

  /** Nothing is gathered any more: the server is about to end. */
  hurry(): void {
    this.#after = undefined;
    this.#gathers = false;
    this.press();
  }

  #begin(): void {
    this.press();
    if (this.#after === undefined) return;
    this.#gathers = true;
    this.#after(GATHER_MS, () => {
      this.#gathers = false;
      if (this.#line.length > 0) this.#begin();
    });
  }

  #next(): void {
    while (this.#places.size < MAX_WRITES && this.#due > 0) {
      const write = this.#line.shift()!;
      const place: Place = { ticks: 0, isLost: false };
      this.#due--;
      this.#places.add(place);
      write().then(() => {
        if (place.isLost) this.#lost--;
        this.#places.delete(place);
        this.#next();
      });
    }
  }
}
