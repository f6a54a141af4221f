import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { parseColorInfo } from "../../../../src/core/media/enhanced/color_info.ts";

const INFO = amfObject({ colorConfig: amfObject({ bitDepth: 10, transferCharacteristics: 16 }) });

/** Metadata with colours and one more value. */
const withMore = (more: Parameters<typeof encodeAmf0>[0]) => encodeAmf0("colorInfo", INFO, more);

test("colours say the bits of a sample and a transfer function of high dynamic range", () => {
  const said = (config: Record<string, number | string>) =>
    parseColorInfo(encodeAmf0("colorInfo", amfObject({ colorConfig: amfObject(config) })));
  for (const bitDepth of [8, 10, 12]) assert.equal(said({ bitDepth })?.bitDepth, bitDepth);
  for (const bitDepth of [0, 7, 9, 11, 13, "10 bits"]) {
    assert.equal(said({ bitDepth })?.bitDepth, undefined);
  }
  assert.equal(said({ transferCharacteristics: 16 })?.hdr, "pq");
  assert.equal(said({ transferCharacteristics: 18 })?.hdr, "hlg");
  for (const transferCharacteristics of [0, 1, 15, 17, 19]) {
    assert.equal(said({ transferCharacteristics })?.hdr, undefined);
  }
});

test("what has no colours in it, or is damaged, says nothing", () => {
  const bytes = encodeAmf0("colorInfo", INFO);
  assert.equal(parseColorInfo(bytes)?.bitDepth, 10);
  assert.equal(parseColorInfo(bytes.subarray(0, 20)), undefined);
  assert.equal(parseColorInfo(encodeAmf0("other", INFO)), undefined);
  assert.equal(parseColorInfo(encodeAmf0("colorInfo")), undefined);
  assert.equal(parseColorInfo(encodeAmf0("colorInfo", amfObject({}))), undefined);
  // The name may come behind others.
  assert.equal(parseColorInfo(encodeAmf0("a", 1, "colorInfo", INFO))?.hdr, "pq");
});

test("colours are read from up to 256 values, texts of 1 KiB and 8 KiB altogether", () => {
  // The name, two objects and their members are five, the list is one more.
  const list = (count: number) => withMore(Array.from({ length: count }, () => null));
  assert.equal(parseColorInfo(list(250))?.bitDepth, 10);
  assert.equal(parseColorInfo(list(251)), undefined);
  assert.equal(parseColorInfo(withMore("x".repeat(1024)))?.bitDepth, 10);
  assert.equal(parseColorInfo(withMore("x".repeat(1025))), undefined);
  const texts = Array.from({ length: 7 }, () => "x".repeat(1024));
  const short = withMore([...texts, ""]).length;
  const filled = (length: number) => withMore([...texts, "x".repeat(length - short)]);
  assert.equal(filled(8192).length, 8192);
  assert.equal(parseColorInfo(filled(8192))?.bitDepth, 10);
  assert.equal(parseColorInfo(filled(8193)), undefined);
});
