import { test } from "node:test";
import assert from "node:assert/strict";
import { codecString, describeMedia, parseVvcConfig } from "../../../../src/core/media/mod.ts";
import { hex, toHex } from "../../amf/hex.ts";
import { videoStart } from "../messages.ts";
import { bytesOfBits } from "../vectors.ts";

/** A record by the words of ISO/IEC 14496-15 §11.2.4.2.2. */
function record(more: Partial<Record<"ptl" | "layers" | "sub" | "rate", string>> = {}): Uint8Array {
  const {
    // Two bytes of constraints, profile 1, main tier, level 51, frame only
    ptl = "00 000001 0000001 0 00110011 1 0 000000",
    layers = "001",
    sub = "",
    rate = "0000000000000000",
  } = more;
  return bytesOfBits([
    "11111 11 1", // LengthSizeMinusOne, ptl_present_flag
    `000000000 ${layers} 01 01`, // ols_idx, sub-layers, constant_frame_rate, 4:2:0
    "010 11111", // 10 bits
    ptl,
    sub,
    "00000000", // no sub-profiles
    (1920).toString(2).padStart(16, "0"),
    (1080).toString(2).padStart(16, "0"),
    rate,
    "00000000", // no arrays
  ].join(""));
}

test("a record says profile, level, bit depth, size and frame rate", () => {
  assert.deepEqual(parseVvcConfig(record({ rate: (60 * 256).toString(2).padStart(16, "0") })), {
    profile: "Main 10",
    level: "3.1",
    bitDepth: 10,
    width: 1920,
    height: 1080,
    frameRate: 60,
    codecs: "1.L51.CQA",
  });
  assert.equal(parseVvcConfig(record())?.frameRate, undefined);
});

test("the description of a stream has them", () => {
  const { video } = describeMedia({ videoHeader: videoStart("vvc1", record()) });
  assert.deepEqual(video, {
    codec: "vvc",
    codecString: "vvc1.1.L51.CQA",
    width: 1920,
    height: 1080,
    profile: "Main 10",
    level: "3.1",
    bitDepth: 10,
  });
});

test("a record in its full box is read like one alone", () => {
  const full = Uint8Array.of(0, 0, 0, 0, ...record());
  assert.deepEqual(parseVvcConfig(full), parseVvcConfig(record()));
});

test("constraints are named in base 32 without zeros at the end, tiers by letter", () => {
  const named = (ptl: string) => codecString("vvc", record({ ptl }));
  assert.equal(named("00 000001 0000001 1 00110011 0 0 000000"), "vvc1.1.H51");
  assert.equal(named("00 000000 0100001 0 01010110"), "vvc1.33.L86");
  // 0xc0 0x80: 11000 00010 00000 0
  assert.equal(
    named("00 000011 0010001 0 01000000 11000000 10000000 00000000"),
    "vvc1.17.L64.CYCAA",
  );
});

test("levels of sub-layers are passed", () => {
  // Three sub-layers, one of which has a level of its own.
  const layered = record({ layers: "011", sub: "01 000000 00110000" });
  assert.equal(parseVvcConfig(layered)?.width, 1920);
});

test("a record without a profile says nothing but the codec", () => {
  assert.deepEqual(parseVvcConfig(hex("fe 00")), {});
  assert.equal(codecString("vvc", hex("fe 00")), undefined);
  const { video } = describeMedia({ videoHeader: videoStart("vvc1", hex("fe 00")) });
  assert.deepEqual(video, { codec: "vvc", codecString: "vvc1" });
});

test("what is no record, or is cut before its frame rate, is undefined", () => {
  const whole = record();
  for (let end = 0; end < whole.length - 1; end++) {
    assert.equal(parseVvcConfig(whole.subarray(0, end)), undefined, toHex(whole.subarray(0, end)));
  }
  assert.equal(parseVvcConfig(hex("01 64001f ff e0 00")), undefined);
});

test("profiles are named by general_profile_idc", () => {
  const names: Record<number, string> = {
    1: "Main 10",
    17: "Multilayer Main 10",
    33: "Main 10 4:4:4",
    49: "Multilayer Main 10 4:4:4",
    65: "Main 10 Still Picture",
    97: "Main 10 4:4:4 Still Picture",
  };
  for (let idc = 0; idc < 128; idc++) {
    const bits = idc.toString(2).padStart(7, "0");
    const ptl = `00 000001 ${bits} 0 00110011 1 0 000000`;
    assert.equal(parseVvcConfig(record({ ptl }))?.profile, names[idc], `${idc}`);
  }
});
