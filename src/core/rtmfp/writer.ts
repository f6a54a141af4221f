/**
 * Writes the chunks of one packet, of which one size is the most there may be.
 *
 * @module
 */
import { vluLength, writeVlu } from "./vlu.ts";

/** Bytes ahead of each chunk: its type and its length [RFC 7016 §2.3]. */
export const CHUNK_HEADER_LENGTH = 3;

/** A packet in the making. It is used again for the next one. */
export class PacketWriter {
  readonly bytes: Uint8Array;
  /** Where the next byte goes. */
  at = 0;
  #chunk = 0;

  /** `capacity`: bytes of the longest packet. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Bytes that fit in. */
  get room(): number {
    return this.bytes.length - this.at;
  }

  /** What was written, lent. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** Unsigned 8-bit number. */
  u8(value: number): this {
    this.bytes[this.at++] = value;
    return this;
  }

  /** Unsigned 16-bit number. */
  u16(value: number): this {
    return this.u8(value >> 8).u8(value);
  }

  /** Unsigned 32-bit number. */
  u32(value: number): this {
    return this.u16(value >> 16).u16(value);
  }

  /** A number of variable length. */
  vlu(value: number): this {
    this.at = writeVlu(this.bytes, this.at, value);
    return this;
  }

  /** Bytes as they are. */
  put(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  /** Bytes behind their number. */
  field(bytes: Uint8Array): this {
    return this.vlu(bytes.length).put(bytes);
  }

  /** Begins a chunk. */
  begin(type: number): this {
    this.#chunk = this.at;
    return this.u8(type).u16(0);
  }

  /** Ends the chunk that was begun. */
  end(): this {
    const length = this.at - this.#chunk - CHUNK_HEADER_LENGTH;
    this.bytes[this.#chunk + 1] = length >> 8;
    this.bytes[this.#chunk + 2] = length;
    return this;
  }

  /** Takes back the chunk that was begun. */
  drop(): void {
    this.at = this.#chunk;
  }
}

/** Bytes that `bytes` take as a field. */
export function fieldLength(bytes: Uint8Array): number {
  return vluLength(bytes.length) + bytes.length;
}
