/**
 * Writes big-endian numbers and text into a byte array that grows.
 *
 * @module
 */

const UTF8 = new TextEncoder();

/** Room before the first growth, in bytes: enough for most command replies. */
const INITIAL_SIZE = 256;

/** A growing byte array. */
export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_SIZE);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Unsigned 8-bit number; higher bits are cut off, here and below. */
  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  /** Unsigned or signed 16-bit number. */
  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }

  /** Unsigned 24-bit number. */
  u24(value: number): void {
    const at = this.#grow(3);
    this.#bytes[at] = value >> 16;
    this.#view.setUint16(at + 1, value);
  }

  /** Unsigned or signed 32-bit number. */
  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }

  /** IEEE 754 double. */
  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
  }

  /** Appends a copy of `bytes`. */
  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A copy of what was written, of exactly its length. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room for `length` bytes; returns the offset they begin at. */
  #grow(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }
}

/** `text` as UTF-8; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return UTF8.encode(text);
}
