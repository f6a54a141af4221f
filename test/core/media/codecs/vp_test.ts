import { test } from "node:test";
import assert from "node:assert/strict";
import { parseVpConfig } from "../../../../src/core/media/mod.ts";
import { vp8FrameSize, vp9FrameSize } from "../../../../src/core/media/codecs/vp_frame.ts";
import { hex } from "../../amf/hex.ts";
import { bitDepthOf, bytesOf, type MediaVector, mediaVectors } from "../vectors.ts";

interface VpVector
  extends MediaVector<{ profile: string; width: number; height: number; pix_fmt: string }> {
  readonly codec: "vp8" | "vp9";
  /** Beginning of the first frame. */
  readonly frame: string;
}

const vectors = mediaVectors<VpVector>("vp", 6);
const SIZES = { vp8: vp8FrameSize, vp9: vp9FrameSize };

for (const { name, codec, frame, ffprobe } of vectors) {
  test(`the first frame of "${name}" has the size that ffprobe finds`, () => {
    const { width, height } = ffprobe;
    assert.deepEqual(SIZES[codec](bytesOf(frame)), { width, height });
  });
}

for (const { name, hex: digits, ffprobe } of vectors.filter(({ codec }) => codec === "vp9")) {
  test(`the record of "${name}" says what ffprobe says, alone and as a full box`, () => {
    const box = bytesOf(digits);
    const config = parseVpConfig(box);
    assert.equal(config?.profile, ffprobe.profile);
    assert.equal(config?.bitDepth, bitDepthOf(ffprobe.pix_fmt));
    assert.match(config?.level ?? "", /^[1-6]\.\d$/);
    assert.deepEqual(parseVpConfig(box.subarray(4)), config);
  });
}

test("a level that is not known is left out", () => {
  assert.equal(parseVpConfig(hex("00 00 80 02 02 02 0000"))?.level, undefined);
  assert.equal(parseVpConfig(hex("00 09 80 02 02 02 0000"))?.level, undefined);
  assert.equal(parseVpConfig(hex("00 0a 80 02 02 02 0000"))?.level, "1.0");
  assert.equal(parseVpConfig(hex("00 1f 80 02 02 02 0000"))?.level, "3.1");
});

test("what is no record is undefined", () => {
  assert.equal(parseVpConfig(new Uint8Array(0)), undefined);
  assert.equal(parseVpConfig(hex("00 1f 80 02 02 02 00")), undefined, "too short");
  assert.equal(parseVpConfig(hex("04 1f 80 02 02 02 0000")), undefined, "profile 4");
  assert.equal(parseVpConfig(hex("00 1f 90 02 02 02 0000")), undefined, "9 bits");
});

test("frames cut short, inter frames and frames of something else have no size", () => {
  for (const { codec, frame } of vectors) {
    const bytes = bytesOf(frame);
    const shortest = codec === "vp8" ? 10 : 8;
    for (let end = 0; end < shortest; end++) {
      assert.equal(SIZES[codec](bytes.subarray(0, end)), undefined, `${codec} of ${end} bytes`);
    }
    for (const at of codec === "vp8" ? [3, 4, 5] : [1, 2, 3]) {
      const sync = bytes.slice();
      sync[at]! ^= 0xff;
      assert.equal(SIZES[codec](sync), undefined, `${codec} without its start code`);
    }
  }
  assert.equal(vp8FrameSize(hex("31 00 00 9d012a 4201 b600")), undefined, "VP8 inter frame");
  assert.equal(vp9FrameSize(hex("86 00 40 92 9c 42 20 00 00 00")), undefined, "VP9 inter frame");
  assert.equal(vp9FrameSize(hex("88 49 83 42 00 00 00 00 00 00")), undefined, "shown again");
});

test("scaling bits of VP8 are no part of the size", () => {
  assert.deepEqual(vp8FrameSize(hex("10 00 00 9d012a 4241 b680")), { width: 322, height: 182 });
  assert.deepEqual(vp8FrameSize(hex("10 00 00 9d012a 8047 3884")), { width: 1920, height: 1080 });
});
