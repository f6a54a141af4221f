/**
 * Media that waits for its place in a file, in one array that is used again.
 *
 * @module
 */

/** Bytes one behind the other: appended at the end, and taken from the beginning. */
export class Stash {
  #bytes = NONE;
  #length = 0;

  /** Appends a copy. */
  add(media: Uint8Array): void {
    const needed = this.#length + media.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(media, this.#length);
    this.#length = needed;
  }

  /** The first `count` bytes, lent until the next call. */
  first(count: number): Uint8Array {
    return this.#bytes.subarray(0, count);
  }

  /** Forgets them. */
  drop(count: number): void {
    this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}

const NONE = new Uint8Array();
