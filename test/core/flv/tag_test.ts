import assert from "node:assert/strict";
import { test } from "node:test";
import { FLV_TAG_OVERHEAD, flvHeader, writeFlvTag } from "../../../src/core/flv/tag.ts";

const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

test("the header says which kinds of media follow", () => {
  // [FLV §E.2]: signature, version, flags, length of the header, size of the tag before the first.
  assert.equal(hexOf(flvHeader(true, true)), "464c5601050000000900000000");
  assert.equal(hexOf(flvHeader(true, false)), "464c5601040000000900000000");
  assert.equal(hexOf(flvHeader(false, true)), "464c5601010000000900000000");
});

test("a tag has its type, length, both parts of its time, and its size behind it", () => {
  const body = Uint8Array.of(0xaf, 1, 0x21);
  for (
    const [timestamp, time] of [
      [0, "00000000"],
      [0x123456, "12345600"],
      // 4 h 39 min: the upper byte stands behind the lower three [FLV §E.4.1].
      [0x1000000, "00000001"],
      [0xfffffffe, "fffffeff"],
    ] as const
  ) {
    const target = new Uint8Array(body.length + FLV_TAG_OVERHEAD + 2).fill(0xee);
    writeFlvTag(target, 1, 8, timestamp, body);
    assert.equal(hexOf(target), `ee08000003${time}000000af01210000000eee`);
  }
});

test("the length of a long body fills its three bytes", () => {
  const body = new Uint8Array(0x012345);
  const target = new Uint8Array(body.length + FLV_TAG_OVERHEAD);
  writeFlvTag(target, 0, 9, 0, body);
  assert.equal(hexOf(target.subarray(0, 4)), "09012345");
  assert.equal(hexOf(target.subarray(-4)), "00012350");
});
