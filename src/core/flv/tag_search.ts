/**
 * Finds tags in the middle of an FLV file: behind a damage, near a time that is sought in a file without an
 * index, and before its end.
 *
 * @module
 */
import { FLV_TAG_HEADER, FLV_TAG_TRAILER, readFlvTagHeader, readFlvTagSize } from "./tag_header.ts";

/** A tag, and nothing of its body. */
export interface FoundTag {
  readonly type: number;
  readonly timestamp: number;
  /** Where it begins in the bytes that were searched. */
  readonly at: number;
  /** Where the next one begins. */
  readonly end: number;
}

/**
 * The first place from `from` on, before `before`, where a tag begins that is whole and has its own size behind it.
 *
 * Media can look like the header of a tag by chance, about once in 2^37 bytes with its size behind it; so
 * the size alone decides, and no second tag is asked for, which there may not be.
 */
export function findFlvTag(
  bytes: Uint8Array,
  from = 0,
  before: number = bytes.length,
): FoundTag | undefined {
  for (let at = from; at < before; at++) {
    const found = flvTagAt(bytes, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The tag at `at`, when it is whole and has its own size behind it. */
export function flvTagAt(bytes: Uint8Array, at: number): FoundTag | undefined {
  const header = readFlvTagHeader(bytes, at);
  if (header === undefined) return undefined;
  const trailer = at + FLV_TAG_HEADER + header.length;
  if (trailer + FLV_TAG_TRAILER > bytes.length) return undefined;
  if (readFlvTagSize(bytes, trailer) !== trailer - at) return undefined;
  const { type, timestamp } = header;
  return { type, timestamp, at, end: trailer + FLV_TAG_TRAILER };
}

/**
 * The last whole tag of bytes that end where a file does. A tag that was cut off behind it, as by a crash,
 * is passed over.
 */
export function findLastFlvTag(bytes: Uint8Array): FoundTag | undefined {
  for (let end = bytes.length; end >= FLV_TAG_HEADER + FLV_TAG_TRAILER; end--) {
    const size = readFlvTagSize(bytes, end - FLV_TAG_TRAILER);
    const at = end - FLV_TAG_TRAILER - size;
    if (size < FLV_TAG_HEADER || at < 0) continue;
    const found = flvTagAt(bytes, at);
    if (found?.end === end) return found;
  }
  return undefined;
}
