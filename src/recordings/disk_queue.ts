/**
 * What all files share that are written: how much may wait, how many writes are under way, and memory that is
 * used again.
 *
 * @module
 */

/** Bytes that are gathered before they are written: each write costs as much as copying some of them. */
export const CHUNK_BYTES = 128 * 1024;

/** Writes under way at once: more make a disk no faster, and each takes a thread. */
const MAX_WRITES = 4;

/** Chunks that are kept to be filled again. */
const MAX_FREE = 16;

/** The way to the disk. */
export class DiskQueue {
  /** Most bytes that may wait to be written, of all files together. */
  readonly most: number;
  /** How many do. */
  bytes = 0;
  readonly #free: Uint8Array[] = [];
  readonly #line: (() => Promise<void>)[] = [];
  #running = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** A chunk of {@link CHUNK_BYTES}, with whatever is in it. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(CHUNK_BYTES);
  }

  /** Nothing waits any more in a buffer: if it is a chunk, it may be filled again. */
  give(buffer: ArrayBufferLike): void {
    if (buffer.byteLength !== CHUNK_BYTES || this.#free.length >= MAX_FREE) return;
    this.#free.push(new Uint8Array(buffer));
  }

  /** Calls `write` once it is its turn; it must not throw, and what it returns must not reject. */
  run(write: () => Promise<void>): void {
    this.#line.push(write);
    this.#next();
  }

  #next(): void {
    while (this.#running < MAX_WRITES) {
      const write = this.#line.shift();
      if (write === undefined) return;
      this.#running++;
      write().then(() => {
        this.#running--;
        this.#next();
      });
    }
  }
}
