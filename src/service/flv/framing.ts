/**
 * What tags are wrapped in on their way, once for all players: nothing, a chunk of HTTP, or a frame of
 * WebSocket. Each is a few bytes that the encoder writes around the tag, and no work for each player.
 *
 * @module
 */
import {
  CHUNK_END_SIZE,
  chunkHeaderSize,
  LAST_CHUNK,
  writeChunkEnd,
  writeChunkHeader,
} from "../../core/http/chunk.ts";
import { frameHeaderSize, Opcode, writeFrameHeader } from "../../core/websocket/frame.ts";

/** A way to wrap bytes. */
export interface Framing {
  /** Equal names mean equal bytes. */
  readonly name: "bare" | "chunked" | "websocket";
  /** Bytes of a wrapped part of `length` bytes. */
  size(length: number): number;
  /** Writes what is before the part, and returns the offset at which that goes. */
  open(target: Uint8Array, offset: number, length: number): number;
  /** Writes what is behind it; `offset` is its end. */
  close(target: Uint8Array, offset: number): void;
  /** What says that nothing more comes; without it the connection has to. */
  readonly last?: Uint8Array;
}

/** As they are: the body ends with the connection. */
export const BARE: Framing = {
  name: "bare",
  size: (length) => length,
  open: (_target, offset) => offset,
  close() {},
};

/** For clients of HTTP 1.1, which can tell the end from an interruption. */
export const CHUNKED: Framing = {
  name: "chunked",
  size: (length) => chunkHeaderSize(length) + length + CHUNK_END_SIZE,
  open: writeChunkHeader,
  close: (target, offset) => void writeChunkEnd(target, offset),
  last: LAST_CHUNK,
};

/** Each part is a binary message. */
export const WEBSOCKET: Framing = {
  name: "websocket",
  size: (length) => frameHeaderSize(length) + length,
  open: (target, offset, length) => writeFrameHeader(target, offset, Opcode.Binary, length),
  close() {},
};

/** `part`, wrapped. */
export function wrapped(framing: Framing, part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(framing.size(part.length));
  const start = framing.open(bytes, 0, part.length);
  bytes.set(part, start);
  framing.close(bytes, start + part.length);
  return bytes;
}
