/**
 * Files of media that are no files: bytes in memory, and hours of FLV that are made where they are read.
 *
 * @module
 */
import { writeFlvTag } from "../../src/core/flv/tag.ts";
import type { MediaSource } from "../../src/recordings/folder.ts";

/** Counts what is read of it. */
abstract class CountedSource implements MediaSource {
  readonly path: string = "live/demo.flv";
  readonly modified = 0;
  readonly version = "1";
  abstract size: number;
  reads = 0;
  bytesRead = 0;
  closed = false;

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  read(target: Uint8Array, position: number): Promise<number> {
    // As a disk does.
    if (!(position >= 0)) return Promise.reject(new RangeError(`Read at ${position}`));
    const count = Math.max(0, Math.min(target.length, this.size - position));
    this.reads++;
    this.bytesRead += count;
    this.fill(target.subarray(0, count), position);
    return Promise.resolve(count);
  }

  protected abstract fill(target: Uint8Array, position: number): void;

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** Bytes that may grow. */
export class BytesSource extends CountedSource {
  bytes: Uint8Array;

  override readonly path: string;

  constructor(bytes: Uint8Array, path = "live/demo.flv") {
    super();
    this.bytes = bytes;
    this.path = path;
  }

  override get size(): number {
    return this.bytes.length;
  }

  protected override fill(target: Uint8Array, position: number): void {
    target.set(this.bytes.subarray(position, position + target.length));
  }
}

/** A beginning, and behind it `count` tags of `length` bytes each, made by their number. */
export class LongSource extends CountedSource {
  readonly #head: Uint8Array;
  readonly #length: number;
  readonly #tag: (number: number) => { type: number; timestamp: number; body: Uint8Array };
  override readonly size: number;

  constructor(
    head: Uint8Array,
    count: number,
    length: number,
    tag: (number: number) => { type: number; timestamp: number; body: Uint8Array },
  ) {
    super();
    this.#head = head;
    this.#length = length;
    this.#tag = tag;
    this.size = head.length + count * length;
  }

  protected override fill(target: Uint8Array, position: number): void {
    const { length } = this.#head;
    for (let at = position; at < position + target.length;) {
      let from: Uint8Array;
      if (at < length) from = this.#head.subarray(at);
      else {
        const number = Math.floor((at - length) / this.#length);
        const bytes = new Uint8Array(this.#length);
        const { type, timestamp, body } = this.#tag(number);
        writeFlvTag(bytes, 0, type, timestamp, body);
        from = bytes.subarray(at - length - number * this.#length);
      }
      const taken = from.subarray(0, position + target.length - at);
      target.set(taken, at - position);
      at += taken.length;
    }
  }
}
