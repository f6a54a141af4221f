/**
 * Numbers of the chunk format that reader and writer share.
 *
 * @module
 */

/** Payload bytes per chunk until the peer says otherwise [RTMP 1.0 §5.4.1]. */
export const DEFAULT_CHUNK_SIZE = 128;

/** Largest chunk size that makes a difference: no message is longer [RTMP 1.0 §5.4.1]. */
export const MAX_CHUNK_SIZE = 0xffffff;

/** Longest message a 24-bit length field can announce, in bytes [RTMP 1.0 §5.3.1.2]. */
export const MAX_MESSAGE_LENGTH = 0xffffff;

/** Timestamp field value that announces a 32-bit field after the header [RTMP 1.0 §5.3.1.3]. */
export const EXTENDED_TIMESTAMP = 0xffffff;

/** Lowest chunk stream id; 0 and 1 mark the longer basic headers [RTMP 1.0 §5.3.1.1]. */
export const MIN_CHUNK_STREAM_ID = 2;

/** Highest chunk stream id, of the three byte basic header [RTMP 1.0 §5.3.1.1]. */
export const MAX_CHUNK_STREAM_ID = 65599;

/** Bytes of the longest header: basic 3, message 11, extended timestamp 4. */
export const MAX_HEADER_LENGTH = 18;

/** Reads a big-endian unsigned 24-bit number. */
export function readU24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}

/** Reads a big-endian unsigned 32-bit number. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
  );
}

/** Writes a big-endian unsigned 24-bit number. Returns the offset after it. */
export function writeU24(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 16;
  target[at + 1] = value >>> 8;
  target[at + 2] = value;
  return at + 3;
}

/** Writes a big-endian unsigned 32-bit number. Returns the offset after it. */
export function writeU32(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
  return at + 4;
}

/** Bytes of the number that a protocol control message consists of [RTMP 1.0 §5.4]. */
export const CONTROL_LENGTH = 4;
