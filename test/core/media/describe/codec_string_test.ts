/** Names of codecs with their profiles [RFC 6381, ISO/IEC 14496-15 Annex E, AV1 in ISOBMFF §5]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { codecString, plainCodecString } from "../../../../src/core/media/describe/codec_string.ts";
import { bytesOf, mediaVectors } from "../vectors.ts";
import { AVC, HEVC } from "../../samples/formats.ts";

test("H.264 is named by profile, constraints and level", () => {
  assert.equal(
    codecString("avc", AVC.config.with(1, 0x4d).with(2, 0x40).with(3, 9)),
    "avc1.4d4009",
  );
  assert.equal(codecString("avc", AVC.config.subarray(0, 4)), undefined);
});

test("H.265 is named by space, profile, compatibility, tier, level and constraints", () => {
  /** A record whose profile is said so: byte 1, four bytes of flags, six of constraints, level. */
  const name = (profile: number, flags: number[], constraints: number[], level: number) => {
    const record = HEVC.config.slice();
    record.set([profile, ...flags, ...constraints, level], 1);
    return codecString("hevc", record);
  };
  assert.equal(name(1, [0x60, 0, 0, 0], [0xb0, 0, 0, 0, 0, 0], 93), "hvc1.1.6.L93.B0");
  assert.equal(name(0x22, [0x20, 0, 0, 0], [0x90, 0, 0, 0, 0, 0], 120), "hvc1.2.4.H120.90");
  assert.equal(name(0x44, [0x80, 0, 0, 1], [0, 0, 0, 0, 0, 0], 30), "hvc1.A4.80000001.L30");
  assert.equal(name(0x81, [0x01, 0x80, 0, 0], [0, 7, 0, 0, 0, 0], 30), "hvc1.B1.180.L30.0.7");
  assert.equal(
    name(0xdf, [0, 0, 0, 2], [1, 2, 3, 4, 5, 0xaf], 3),
    "hvc1.C31.40000000.L3.1.2.3.4.5.AF",
  );
  assert.equal(codecString("hevc", HEVC.config.subarray(0, 10)), undefined);
});

test("AV1 is named by profile, level, tier and depth, and by its colours where those are told", () => {
  const vector = bytesOf(mediaVectors("av1", 1)[0]!.hex);
  const name = (second: number, third: number) =>
    codecString("av1", Uint8Array.of(0x81, second, third, 0));
  assert.equal(name(0x08, 0x0c), "av01.0.08M.08");
  assert.equal(name(0x2d, 0x8c), "av01.1.13H.08");
  assert.equal(name(0x45, 0x4c), "av01.2.05M.10");
  assert.match(codecString("av1", vector) ?? "", /^av01\.\d\.\d\d[MH]\.\d\d/);
  assert.equal(codecString("av1", Uint8Array.of(0, 0, 0, 0)), undefined);
});

test("VP8 and VP9 are named by profile, level and depth, of the record alone or as a full box", () => {
  const record = [2, 31, 0xa2, 9, 16, 9, 0, 0];
  for (const start of [[], [1, 0, 0, 0]]) {
    const bytes = Uint8Array.from([...start, ...record]);
    assert.equal(codecString("vp9", bytes), "vp09.02.31.10");
    assert.equal(codecString("vp8", bytes), "vp08.02.31.10");
  }
  assert.equal(codecString("vp9", Uint8Array.from(record.slice(0, 7))), undefined);
});

test("AAC is named by the type that its configuration signals", () => {
  assert.equal(codecString("aac", Uint8Array.of(0x12, 0x10)), "mp4a.40.2");
  assert.equal(codecString("aac", Uint8Array.of(0x2b, 0x92, 0x08, 0)), "mp4a.40.5");
  assert.equal(codecString("aac", new Uint8Array(0)), undefined);
});

test("a record that cannot be read, or that has no profile in it, has no name", () => {
  for (const codec of ["avc", "hevc", "vvc", "av1", "vp8", "vp9", "aac"]) {
    for (const length of [0, 1, 2]) {
      assert.equal(codecString(codec, new Uint8Array(length)), undefined, codec);
    }
  }
  for (const codec of ["opus", "flac", "ac3", "eac3", "mp3", "unknown"]) {
    assert.equal(codecString(codec, AVC.config), undefined, codec);
  }
});

test("without a record a codec is named alone", () => {
  const names = ["avc", "hevc", "vvc", "av1", "vp8", "vp9", "aac", "opus", "flac", "ac3", "eac3"];
  assert.deepEqual([...names, "mp3", "h263"].map(plainCodecString), [
    ...["avc1", "hvc1", "vvc1", "av01", "vp08", "vp09", "mp4a.40", "opus", "flac", "ac-3", "ec-3"],
    ...["mp3", undefined],
  ]);
});
