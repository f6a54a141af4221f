/**
 * Reads what is in a packet, never past an end. What is cut short gives zeros and is noted, so that
 * whoever reads looks once, at the end: among datagrams that anybody may send, a broken one is nothing
 * to throw for.
 *
 * @module
 */

/** A cursor over bytes from the wire. It can be set to others, so that a packet costs no object. */
export class PacketReader {
  bytes: Uint8Array = new Uint8Array();
  /** Where the next byte is read. */
  at = 0;
  /** Where reading ends. */
  end = 0;
  /** Whether something was not there, or no number that can be counted with. */
  failed = false;

  /** Reads `bytes[at..end)` from now on. */
  set(bytes: Uint8Array, at = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.failed = false;
    return this;
  }

  /** Bytes left. */
  get left(): number {
    return this.end - this.at;
  }

  /** Unsigned 8-bit number. */
  u8(): number {
    if (this.at >= this.end) return this.#fail();
    return this.bytes[this.at++]!;
  }

  /** Unsigned 16-bit number. */
  u16(): number {
    if (this.left < 2) return this.#fail();
    const { bytes, at } = this;
    this.at += 2;
    return bytes[at]! << 8 | bytes[at + 1]!;
  }

  /** Unsigned 32-bit number. */
  u32(): number {
    if (this.left < 4) return this.#fail();
    return this.u16() * 0x10000 + this.u16();
  }

  /** A number of variable length; more than 2^53 - 1 is none. */
  vlu(): number {
    let value = 0;
    for (;;) {
      if (this.at >= this.end) return this.#fail();
      const byte = this.bytes[this.at++]!;
      value = value * 128 + (byte & 0x7f);
      if (value > Number.MAX_SAFE_INTEGER) return this.#fail();
      if (byte < 0x80) return value;
    }
  }

  /** The next `length` bytes, lent. */
  take(length: number): Uint8Array {
    if (length > this.left) {
      this.#fail();
      return this.bytes.subarray(0, 0);
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Bytes with their number ahead of them, lent. */
  field(): Uint8Array {
    return this.take(this.vlu());
  }

  /** All that is left, lent. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  #fail(): number {
    this.failed = true;
    this.at = this.end;
    return 0;
  }
}
