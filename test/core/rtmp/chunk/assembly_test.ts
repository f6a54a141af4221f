import { test } from "node:test";
import assert from "node:assert/strict";
import {
  assemblyCapacity,
  contiguousPayload,
  continuationHeader,
  copyBytes,
  copyShortChunks,
  giveBack,
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

test("the header of a continuation is one byte up to id 63, and without an extended timestamp", () => {
  const header = (id: number, extended = false) =>
    continuationHeader(Object.assign(new ChunkStream(id), { extended }));
  assert.deepEqual([2, 31, 32, 63, 64].map((id) => header(id)), [0xc2, 0xdf, 0xe0, 0xff, -1]);
  assert.equal(header(2, true), -1);
});

test("memory of 4 KiB and more is given back at once", () => {
  const buffers = [4095, 4096].map((length) => new Uint8Array(length));
  buffers.forEach(giveBack);
  assert.deepEqual(buffers.map(({ length }) => length), [4095, 0]);
});

for (const size of [1, 3]) {
  test(`chunks of ${size} are copied as long as they follow one another and fit`, () => {
    const chunk = (first: number) => [0xc6, ...counting(size, first)];
    const input = Uint8Array.from([9, ...chunk(10), ...chunk(20), ...chunk(30), 0xc7, 1, 1, 1]);
    const whole = 1 + 3 * (size + 1);
    const copied = (end: number, limit: number) => {
      const target = new Uint8Array(16);
      const at = copyShortChunks(target, 2, limit, input, 1, end, 0xc6, size);
      return [at, hex(target.subarray(2, 2 + 3 * size))];
    };
    const bytesOf = (count: number) =>
      hex(
        Uint8Array.from({ length: 3 * size }, (_, at) =>
          at < count * size ? 10 * (1 + Math.floor(at / size)) + at % size : 0),
      );
    assert.deepEqual(copied(input.length, 16), [whole, bytesOf(3)]);
    assert.deepEqual(copied(whole, 16), [whole, bytesOf(3)]);
    assert.deepEqual(copied(whole - 1, 16), [whole - size - 1, bytesOf(2)], "the last is cut");
    assert.deepEqual(copied(whole, 2 + 3 * size), [whole, bytesOf(3)], "just so much room");
    assert.deepEqual(copied(whole, 1 + 3 * size), [whole - size - 1, bytesOf(2)]);
    assert.deepEqual(copied(1, 16), [1, bytesOf(0)]);
  });
}
