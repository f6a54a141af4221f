/** Elementary stream descriptors, in all their forms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEsds } from "../../../../src/core/mp4/read/esds.ts";

const descriptor = (tag: number, body: readonly number[], size = [body.length]) => [
  ...[tag, ...size],
  ...body,
];

const SPECIFIC = descriptor(5, [0x12, 0x10]);

function esds(
  objectType: number,
  specific: readonly number[] = SPECIFIC,
  flags: readonly number[] = [0],
): Uint8Array {
  const decoder = descriptor(4, [objectType, ...Array(12).fill(9), ...specific]);
  return Uint8Array.from([0, 0, 0, 0, ...descriptor(3, [0, 1, ...flags, ...decoder])]);
}

test("AAC has a configuration, MP3 none, and other objects are neither", () => {
  const aac = ["aac", Uint8Array.of(0x12, 0x10)];
  for (const type of [0x40, 0x66, 0x67, 0x68]) assert.deepEqual(readEsds(esds(type)), aac);
  for (const type of [0x69, 0x6b]) {
    assert.deepEqual(readEsds(esds(type)), ["mp3", new Uint8Array(0)]);
  }
  for (const type of [0, 0x41, 0x65, 0x6a, 0xdd]) assert.equal(readEsds(esds(type)), undefined);
});

test("a configuration of AAC has two bytes at the least", () => {
  assert.equal(readEsds(esds(0x40, descriptor(5, [0x12]))), undefined);
  assert.equal(readEsds(esds(0x40, [])), undefined);
});

test("what stands in front of the decoder's descriptor is passed over, by its flags", () => {
  const aac = ["aac", Uint8Array.of(0x12, 0x10)];
  for (
    const flags of [
      [0x80, 4, 4],
      [0x40, 3, 4, 4, 4],
      [0x20, 4, 4],
      [0xe0, 4, 4, 2, 4, 4, 4, 4],
    ]
  ) {
    assert.deepEqual(readEsds(esds(0x40, SPECIFIC, flags)), aac, flags.join());
  }
  // Another descriptor first, of either place.
  assert.deepEqual(readEsds(esds(0x40, [...descriptor(20, [1]), ...SPECIFIC])), aac);
});

test("sizes have up to four groups of seven bits, and what is cut is none", () => {
  const long = descriptor(5, [0x12, 0x10], [0x80, 0x80, 0x80, 2]);
  assert.deepEqual(readEsds(esds(0x40, long)), ["aac", Uint8Array.of(0x12, 0x10)]);
  const large = descriptor(5, Array(200).fill(7), [0x81, 72]);
  const decoder = [0x40, ...Array(12).fill(9), ...large, ...descriptor(6, [1])];
  const body = [0, 1, 0, ...descriptor(4, decoder, [0x81, decoder.length - 128])];
  const bytes = [0, 0, 0, 0, ...descriptor(3, body, [0x81, body.length - 128])];
  assert.equal(readEsds(Uint8Array.from(bytes))![1].length, 200);
  assert.equal(readEsds(Uint8Array.of(0, 0, 0, 0, 3, 0x80)), undefined);
  assert.equal(readEsds(new Uint8Array(4)), undefined);
});
