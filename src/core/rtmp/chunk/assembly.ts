/**
 * Memory for a message that arrives in pieces.
 *
 * @module
 */

import type { ChunkStream } from "./chunk_stream.ts";

/** Smallest capacity, so that a trickle of single bytes does not reallocate at each. */
const MIN_CAPACITY = 32;

/** Below this many bytes a loop beats the native copy with the view it needs. */
const LOOP_BYTES = 40;

/** Copies `source[from, to)` to `target` at `at`. */
export function copyBytes(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  to: number,
): void {
  if (to - from >= LOOP_BYTES) {
    target.set(source.subarray(from, to), at);
    return;
  }
  for (let i = from; i < to; i++) target[at++] = source[i];
}

/**
 * Gives the memory of a buffer that nobody uses any more back now: a collector, which comes when it
 * likes, lets many times as much add up. Short ones are not worth the call.
 */
export function giveBack(buffer: Uint8Array): void {
  if (buffer.length >= 4096) (buffer.buffer as ArrayBuffer).transfer(0);
}

/** Chunks below this many bytes are copied by {@link copyShortChunks}. */
export const SHORT_CHUNK_BYTES = LOOP_BYTES;

/**
 * Copies whole chunks of `chunkSize` bytes, each behind a `header` byte, from `input` at `at` to
 * `target` at `to`, as long as they follow one another and fit below `limit`. Returns the offset
 * behind the last one. Short chunks are all headers: it is this loop that makes them bearable.
 */
export function copyShortChunks(
  target: Uint8Array,
  to: number,
  limit: number,
  input: Uint8Array,
  at: number,
  end: number,
  header: number,
  chunkSize: number,
): number {
  const count = Math.min(
    Math.floor((limit - to) / chunkSize),
    Math.floor((end - at) / (chunkSize + 1)),
  );
  if (chunkSize === 1) {
    const last = at + 2 * count;
    while (at < last && input[at] === header) {
      target[to++] = input[at + 1];
      at += 2;
    }
    return at;
  }
  for (let i = 0; i < count && input[at] === header; i++) {
    const next = at + 1 + chunkSize;
    for (at++; at < next; at++) target[to++] = input[at];
  }
  return at;
}

/** The one byte header of a continuation chunk of `stream`; -1 when it takes more than a byte. */
export function continuationHeader(stream: ChunkStream): number {
  return stream.id > 63 || stream.extended ? -1 : 0xc0 | stream.id;
}

/**
 * How many payload bytes of the message on `stream` follow one another in `input` from `at`, where
 * the current chunk has `chunkLeft` bytes left. It looks ahead over the one byte headers of
 * continuation chunks and stops at anything else, so it may say too little but never counts bytes
 * that have not arrived.
 */
export function contiguousPayload(
  input: Uint8Array,
  at: number,
  end: number,
  stream: ChunkStream,
  chunkLeft: number,
  chunkSize: number,
): number {
  const header = continuationHeader(stream);
  const missing = stream.length - stream.received;
  let count = Math.min(chunkLeft, end - at);
  let next = at + chunkLeft;
  while (count < missing && next < end && input[next] === header) {
    const chunk = Math.min(chunkSize, missing - count, end - next - 1);
    count += chunk;
    next += 1 + chunk;
  }
  return count;
}

/**
 * Capacity for a message of `length` bytes of which `received` are here: exactly the message when
 * it is complete, else twice what is here. What a peer declares alone allocates nothing.
 */
export function assemblyCapacity(length: number, received: number): number {
  return Math.min(length, Math.max(MIN_CAPACITY, 2 * received));
}
