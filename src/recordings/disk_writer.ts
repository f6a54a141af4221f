/**
 * Writes a file in large pieces, one at a time, behind a bounded queue: who fills it never waits, and is told
 * when the disk does not keep up.
 *
 * @module
 */
import { type DiskQueue, SMALL_CHUNK_BYTES, type Waiting } from "./disk_queue.ts";
import type { MediaTarget } from "./folder.ts";

/** A disk that has written nothing for so many ticks, of a second, while something waits has failed. */
const MAX_STALL_TICKS = 60;

/** How a {@link DiskWriter} is set up. */
export interface DiskWriterOptions {
  /** Most bytes that wait to be written to this file. */
  readonly most: number;
  /** Shared with the writers of other files. */
  readonly budget: DiskQueue;
  /** The disk failed: nothing is written any more. Called once, never in a call of this object. */
  readonly onFault: (error: unknown) => void;
}

/** Memory that is filled, and goes back once it is filled no further and all of it is written. */
interface Chunk {
  readonly bytes: Uint8Array;
  /** Pieces of it that wait, and one if it is still filled. */
  uses: number;
}

/** Bytes at a place of the file. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly position: number;
  readonly chunk: Chunk | undefined;
}

const ZEROS = new Uint8Array(1024);

/** Copies of `bytes`, which stand at `position`, what is within `target`, which stands at `start`. */
function overlay(target: Uint8Array, start: number, bytes: Uint8Array, position: number): void {
  const from = Math.max(start, position);
  const end = Math.min(start + target.length, position + bytes.length);
  if (from < end) target.set(bytes.subarray(from - position, end - position), from - start);
}

/** What is written to one file. */
export class DiskWriter implements Waiting {
  readonly #options: DiskWriterOptions;
  #target: MediaTarget | undefined;
  readonly #pieces: Piece[] = [];
  /** Where the next byte goes in the file. */
  #position: number;
  #chunk: Chunk | undefined;
  /** What of the chunk is handed on to be written, and what is filled. */
  #handed = 0;
  #filled = 0;
  /** Pieces that may still be filled, and from where on; nothing is written over before it is handed on. */
  readonly #held: Piece[] = [];
  #heldFrom = Infinity;
  /** It is to be handed on once it is filled. */
  #flushes = false;
  #queued = 0;
  /** Whether chunks are filled before the clock hands them on. */
  #isFast = false;
  #writing = false;
  #failed = false;
  /** Ticks since something was written, or nothing waited. */
  #stalled = 0;
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

  /** Appends a copy. What is more than {@link room} is taken all the same: who appends much looks first. */
  put(bytes: Uint8Array): void {
    if (this.#failed) return;
    const { length } = bytes;
    this.#count(length);
    for (let from = 0; from < length;) {
      const { bytes: target } = this.#chunk ??= this.#newChunk();
      const count = Math.min(length - from, target.length - this.#filled);
      target.set(count === length ? bytes : bytes.subarray(from, from + count), this.#filled);
      this.#filled += count;
      this.#position += count;
      from += count;
      if (this.#filled < target.length) continue;
      this.#isFast = true;
      this.#letGo();
    }
  }

  /**
   * Leaves room for `size` bytes, zeros until they are {@link fill}ed: from here on nothing is handed on to the
   * disk before {@link release}.
   *
   * @returns where it begins
   */
  reserve(size: number): number {
    const position = this.#position;
    this.#heldFrom = Math.min(this.#heldFrom, position);
    for (let left = size; left > 0; left -= ZEROS.length) {
      this.put(left >= ZEROS.length ? ZEROS : ZEROS.subarray(0, left));
    }
    return position;
  }

  /** Writes over what was reserved. */
  fill(position: number, bytes: Uint8Array): void {
    for (const { bytes: target, position: start } of this.#held) {
      overlay(target, start, bytes, position);
    }
    const chunk = this.#chunk?.bytes.subarray(0, this.#filled);
    if (chunk !== undefined) overlay(chunk, this.#position - this.#filled, bytes, position);
  }

  /** What is before `position` may be handed on; what is behind stays, if it was reserved. */
  release(position: number): void {
    this.#heldFrom = position < this.#position ? position : Infinity;
    while (this.#held.length > 0) {
      const { bytes, position: start } = this.#held[0]!;
      if (start + bytes.length > this.#heldFrom) break;
      const piece = this.#held.shift()!;
      this.#push(piece);
    }
    if (this.#flushes) this.#handOn();
    this.#flushes = false;
  }

  /** Hands everything on that was appended, because it was not filled for a while: less memory will do. */
  flush(): void {
    this.#isFast = false;
    if (this.#heldFrom < Infinity) this.#flushes = true;
    else if (this.#chunk !== undefined && this.#chunk.bytes.length > SMALL_CHUNK_BYTES) {
      this.#letGo();
    } else this.#handOn();
  }

  /** Bytes of the file without those that were not handed on yet. */
  get handed(): number {
    const first = this.#held[0];
    return first?.position ?? this.#position - (this.#filled - this.#handed);
  }

  /** Writes over what is there, behind all that was appended before. Not bounded: it is for the end. */
  overwrite(bytes: Uint8Array, position: number): void {
    this.#handOn();
    if (this.#failed) return;
    this.#count(bytes.length);
    this.#push({ bytes, position, chunk: undefined });
  }

  /** Resolves once all that was appended is written, or the disk failed; no write is under way then. */
  idle(): Promise<void> {
    this.release(this.#position);
    this.#letGo();
    if (this.#isIdle) return Promise.resolve();
    this.#options.budget.press();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  get #isIdle(): boolean {
    if (this.#failed) return !this.#writing;
    return this.#target !== undefined && this.#queued === 0;
  }

  tick(): void {
    if (++this.#stalled < MAX_STALL_TICKS) return;
    this.#fail(new Error(`The disk has written nothing for ${MAX_STALL_TICKS} s`));
  }

  #newChunk(): Chunk {
    this.#handed = this.#filled = 0;
    return { bytes: this.#options.budget.take(SMALL_CHUNK_BYTES, !this.#isFast), uses: 1 };
  }

  #push(piece: Piece): void {
    this.#pieces.push(piece);
    this.#options.budget.waiting.add(this);
    this.#write();
  }

  #write(): void {
    if (this.#writing || this.#target === undefined || this.#failed) return;
    if (this.#pieces.length === 0) return this.#settle();
    this.#writing = true;
    const target = this.#target;
    this.#options.budget.run(async () => {
      // What has come meanwhile as well, as far as others do not wait too long for their turn.
      for (let count = this.#pieces.length; count > 0 && !this.#failed; count--) {
        const piece = this.#pieces.shift()!;
        try {
          await target.write(piece.bytes, piece.position);
        } catch (error) {
          this.#fail(error);
        }
        this.#stalled = 0;
        // Before its memory is given back, and with it its length.
        if (!this.#failed) this.#count(-piece.bytes.length);
        this.#giveUp(piece.chunk);
      }
      this.#writing = false;
      if (this.#failed) this.#settle();
      else this.#write();
    });
    if (this.#onIdle.length > 0) this.#options.budget.press();
  }

  /** Hands on what is in the chunk, as far as nothing before it is held. */
  #handOn(): void {
    const chunk = this.#chunk;
    const start = this.#position - this.#filled;
    const end = Math.min(this.#filled, this.#heldFrom - start);
    if (chunk === undefined || this.#held.length > 0 || end <= this.#handed) return;
    const bytes = chunk.bytes.subarray(this.#handed, end);
    chunk.uses++;
    this.#push({ bytes, position: start + this.#handed, chunk });
    this.#handed = end;
  }

  /** Hands on what is in the chunk, which is not filled any further. */
  #letGo(): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    this.#handOn();
    if (this.#handed < this.#filled) {
      const bytes = chunk.bytes.subarray(this.#handed, this.#filled);
      this.#held.push({ bytes, position: this.#position - bytes.length, chunk });
    } else this.#giveUp(chunk);
    this.#chunk = undefined;
    this.#handed = this.#filled = 0;
  }

  #giveUp(chunk: Chunk | undefined): void {
    if (chunk !== undefined && --chunk.uses === 0) this.#options.budget.give(chunk.bytes);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    // What is being written is let go of when that is over.
    for (const { chunk } of this.#pieces.splice(0)) this.#giveUp(chunk);
    for (const { chunk } of this.#held.splice(0)) this.#giveUp(chunk);
    this.#heldFrom = Infinity;
    this.#giveUp(this.#chunk);
    this.#chunk = undefined;
    this.#handed = this.#filled = 0;
    this.#count(-this.#queued);
    this.#settle();
    this.#options.onFault(error);
  }

  #count(bytes: number): void {
    this.#queued += bytes;
    this.#options.budget.bytes += bytes;
  }

  #settle(): void {
    this.#stalled = 0;
    this.#options.budget.waiting.delete(this);
    if (this.#isIdle) { for (const resolve of this.#onIdle.splice(0)) resolve(); }
  }
}
