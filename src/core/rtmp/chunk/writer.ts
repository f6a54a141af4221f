/**
 * Pieces of chunk writing that the stateless and the stateful encoder share.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import {
  EXTENDED_TIMESTAMP,
  MAX_CHUNK_STREAM_ID,
  MAX_MESSAGE_LENGTH,
  MIN_CHUNK_STREAM_ID,
  writeU32,
} from "./format.ts";

/** Bytes of the basic header of a chunk stream id, in its shortest form [RTMP 1.0 §5.3.1.1]. */
export function basicHeaderLength(chunkStreamId: number): number {
  return chunkStreamId < 64 ? 1 : chunkStreamId < 320 ? 2 : 3;
}

/** Writes a basic header. Returns the offset after it. */
export function writeBasicHeader(
  target: Uint8Array,
  at: number,
  format: number,
  chunkStreamId: number,
): number {
  if (chunkStreamId < 64) {
    target[at] = (format << 6) | chunkStreamId;
    return at + 1;
  }
  target[at + 1] = chunkStreamId - 64;
  if (chunkStreamId < 320) {
    target[at] = format << 6;
    return at + 2;
  }
  target[at] = (format << 6) | 1;
  target[at + 2] = (chunkStreamId - 64) >>> 8;
  return at + 3;
}

/** Bytes that all chunks of a message take after the first header, continuation headers too. */
export function bodyLength(
  payloadLength: number,
  time: number,
  chunkStreamId: number,
  chunkSize: number,
): number {
  if (payloadLength <= chunkSize) return payloadLength;
  const header = basicHeaderLength(chunkStreamId) + (time < EXTENDED_TIMESTAMP ? 0 : 4);
  return payloadLength + (Math.ceil(payloadLength / chunkSize) - 1) * header;
}

/**
 * Writes the extended timestamp if `time` needs one, then the payload with its continuation
 * headers. `time` is what the first header gave, timestamp or delta; every continuation repeats
 * it when extended [RTMP 1.0 §5.3.1.3]. Returns the offset after the message.
 */
export function writeBody(
  target: Uint8Array,
  at: number,
  payload: Uint8Array,
  time: number,
  chunkStreamId: number,
  chunkSize: number,
): number {
  const extended = time >= EXTENDED_TIMESTAMP;
  if (extended) at = writeU32(target, at, time);
  const length = payload.length;
  if (length <= chunkSize) {
    target.set(payload, at);
    return at + length;
  }
  target.set(payload.subarray(0, chunkSize), at);
  at += chunkSize;
  for (let from = chunkSize; from < length; from += chunkSize) {
    at = writeBasicHeader(target, at, 3, chunkStreamId);
    if (extended) at = writeU32(target, at, time);
    const to = Math.min(from + chunkSize, length);
    target.set(payload.subarray(from, to), at);
    at += to - from;
  }
  return at;
}

/**
 * Refuses what the chunk format cannot express.
 *
 * @throws {UsageError}
 */
export function checkWritable(payloadLength: number, chunkStreamId: number, chunkSize: number) {
  if (payloadLength > MAX_MESSAGE_LENGTH) {
    throw new UsageError(`Cannot send ${payloadLength} bytes in one message: at most 16777215`);
  }
  if (!(chunkStreamId >= MIN_CHUNK_STREAM_ID && chunkStreamId <= MAX_CHUNK_STREAM_ID)) {
    throw new UsageError(`Cannot use chunk stream id ${chunkStreamId}: not within 2..65599`);
  }
  if (!(chunkSize >= 1)) throw new UsageError(`Cannot use chunk size ${chunkSize}: at least 1`);
}
