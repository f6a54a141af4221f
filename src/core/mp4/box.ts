/**
 * Boxes of the ISO base media file format, and the numbers in them [ISO/IEC 14496-12 §4.2].
 *
 * @module
 */

/** Bytes of one box or of a part of it, in any form. */
export type Bytes = ArrayLike<number>;

/** A box: its size, its type of four characters, its contents one behind the other. */
export function box(type: string, ...contents: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const size = contents.reduce((sum, { length }) => sum + length, 8);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set(ascii(type), 4);
  let at = 8;
  for (const content of contents) {
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}

/** A box with a version and 24 bits of flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...contents: readonly Bytes[]
): Uint8Array<ArrayBuffer> {
  return box(type, u32(version * 2 ** 24 + flags), ...contents);
}

/** An unsigned 8-bit number. */
export function u8(value: number): number[] {
  return [value & 255];
}

/** An unsigned or signed 16-bit number. */
export function u16(value: number): number[] {
  return [value >> 8 & 255, value & 255];
}

/** An unsigned 24-bit number. */
export function u24(value: number): number[] {
  return [value >> 16 & 255, value >> 8 & 255, value & 255];
}

/** An unsigned or signed 32-bit number; higher bits are cut off. */
export function u32(value: number): number[] {
  return [value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255];
}

/** An unsigned 64-bit number, a whole one below 2^53. */
export function u64(value: number): number[] {
  return [...u32(Math.floor(value / 2 ** 32)), ...u32(value)];
}

/** A number with 16 bits behind the point. */
export function fixed16(value: number): number[] {
  return u32(Math.round(value * 65_536));
}

/** So many zeros. */
export function zeros(count: number): Bytes {
  return new Uint8Array(count);
}

/** Characters of ASCII. */
export function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0) & 127);
}

/** Characters of ASCII, and a zero behind them. */
export function asciiz(text: string): number[] {
  return [...ascii(text), 0];
}
