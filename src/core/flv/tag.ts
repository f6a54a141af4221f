/**
 * FLV as a stream of bytes: the header of a file, and tags whose bodies are RTMP messages as they
 * came [FLV §E.2, §E.3, §E.4.1].
 *
 * @module
 */

/** Bytes of the header of a file, and of the zero behind it: where the first tag begins. */
export const FLV_FILE_HEADER = 13;

/** Bytes of a tag around its body: 11 before it, and 4 behind it that say how long it was. */
export const FLV_TAG_OVERHEAD = 15;

/**
 * The header of an FLV file, and the zero that stands for the tag before the first. Players wait for sound and for pictures as it announces them, so it
 * should say what is known.
 */
export function flvHeader(hasAudio: boolean, hasVideo: boolean): Uint8Array {
  const flags = (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0);
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0);
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
  target[offset] = type;
  target[offset + 1] = length >>> 16;
  target[offset + 2] = length >>> 8;
  target[offset + 3] = length;
  target[offset + 4] = timestamp >>> 16;
  target[offset + 5] = timestamp >>> 8;
  target[offset + 6] = timestamp;
  target[offset + 7] = timestamp >>> 24;
  target[offset + 8] = target[offset + 9] = target[offset + 10] = 0;
  target.set(body, offset + 11);
  const size = length + 11;
  const end = offset + size;
  target[end] = size >>> 24;
  target[end + 1] = size >>> 16;
  target[end + 2] = size >>> 8;
  target[end + 3] = size;
}
