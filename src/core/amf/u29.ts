/**
 * Variable-length 29-bit numbers [AMF3 §1.3.1]: one to four bytes, seven bits each with the top bit
 * for "more follows", but all eight of a fourth byte.
 *
 * @module
 */

import type { ByteReader } from "../bytes/reader.ts";
import type { ByteWriter } from "../bytes/writer.ts";

/** Highest unsigned 29-bit number. */
export const MAX_U29 = 0x1fffffff;

/** Reads an unsigned 29-bit number. */
export function readU29(reader: ByteReader): number {
  let value = 0;
  for (let i = 0; i < 3; i++) {
    const byte = reader.u8();
    value = value << 7 | byte & 0x7f;
    if (byte < 0x80) return value;
  }
  return value << 8 | reader.u8();
}

/** Writes an unsigned number of at most 29 bits. */
export function writeU29(writer: ByteWriter, value: number): void {
  if (value < 0x80) {
    writer.u8(value);
  } else if (value < 0x4000) {
    writer.u16((value >> 7 | 0x80) << 8 | value & 0x7f);
  } else if (value < 0x200000) {
    writer.u24((value >> 14 | 0x80) << 16 | (value >> 7 & 0x7f | 0x80) << 8 | value & 0x7f);
  } else {
    writer.u8(value >> 22 | 0x80);
    writer.u8(value >> 15 & 0x7f | 0x80);
    writer.u8(value >> 8 & 0x7f | 0x80);
    writer.u8(value & 0xff);
  }
}

/** The same 29 bits as a signed number, -2^28..2^28-1. */
export function signedU29(value: number): number {
  return value << 3 >> 3;
}

/** Whether `value` is written as an AMF3 integer without loss; -0 is not. */
export function fitsInteger(value: number): boolean {
  return signedU29(value) === value && !Object.is(value, -0);
}
