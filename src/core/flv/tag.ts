/**
 * FLV as a stream of bytes: the header of a file, and tags whose bodies are RTMP messages as they
 * came [FLV §E.2, §E.3, §E.4.1].
 *
 * @module
 */
import { FLV_TAG_HEADER, FLV_TAG_TRAILER } from "./tag_header.ts";

/** Bytes of the header of a file, and of the zero behind it: where the first tag begins. */
export const FLV_FILE_HEADER = 13;

/** Bytes of a tag around its body: 11 before it, and 4 behind it that say how long it was. */
export const FLV_TAG_OVERHEAD: number = FLV_TAG_HEADER + FLV_TAG_TRAILER;

/**
 * The header of an FLV file, and the zero that stands for the tag before the first. Players wait for sound and for pictures as it announces them, so it
 * should say what is known.
 */
export function flvHeader(hasAudio: boolean, hasVideo: boolean): Uint8Array {
  const flags = (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0);
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0);
}

/**
 * Writes what stands before the body of a tag.
 *
 * @param type 8 for audio, 9 for video, 18 for data
 * @param timestamp milliseconds, modulo 2^32
 * @param length of the body, below 2^24, as that of messages of RTMP is
 */
export function writeFlvTagHeader(
  target: Uint8Array,
  offset: number,
  type: number,
  timestamp: number,
  length: number,
): void {
  target[offset] = type;
  target[offset + 1] = length >> 16;
  target[offset + 2] = length >> 8;
  target[offset + 3] = length;
  target[offset + 4] = timestamp >> 16;
  target[offset + 5] = timestamp >> 8;
  target[offset + 6] = timestamp;
  target[offset + 7] = timestamp >> 24;
  target[offset + 8] = target[offset + 9] = target[offset + 10] = 0;
}

/** Writes what stands behind the body of a tag of `length` bytes. */
export function writeFlvTagTrailer(target: Uint8Array, offset: number, length: number): void {
  const size = length + FLV_TAG_HEADER;
  target[offset] = size >> 24;
  target[offset + 1] = size >> 16;
  target[offset + 2] = size >> 8;
  target[offset + 3] = size;
}

/**
 * Writes a tag of {@linkcode FLV_TAG_OVERHEAD} bytes and its body into `target` at `offset`.
 *
 * @param type 8 for audio, 9 for video, 18 for data
 * @param timestamp milliseconds, modulo 2^32
 * @param body shorter than 2^24 bytes, as messages of RTMP are
 */
export function writeFlvTag(
  target: Uint8Array,
  offset: number,
  type: number,
  timestamp: number,
  body: Uint8Array,
): void {
  const { length } = body;
  writeFlvTagHeader(target, offset, type, timestamp, length);
  target.set(body, offset + FLV_TAG_HEADER);
  writeFlvTagTrailer(target, offset + FLV_TAG_HEADER + length, length);
}
