/**
 * Measures the chunk codecs on one second-by-second mix of video and sound, after it has checked
 * that they give back what went in. Run with `deno run -A bench/chunk_bench.ts` or
 * `bun run bench/chunk_bench.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ChunkDecoder } from "../src/core/rtmp/chunk/decoder.ts";
import {
  encodedSize,
  encodeMessage,
  encodeMessageInto,
} from "../src/core/rtmp/chunk/stateless_encoder.ts";
import { ChunkEncoder } from "../src/core/rtmp/chunk/encoder.ts";
import { chunkStreamIdFor } from "../src/core/rtmp/streams.ts";
import type { RtmpMessage } from "../src/core/rtmp/message/types.ts";
import { measure } from "./measure.ts";

/** Bytes handed to the decoder at a time, as sockets do. */
const SEGMENT = 65536;

/** 10 s of 30 pictures/s at about 5 Mbit/s with 47 sound frames/s. */
function mix(): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  for (let i = 0; i < 300; i++) {
    const length = i % 60 === 0 ? 120_000 : 12_000 + (i * 7919) % 15_000;
    const timestamp = Math.floor(i * 1000 / 30);
    messages.push({ type: 9, messageStreamId: 1, timestamp, payload: filled(length, i) });
    if (i % 2 === 0) {
      messages.push({ type: 8, messageStreamId: 1, timestamp, payload: filled(370, i) });
    }
  }
  return messages;
}

function filled(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff);
}

function cut(wire: Uint8Array, segment: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(wire.length / segment) },
    (_, i) => wire.slice(i * segment, (i + 1) * segment),
  );
}

function benchDecode(name: string, messages: RtmpMessage[], chunkSize: number, segment: number) {
  const encoder = new ChunkEncoder();
  const parts = [encoder.setChunkSize(chunkSize)];
  for (const message of messages) parts.push(encoder.encode(message, chunkStreamIdFor(message)));
  const wire = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (wire.set(part, at), at + part.length), 0);
  const segments = cut(wire, segment);

  const seen: RtmpMessage[] = [];
  const checker = new ChunkDecoder();
  for (const bytes of segments) {
    checker.decode(bytes, 0, {
      onMessage(type, messageStreamId, timestamp, payload) {
        return seen.push({ type, messageStreamId, timestamp, payload }) > 0;
      },
    });
  }
  assert.deepEqual(seen.slice(1), messages);

  let total = 0;
  const sink = {
    onMessage(_type: number, _stream: number, _time: number, payload: Uint8Array) {
      total += payload.length;
      return true;
    },
  };
  const work = { bytes: wire.length, messages: messages.length };
  measure(`decode ${name}, chunks of ${chunkSize}`, work, () => {
    const decoder = new ChunkDecoder();
    for (const bytes of segments) decoder.decode(bytes, 0, sink);
  });
  assert.ok(total > 0);
}

function benchEncode(name: string, messages: RtmpMessage[], chunkSize: number) {
  const sizes = messages.map(({ payload, timestamp }) =>
    encodedSize(payload.length, timestamp, 6, chunkSize)
  );
  const size = sizes.reduce((sum, length) => sum + length, 0);
  const target = new Uint8Array(size);
  const into = () => {
    let at = 0;
    for (const { type, messageStreamId, timestamp, payload } of messages) {
      at = encodeMessageInto(
        target,
        at,
        type,
        messageStreamId,
        timestamp,
        payload,
        6,
        chunkSize,
      );
    }
    return at;
  };
  assert.equal(into(), size);
  let at = 0;
  for (const [i, { type, messageStreamId, timestamp, payload }] of messages.entries()) {
    const alone = encodeMessage(type, messageStreamId, timestamp, payload, 6, chunkSize);
    assert.deepEqual(target.subarray(at, at + sizes[i]), alone);
    at += sizes[i];
  }
  const work = { bytes: size, messages: messages.length };
  measure(`encodeMessageInto ${name}, chunks of ${chunkSize}`, work, into);
  measure(`encodeMessage ${name}, chunks of ${chunkSize}`, work, () => {
    for (const { type, messageStreamId, timestamp, payload } of messages) {
      encodeMessage(type, messageStreamId, timestamp, payload, 6, chunkSize);
    }
  });
}

const media = mix();
const sounds = media.filter(({ type }) => type === 8).flatMap((message) => Array(20).fill(message));
for (const chunkSize of [128, 4096, 65536]) benchDecode("media", media, chunkSize, SEGMENT);
benchDecode("media in segments of 1460", media, 4096, 1460);
benchDecode("sound", sounds, 4096, SEGMENT);
for (const chunkSize of [128, 4096, 65536]) benchEncode("media", media, chunkSize);
benchEncode("sound", sounds, 4096);
