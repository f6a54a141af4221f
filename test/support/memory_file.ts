/**
 * A file in memory, as recordings are written to.
 *
 * @module
 */
import type { RecordingSink } from "../../src/recordings/recording_file.ts";

/** A file that grows in memory, to so many bytes. */
export class MemoryFile implements RecordingSink {
  #bytes = new Uint8Array(4096);
  position = 0;
  /** Whether the disk takes nothing for now. */
  isFull = false;
  /** What is before it stays as it is. */
  released = 0;

  readonly #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  /** What is in it. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.position);
  }

  get room(): number {
    return this.isFull ? 0 : this.#most - this.position;
  }

  put(bytes: Uint8Array): void {
    if (this.position + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.position + bytes.length));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  reserve(size: number): number {
    const { position } = this;
    this.put(new Uint8Array(size));
    return position;
  }

  fill(position: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, position);
  }

  release(position: number): void {
    this.released = position;
  }

  flush(): void {}

  overwrite(bytes: Uint8Array, position: number): void {
    this.#bytes.set(bytes, position);
  }
}
