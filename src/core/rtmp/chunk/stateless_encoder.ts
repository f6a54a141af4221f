/**
 * Cuts messages into chunks without remembering anything: every message starts with a type 0
 * header, so the bytes can be made once and sent to many peers, joined at any message.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import { EXTENDED_TIMESTAMP, writeU24 } from "./format.ts";
import {
  basicHeaderLength,
  bodyLength,
  checkWritable,
  writeBasicHeader,
  writeBody,
} from "./writer.ts";

/** Bytes of the type 0 message header [RTMP 1.0 §5.3.1.2.1]. */
const MESSAGE_HEADER_LENGTH = 11;

/**
 * Bytes a message takes on the wire, with headers. Lengths and `chunkSize` in bytes, `timestamp`
 * in milliseconds modulo 2^32, `chunkStreamId` in 2..65599.
 */
export function encodedSize(
  payloadLength: number,
  timestamp: number,
  chunkStreamId: number,
  chunkSize: number,
): number {
  return basicHeaderLength(chunkStreamId) + MESSAGE_HEADER_LENGTH +
    (timestamp < EXTENDED_TIMESTAMP ? 0 : 4) +
    bodyLength(payloadLength, timestamp, chunkStreamId, chunkSize);
}

/**
 * Writes a message to `target` at `offset`, {@link encodedSize} bytes. Returns the offset after it.
 *
 * @throws {UsageError} when it does not fit, the chunk stream id is outside 2..65599, the chunk
 *   size is below 1 or the payload is longer than 16777215 bytes.
 */
export function encodeMessageInto(
  target: Uint8Array,
  offset: number,
  type: number,
  messageStreamId: number,
  timestamp: number,
  payload: Uint8Array,
  chunkStreamId: number,
  chunkSize: number,
): number {
  checkWritable(payload.length, chunkStreamId, chunkSize);
  const size = encodedSize(payload.length, timestamp, chunkStreamId, chunkSize);
  if (offset + size > target.length) {
    throw new UsageError(`Cannot write ${size} bytes at ${offset} of ${target.length}`);
  }
  return writeMessage(
    target,
    offset,
    type,
    messageStreamId,
    timestamp,
    payload,
    chunkStreamId,
    chunkSize,
  );
}

/**
 * Encodes a message into bytes of its own.
 *
 * @throws {UsageError} as {@link encodeMessageInto}.
 */
export function encodeMessage(
  type: number,
  messageStreamId: number,
  timestamp: number,
  payload: Uint8Array,
  chunkStreamId: number,
  chunkSize: number,
): Uint8Array {
  checkWritable(payload.length, chunkStreamId, chunkSize);
  const target = new Uint8Array(encodedSize(payload.length, timestamp, chunkStreamId, chunkSize));
  writeMessage(target, 0, type, messageStreamId, timestamp, payload, chunkStreamId, chunkSize);
  return target;
}

function writeMessage(
  target: Uint8Array,
  offset: number,
  type: number,
  messageStreamId: number,
  timestamp: number,
  payload: Uint8Array,
  chunkStreamId: number,
  chunkSize: number,
): number {
  let at = writeBasicHeader(target, offset, 0, chunkStreamId);
  at = writeU24(target, at, timestamp < EXTENDED_TIMESTAMP ? timestamp : EXTENDED_TIMESTAMP);
  at = writeU24(target, at, payload.length);
  target[at] = type;
  at = writeMessageStreamId(target, at + 1, messageStreamId);
  return writeBody(target, at, payload, timestamp, chunkStreamId, chunkSize);
}

/** Writes a message stream id, little-endian [RTMP 1.0 §5.3.1.2.1]. Returns the offset after it. */
export function writeMessageStreamId(target: Uint8Array, at: number, id: number): number {
  target[at] = id;
  target[at + 1] = id >>> 8;
  target[at + 2] = id >>> 16;
  target[at + 3] = id >>> 24;
  return at + 4;
}
