/**
 * Reads big-endian numbers and text from a byte array, never past its end.
 *
 * @module
 */

import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";

/**
 * Keeps a byte order mark as the character it is, so that text survives a round trip. Bytes that
 * are not UTF-8 become U+FFFD: a peer's encoding mistake is no reason to drop what it says.
 */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A cursor over bytes from the wire. Every method throws {@link ProtocolError} at the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #code: ProtocolErrorCode;
  #offset = 0;

  /**
   * Reads `bytes` from the first one on; they are kept, not copied.
   *
   * @param code the code of the {@link ProtocolError} thrown when the bytes run out
   */
  constructor(bytes: Uint8Array, code: ProtocolErrorCode) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#code = code;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** The byte `ahead` of the cursor without taking it, `undefined` behind the end. */
  peek(ahead = 0): number | undefined {
    return this.#bytes[this.#offset + ahead];
  }

  /** Unsigned 8-bit number. */
  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** Unsigned 16-bit number. */
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  /** Signed 16-bit number. */
  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  /** Unsigned 24-bit number. */
  u24(): number {
    const at = this.#take(3);
    return this.#view.getUint16(at) * 0x100 + this.#bytes[at + 2]!;
  }

  /** Unsigned 32-bit number. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** Signed 32-bit number. */
  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** IEEE 754 double. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** The next `length` bytes as a view: copy what must outlive the input. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** The next `length` bytes as text. Invalid UTF-8 is replaced, never refused. */
  utf8(length: number): string {
    return length === 0 ? "" : UTF8.decode(this.bytes(length));
  }

  /** Moves over `length` bytes; returns the offset they begin at. */
  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#bytes.length - at) {
      throw new ProtocolError(
        this.#code,
        `Cannot read ${length} bytes at offset ${at}: only ${this.remaining} are left`,
      );
    }
    this.#offset = at + length;
    return at;
  }
}
