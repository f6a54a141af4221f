/**
 * Bodies of the protocol control messages, types 1, 2, 3, 5 and 6 [RTMP 1.0 §5.4].
 *
 * Decoders read what they need and ignore bytes after it.
 *
 * @module
 */

import { ProtocolError, UsageError } from "../../errors.ts";
import { MAX_CHUNK_SIZE, readU32, writeU32 } from "../chunk/format.ts";

/** How binding a Set Peer Bandwidth is [RTMP 1.0 §5.4.5]. */
export const BandwidthLimit = {
  /** Use the window given. */
  Hard: 0,
  /** Use the smaller of the window given and the one in force. */
  Soft: 1,
  /** As hard if the limit before was hard; to be ignored otherwise. */
  Dynamic: 2,
} as const;

/** The body of a Set Peer Bandwidth. */
export interface PeerBandwidth {
  /** Bytes that may be in flight without an acknowledgement. */
  readonly windowSize: number;
  /** One of {@link BandwidthLimit}. */
  readonly limitType: 0 | 1 | 2;
}

/**
 * Payload bytes per chunk that a Set Chunk Size asks for [RTMP 1.0 §5.4.1]. Sizes above the longest
 * message act as that, 0xFFFFFF.
 *
 * @throws {ProtocolError} `control` when the body is short, the size 0 or its top bit set.
 */
export function decodeSetChunkSize(payload: Uint8Array): number {
  const size = u32(payload, "Set Chunk Size");
  if (size === 0 || size > 0x7fffffff) {
    throw new ProtocolError("control", `Chunk size ${size} is not within 1..2147483647`);
  }
  return Math.min(size, MAX_CHUNK_SIZE);
}

/**
 * Body of a Set Chunk Size [RTMP 1.0 §5.4.1].
 *
 * @throws {UsageError} when `size` is not a whole number in 1..2^31-1.
 */
export function encodeSetChunkSize(size: number): Uint8Array {
  if (!Number.isInteger(size) || size < 1 || size > 0x7fffffff) {
    throw new UsageError(`Cannot set chunk size ${size}: not within 1..2147483647`);
  }
  return u32Body(size);
}

/**
 * Chunk stream id whose unfinished message the peer gives up [RTMP 1.0 §5.4.2].
 *
 * @throws {ProtocolError} `control` when the body is short.
 */
export function decodeAbort(payload: Uint8Array): number {
  return u32(payload, "Abort");
}

/** Body of an Abort. FFmpeg and GStreamer ignore it: do not send it to them. */
export function encodeAbort(chunkStreamId: number): Uint8Array {
  return u32Body(chunkStreamId);
}

/**
 * Bytes the peer has received so far, modulo 2^32 [RTMP 1.0 §5.4.3].
 *
 * @throws {ProtocolError} `control` when the body is short.
 */
export function decodeAcknowledgement(payload: Uint8Array): number {
  return u32(payload, "Acknowledgement");
}

/** Body of an Acknowledgement. `bytes` may be the true total: it is sent modulo 2^32. */
export function encodeAcknowledgement(bytes: number): Uint8Array {
  return u32Body(bytes % 0x100000000);
}

/**
 * Bytes after which the peer wants an acknowledgement [RTMP 1.0 §5.4.4]. Any value is handed on,
 * 0 too: whoever answers must have a lower bound of its own.
 *
 * @throws {ProtocolError} `control` when the body is short.
 */
export function decodeWindowAckSize(payload: Uint8Array): number {
  return u32(payload, "Window Acknowledgement Size");
}

/** Body of a Window Acknowledgement Size, in bytes. */
export function encodeWindowAckSize(bytes: number): Uint8Array {
  return u32Body(bytes);
}

/**
 * The window a peer allows us, in bytes, and how binding it is [RTMP 1.0 §5.4.5].
 *
 * @throws {ProtocolError} `control` when the body is short or the limit type unknown.
 */
export function decodeSetPeerBandwidth(payload: Uint8Array): PeerBandwidth {
  const windowSize = u32(payload, "Set Peer Bandwidth", 5);
  const limitType = payload[4];
  if (limitType !== 0 && limitType !== 1 && limitType !== 2) {
    throw new ProtocolError("control", `Set Peer Bandwidth has unknown limit type ${limitType}`);
  }
  return { windowSize, limitType };
}

/** Body of a Set Peer Bandwidth. */
export function encodeSetPeerBandwidth(windowSize: number, limitType: 0 | 1 | 2): Uint8Array {
  const body = new Uint8Array(5);
  body[writeU32(body, 0, windowSize)] = limitType;
  return body;
}

/**
 * The window in force after `next`, in bytes [RTMP 1.0 §5.4.5]. `current` is the window before it,
 * `last` the Set Peer Bandwidth before it, if there was one. A change is to be answered with a
 * Window Acknowledgement Size.
 */
export function applyPeerBandwidth(
  current: number,
  last: PeerBandwidth | undefined,
  next: PeerBandwidth,
): number {
  if (next.limitType === BandwidthLimit.Hard) return next.windowSize;
  if (next.limitType === BandwidthLimit.Soft) return Math.min(current, next.windowSize);
  return last?.limitType === BandwidthLimit.Hard ? next.windowSize : current;
}

function u32(payload: Uint8Array, name: string, length = 4): number {
  if (payload.length < length) {
    throw new ProtocolError("control", `${name} has ${payload.length} bytes, needs ${length}`);
  }
  return readU32(payload, 0);
}

function u32Body(value: number): Uint8Array {
  const body = new Uint8Array(4);
  writeU32(body, 0, value);
  return body;
}
