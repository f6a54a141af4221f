import { test } from "node:test";
import assert from "node:assert/strict";
import {
  assemblyCapacity,
  contiguousPayload,
  copyBytes,
} from "../../../../src/core/rtmp/chunk/assembly.ts";
import { ChunkStream } from "../../../../src/core/rtmp/chunk/chunk_stream.ts";
import { bytes, counting, hex } from "./harness.ts";

/** Payload of a message of `length` bytes seen ahead in `input`, at chunk size 2. */
function ahead(input: string, length: number, changes: Partial<ChunkStream> = {}): number {
  const stream = Object.assign(new ChunkStream(6), { length }, changes);
  const wire = bytes(input);
  return contiguousPayload(wire, 0, wire.length, stream, 2, 2);
}

test("looking ahead counts payload over the headers of continuation chunks", () => {
  assert.equal(ahead("aaaa c6 bbbb c6 cc", 5), 5);
  assert.equal(ahead("aaaa c6 bbbb c6 cc c6", 5), 5);
  assert.equal(ahead("aaaa c6 bbbb c6 cc", 9), 5);
  assert.equal(ahead("bbbb c6 cc", 5, { received: 2 }), 3);
});

test("looking ahead counts no byte that has not come", () => {
  assert.equal(ahead("aa", 5), 1);
  assert.equal(ahead("aaaa", 5), 2);
  assert.equal(ahead("aaaa c6", 5), 2);
  assert.equal(ahead("aaaa c6 bb", 5), 3);
});

test("looking ahead stops at any other header", () => {
  assert.equal(ahead("aaaa c7 bbbb c6 cc", 5), 2);
  assert.equal(ahead("aaaa 86 bbbb c6 cc", 5), 2);
  assert.equal(ahead("aaaa c6 bbbb", 5, { extended: true }), 2);
});

test("capacity follows what came, up to the length", () => {
  assert.equal(assemblyCapacity(0xffffff, 1), 32);
  assert.equal(assemblyCapacity(0xffffff, 1000), 2000);
  assert.equal(assemblyCapacity(1500, 1000), 1500);
  assert.equal(assemblyCapacity(10, 1), 10);
});

test("copyBytes copies short and long ranges alike", () => {
  for (const length of [0, 1, 39, 40, 41, 300]) {
    const target = new Uint8Array(length + 4).fill(0xee);
    copyBytes(target, 2, counting(400), 50, 50 + length);
    assert.equal(hex(target), `eeee${hex(counting(length, 50))}eeee`);
  }
});
