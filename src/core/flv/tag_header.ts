/**
 * The eleven bytes before the body of a tag [FLV §E.4.1], as they are read from files that nobody vouches
 * for.
 *
 * @module
 */

/** Bytes before the body of a tag. */
export const FLV_TAG_HEADER = 11;

/** Bytes behind the body of a tag, which say how long header and body were. */
export const FLV_TAG_TRAILER = 4;

/** What stands before the body of a tag. */
export interface FlvTagHeader {
  /** 8 for audio, 9 for video, 18 for data. */
  readonly type: number;
  /** Bytes of the body, 0..2^24-1, as the file declares them. */
  readonly length: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
}

/**
 * Reads the header of a tag at `offset`.
 *
 * @returns `undefined` when fewer than {@linkcode FLV_TAG_HEADER} bytes are there, or what is there is no
 * tag of media: its type is none of 8, 9 and 18 (one that is encrypted has a bit above them), or its stream
 * id, which is always zero, is another number.
 */
export function readFlvTagHeader(bytes: Uint8Array, offset: number): FlvTagHeader | undefined {
  if (!isFlvTagHeader(bytes, offset)) return undefined;
  const type = bytes[offset]!;
  return { type, length: flvTagLength(bytes, offset), timestamp: flvTagTime(bytes, offset) };
}

/** Whether {@linkcode readFlvTagHeader} finds a header at `offset`. */
export function isFlvTagHeader(bytes: Uint8Array, offset: number): boolean {
  if (offset + FLV_TAG_HEADER > bytes.length) return false;
  const type = bytes[offset]!;
  if (type !== 8 && type !== 9 && type !== 18) return false;
  return (bytes[offset + 8]! | bytes[offset + 9]! | bytes[offset + 10]!) === 0;
}

/** Bytes of the body, of a header at `offset`. */
export function flvTagLength(bytes: Uint8Array, offset: number): number {
  return bytes[offset + 1]! << 16 | bytes[offset + 2]! << 8 | bytes[offset + 3]!;
}

/** The time (ms) of a header at `offset`. */
export function flvTagTime(bytes: Uint8Array, offset: number): number {
  return (bytes[offset + 7]! << 24 | bytes[offset + 4]! << 16 | bytes[offset + 5]! << 8 |
    bytes[offset + 6]!) >>> 0;
}

/** The number behind a tag that ends at `offset`: bytes of its header and its body. */
export function readFlvTagSize(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24 | bytes[offset + 1]! << 16 | bytes[offset + 2]! << 8 |
    bytes[offset + 3]!) >>> 0;
}
