/**
 * Measures the AMF codecs on commands and metadata that real programs sent, and on a long list of
 * key frames, after it has checked that encoding what was decoded gives the same bytes. Run with
 * `deno run -A bench/amf_bench.ts` or `bun run bench/amf_bench.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  amfObject,
  type AmfValue,
  DATA_AMF_LIMITS,
  decodeAmf0,
  decodeAmf3,
  decodeCommandBody,
  encodeAmf0,
  encodeAmf3,
} from "../src/core/amf/mod.ts";
import { ChunkDecoder } from "../src/core/rtmp/chunk/decoder.ts";
import { MessageType } from "../src/core/rtmp/message/types.ts";
import { measure } from "./measure.ts";

/** C0, C1 and C2. */
const HANDSHAKE_LENGTH = 3073;

/** Bodies of one type in what a client sent, as the tests recorded it. */
function recorded(name: string, type: number): Uint8Array[] {
  const file = new URL(`../test/vectors/rtmp/${name}.c2s.bin`, import.meta.url);
  const bodies: Uint8Array[] = [];
  new ChunkDecoder().decode(new Uint8Array(readFileSync(file)), HANDSHAKE_LENGTH, {
    onMessage: (of, _stream, _time, payload) => {
      if (of === type) bodies.push(payload);
      return true;
    },
  });
  assert.ok(bodies.length > 0, `${name} has no message of type ${type}`);
  return bodies;
}

/** Metadata with an index, as recorders write it: 1500 key frames. */
function indexed(): AmfValue[] {
  const numbers = (factor: number) => Array.from({ length: 1500 }, (_, i) => i * factor);
  const keyframes = amfObject({ times: numbers(2), filepositions: numbers(650_000) });
  return ["onMetaData", amfObject({ duration: 3000, keyframes })];
}

function benchBodies(name: string, type: number, bodies: readonly Uint8Array[]): void {
  const values = bodies.map((body) => decodeCommandBody(type, body));
  for (const [i, body] of bodies.entries()) assert.deepEqual(encodeAmf0(...values[i]!), body);
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  const work = { bytes, messages: bodies.length };
  measure(`AMF0 decode ${name}`, work, () => {
    for (const body of bodies) decodeCommandBody(type, body);
  });
  measure(`AMF0 encode ${name}`, work, () => {
    for (const of of values) encodeAmf0(...of);
  });
}

benchBodies(
  "commands",
  MessageType.CommandAmf0,
  recorded("ffmpeg-publish", MessageType.CommandAmf0),
);
benchBodies("metadata", MessageType.DataAmf0, recorded("ffmpeg-publish", MessageType.DataAmf0));

const index = indexed();
benchBodies("1500 key frames", MessageType.DataAmf0, [encodeAmf0(...index)]);
const amf3 = encodeAmf3(...index);
assert.deepEqual(
  decodeAmf3(amf3, DATA_AMF_LIMITS),
  decodeAmf0(encodeAmf0(...index), DATA_AMF_LIMITS),
);
const work = { bytes: amf3.length, messages: 1 };
measure("AMF3 decode 1500 key frames", work, () => void decodeAmf3(amf3, DATA_AMF_LIMITS));
measure("AMF3 encode 1500 key frames", work, () => void encodeAmf3(...index));
