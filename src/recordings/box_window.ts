/**
 * Reads small pieces of a file that stand near to one another, with few reads of the disk.
 *
 * @module
 */
import { type BoxHead, MAX_BOX_HEAD, readBoxHead } from "../core/mp4/read/box_head.ts";
import type { MediaSource } from "./folder.ts";

/** Bytes that are read at a time. */
const WINDOW_BYTES = 16 * 1024;

/** A box of a file, whose contents were not read. */
export interface PlacedBox extends BoxHead {
  /** Where its contents begin. */
  readonly start: number;
  /** Where it ends: at the end of the file at the latest. */
  readonly end: number;
}

/** A window on a file, which goes where it is looked for. */
export class BoxWindow {
  readonly #source: MediaSource;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: MediaSource) {
    this.#source = source;
  }

  /** Whether so many bytes from `at` on were read already. */
  has(at: number, length: number): boolean {
    return at >= this.#at && at + length <= this.#at + this.#bytes.length;
  }

  /** `length` bytes from `at` on, or as many as there are. Lent until the next call. */
  async bytes(at: number, length: number): Promise<Uint8Array> {
    const from = at - this.#at;
    if (from < 0 || from + length > this.#bytes.length) {
      const window = new Uint8Array(Math.max(length, WINDOW_BYTES));
      this.#bytes = window.subarray(0, await this.#source.read(window, at));
      this.#at = at;
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(from, from + length);
  }

  /** The box that begins at `at`, before `end`; `undefined` when there is none. */
  async box(at: number, end: number): Promise<PlacedBox | undefined> {
    if (at + 8 > end) return undefined;
    const head = readBoxHead(await this.bytes(at, MAX_BOX_HEAD), 0);
    if (head === undefined) return undefined;
    return { ...head, start: at + head.head, end: Math.min(end, at + head.size) };
  }

  /** The boxes from `from` to `end`, one behind the other; at most `most`. */
  async *boxes(from: number, end: number, most = 1024): AsyncGenerator<PlacedBox> {
    let at = from;
    for (let count = 0; count < most; count++) {
      const found = await this.box(at, end);
      if (found === undefined) return;
      yield found;
      at = found.end;
    }
  }
}
