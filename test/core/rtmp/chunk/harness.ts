/**
 * Feeds a chunk decoder and writes down what comes out.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { ChunkDecoder, type MessageSink } from "../../../../src/core/rtmp/chunk/decoder.ts";
import type { ChunkDecoderLimits } from "../../../../src/core/rtmp/chunk/limits.ts";
import { feedings } from "../../../support/feed.ts";

/** A decoded message in a form that compares well. */
export interface Seen {
  type: number;
  messageStreamId: number;
  timestamp: number;
  chunkStreamId: number;
  payload: string;
}

/** What a sink is given. */
export type Message = Parameters<MessageSink["onMessage"]>;

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** Bytes from hex digits; blanks and what follows a `|` up to the end of its line are comment. */
export function bytes(text: string): Uint8Array {
  const digits = text.replace(/\|.*$/gm, "").replace(/\s/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Numbers 0, 1, 2 ... of the length given: a payload whose parts cannot be mixed up unseen. */
export function counting(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Decodes the segments one after another and overwrites each afterwards, so that a payload which
 * is still a view of its input is found out. With `stop`, the sink stops after every message.
 */
export function decodeSegments(
  decoder: ChunkDecoder,
  segments: Uint8Array[],
  stop = false,
): Seen[] {
  const messages: Message[] = [];
  decodeInto(messages, decoder, segments, stop);
  return messages.map(see);
}

/** As {@link decodeSegments}; what came before an error is in `messages`. */
export function decodeInto(
  messages: Message[],
  decoder: ChunkDecoder,
  segments: Uint8Array[],
  stop: boolean,
): void {
  const sink = {
    onMessage(...message: Message) {
      messages.push(message);
      return !stop;
    },
  };
  for (const segment of segments) {
    let at = 0;
    for (let before = -1; before !== messages.length;) {
      before = messages.length;
      at = decoder.decode(segment, at, sink);
      if (stop) assert.ok(messages.length <= before + 1, "decode stops when it is asked to");
      if (!stop) break;
    }
    assert.equal(at, segment.length, "decode consumed all input");
    segment.fill(0xee);
  }
}

/** A message in a form that compares well. */
export function see([type, messageStreamId, timestamp, payload, chunkStreamId]: Message): Seen {
  assert.equal(payload.buffer.byteLength, payload.length, "payload has a buffer of its own");
  return { type, messageStreamId, timestamp, chunkStreamId, payload: hex(payload) };
}

/** Decodes `input` in every feeding, with and without stops; all must agree. */
export function decodeEveryWay(
  input: Uint8Array,
  options?: Partial<ChunkDecoderLimits>,
  seed = 1,
): Seen[] {
  let expected: Seen[] | undefined;
  for (const stop of [false, true]) {
    for (const segments of feedings(input, seed)) {
      const seen = decodeSegments(new ChunkDecoder(options), segments, stop);
      expected ??= seen;
      assert.deepEqual(seen, expected, `cut into ${segments.length} segments, stop ${stop}`);
    }
  }
  return expected!;
}
