/**
 * Chunks of a body whose length nobody knows yet [RFC 9112 §7.1].
 *
 * @module
 */

/** What ends a body. */
export const LAST_CHUNK: Uint8Array = Uint8Array.of(0x30, 13, 10, 13, 10);

const DIGITS = "0123456789abcdef";

/** Digits of the length, in hexadecimal. */
function digitsOf(length: number): number {
  let digits = 1;
  for (let rest = length >>> 4; rest > 0; rest >>>= 4) digits++;
  return digits;
}

/** Bytes before a chunk of so many bytes. */
export function chunkHeaderSize(length: number): number {
  return digitsOf(length) + 2;
}

/** Bytes behind a chunk. */
export const CHUNK_END_SIZE = 2;

/**
 * Writes what is before a chunk.
 *
 * @param length bytes of the chunk, from 1 (0 would end the body) to 2^32 - 1
 * @returns the offset behind it, where the chunk goes
 */
export function writeChunkHeader(target: Uint8Array, offset: number, length: number): number {
  const digits = digitsOf(length);
  let rest = length;
  for (let at = offset + digits - 1; at >= offset; at--, rest >>>= 4) {
    target[at] = DIGITS.charCodeAt(rest & 15);
  }
  return writeLineEnd(target, offset + digits);
}

/** Writes what is behind a chunk, and returns the offset behind that. */
export function writeChunkEnd(target: Uint8Array, offset: number): number {
  return writeLineEnd(target, offset);
}

function writeLineEnd(target: Uint8Array, offset: number): number {
  target[offset] = 13;
  target[offset + 1] = 10;
  return offset + 2;
}
