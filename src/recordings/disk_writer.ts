/**
 * Writes a file in large pieces, one at a time, behind a bounded queue: who fills it never waits, and is told
 * when the disk does not keep up.
 *
 * @module
 */
import { CHUNK_BYTES, type DiskQueue } from "./disk_queue.ts";
import type { MediaTarget } from "./folder.ts";

/** How a {@link DiskWriter} is set up. */
export interface DiskWriterOptions {
  /** Most bytes that wait to be written to this file. */
  readonly most: number;
  /** Shared with the writers of other files. */
  readonly budget: DiskQueue;
  /** The disk failed: nothing is written any more. Called once, never in a call of this object. */
  readonly onFault: (error: unknown) => void;
}

/** Bytes at a place of the file. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly position: number;
}

/** What is written to one file. */
export class DiskWriter {
  readonly #options: DiskWriterOptions;
  #target: MediaTarget | undefined;
  readonly #pieces: Piece[] = [];
  /** Where the next byte goes in the file. */
  #position: number;
  #chunk: Uint8Array | undefined;
  /** What of the chunk is handed on to be written, and what is filled. */
  #handed = 0;
  #filled = 0;
  #queued = 0;
  #writing = false;
  /** What is being written. */
  #current: ArrayBufferLike | undefined;
  #failed = false;
  #onIdle: (() => void)[] = [];

  /**
   * @param target the file, which may still be about to be opened
   * @param position where its bytes go on: 0 in a new file
   */
  constructor(target: Promise<MediaTarget>, position: number, options: DiskWriterOptions) {
    this.#options = options;
    this.#position = position;
    target.then((opened) => {
      this.#target = opened;
      this.#write();
    }, (error) => this.#fail(error));
  }

  /** Bytes of the file, those that wait to be written included. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that wait to be written. */
  get queued(): number {
    return this.#queued;
  }

  /** Whether the disk failed. */
  get failed(): boolean {
    return this.#failed;
  }

  /** How many bytes can be appended now; 0 once the disk failed. */
  get room(): number {
    const { most, budget } = this.#options;
    if (this.#failed) return 0;
    return Math.max(0, Math.min(most - this.#queued, budget.most - budget.bytes));
  }

  /**
   * Room for `size` bytes at the end of the file, to be filled before the next call; `undefined` when too
   * much waits already, or the disk failed.
   */
  append(size: number): Uint8Array | undefined {
    if (size > this.room) return undefined;
    if (this.#chunk === undefined || this.#filled + size > this.#chunk.length) {
      this.#letGo();
      this.#chunk = size > CHUNK_BYTES ? new Uint8Array(size) : this.#options.budget.take();
      this.#handed = this.#filled = 0;
    }
    const start = this.#filled;
    this.#filled += size;
    this.#position += size;
    this.#count(size);
    return this.#chunk.subarray(start, this.#filled);
  }

  /** Hands everything on that was appended so far, as at the end of a group of pictures. */
  flush(): void {
    const bytes = this.#chunk?.subarray(this.#handed, this.#filled);
    if (bytes === undefined || bytes.length === 0) return;
    this.#handed = this.#filled;
    this.#push(bytes, this.#position - bytes.length);
  }

  /** Bytes of the file without those that were not handed on yet. */
  get handed(): number {
    return this.#position - (this.#filled - this.#handed);
  }

  /** Writes over what is there, behind all that was appended before. Not bounded: it is for the end. */
  overwrite(bytes: Uint8Array, position: number): void {
    this.flush();
    if (this.#failed) return;
    this.#count(bytes.length);
    this.#push(bytes, position);
  }

  /** Resolves once all that was appended is written, or the disk failed. */
  idle(): Promise<void> {
    this.#letGo();
    if (this.#failed || this.#target !== undefined && this.#queued === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #push(bytes: Uint8Array, position: number): void {
    this.#pieces.push({ bytes, position });
    this.#write();
  }

  #write(): void {
    if (this.#writing || this.#target === undefined || this.#failed) return;
    const piece = this.#pieces.shift();
    if (piece === undefined) return this.#settle();
    this.#writing = true;
    this.#current = piece.bytes.buffer;
    const target = this.#target;
    this.#options.budget.run(async () => {
      try {
        if (!this.#failed) await target.write(piece.bytes, piece.position);
      } catch (error) {
        return this.#fail(error);
      }
      this.#onWritten(piece.bytes);
    });
  }

  /** Hands on what is in the chunk, which is not filled any further. */
  #letGo(): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    this.flush();
    this.#chunk = undefined;
    this.#giveBack(chunk.buffer);
  }

  /** A buffer may be used again, unless something of it waits, or it is filled. */
  #giveBack(buffer: ArrayBufferLike): void {
    if (buffer === this.#chunk?.buffer || buffer === this.#current) return;
    if (this.#pieces.some((piece) => piece.bytes.buffer === buffer)) return;
    this.#options.budget.give(buffer);
  }

  #onWritten(bytes: Uint8Array): void {
    this.#writing = false;
    if (this.#failed) return;
    this.#count(-bytes.length);
    this.#current = undefined;
    this.#giveBack(bytes.buffer);
    this.#write();
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#pieces.length = 0;
    this.#chunk = undefined;
    this.#count(-this.#queued);
    this.#settle();
    this.#options.onFault(error);
  }

  #count(bytes: number): void {
    this.#queued += bytes;
    this.#options.budget.bytes += bytes;
  }

  #settle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
