import assert from "node:assert/strict";
import { test } from "node:test";
import { FourCc, isRandomAccess, nalLengthOf } from "../../../src/core/media/mod.ts";
import { VIDEO_HEADER } from "../../support/media.ts";

/** NAL units with sizes of this many bytes. */
function nals(length: number, ...units: number[][]): number[] {
  return units.flatMap((unit) => {
    const size = Array.from({ length }, (_, at) => unit.length >> 8 * (length - 1 - at) & 255);
    return [...size, ...unit];
  });
}

/** Bits as bytes, the last one filled up with ones. */
function bits(text: string): number[] {
  const digits = text.replace(/ /g, "");
  return (digits.match(/.{1,8}/g) ?? []).map((byte) => parseInt(byte.padEnd(8, "1"), 2));
}

const hevc = (type: number, ...rest: number[]) => [type << 1, 1, ...rest];
const vvc = (type: number, ...rest: number[]) => [0, type << 3 | 1, ...rest];
const obu = (type: number, ...body: number[]) => [type << 3 | 2, body.length, ...body];
const AUD = [0x09, 0xf0];
const SYNC = "0100 1001 1000 0011 0100 0010";

const PICTURES: [what: string, codec: number, expected: boolean, picture: number[]][] = [
  ["AVC IDR", FourCc.Avc, true, nals(4, [0x65, 1, 2])],
  ["AVC IDR of another nal_ref_idc", FourCc.Avc, true, nals(4, [0x25, 1, 2])],
  ["AVC P", FourCc.Avc, false, nals(4, [0x41, 1, 2])],
  ["AVC data partition", FourCc.Avc, false, nals(4, [0x42, 1, 2], [0x65, 1])],
  ["AVC IDR behind delimiter, parameter sets and SEI", FourCc.Avc, true, [
    ...nals(4, AUD, [0x67, 1, 2, 3], [0x68, 1], [0x06, 5, 1, 0, 0x80], [0x65, 1]),
  ]],
  ["AVC P behind delimiter and SEI", FourCc.Avc, false, [
    ...nals(4, AUD, [0x06, 1, 1, 0, 0x80], [0x41, 1]),
  ]],
  ["AVC with a recovery point", FourCc.Avc, true, nals(4, [0x06, 6, 1, 0x84, 0x80], [0x41, 1])],
  [
    "AVC with a recovery point behind a long message",
    FourCc.Avc,
    true,
    nals(4, [0x06, 255, 5, 255, 1, ...Array(256).fill(0), 6, 1, 0x84, 0x80], [0x41, 1]),
  ],
  ["AVC behind an empty unit", FourCc.Avc, true, nals(4, [], [0x65, 1])],
  ["AVC that is cut", FourCc.Avc, false, nals(4, [0x65, 1, 2]).slice(0, 5)],
  ["AVC of sizes beyond the end", FourCc.Avc, false, [0xff, 0xff, 0xff, 0xff, 0x65, 1]],
  ["nothing", FourCc.Avc, false, []],
  ["HEVC IDR_W_RADL", FourCc.Hevc, true, nals(4, hevc(19, 1))],
  ["HEVC CRA", FourCc.Hevc, true, nals(4, hevc(21, 1))],
  ["HEVC BLA behind parameter sets", FourCc.Hevc, true, [
    ...nals(4, hevc(35, 0x50), hevc(32, 1), hevc(33, 1), hevc(34, 1), hevc(16, 1)),
  ]],
  ["HEVC TRAIL_R", FourCc.Hevc, false, nals(4, hevc(1, 1))],
  ["HEVC RASL", FourCc.Hevc, false, nals(4, hevc(9, 1))],
  ["HEVC with a recovery point", FourCc.Hevc, true, nals(4, hevc(39, 6, 1, 0x80), hevc(1, 1))],
  ["VVC IDR", FourCc.Vvc, true, nals(4, vvc(20, 0x10), vvc(7, 1))],
  ["VVC GDR", FourCc.Vvc, true, nals(4, vvc(10, 1))],
  ["VVC TRAIL", FourCc.Vvc, false, nals(4, vvc(0, 1))],
  ["AV1 key frame", FourCc.Av1, true, obu(6, 0x10, 0)],
  ["AV1 key frame behind delimiter and sequence header", FourCc.Av1, true, [
    ...obu(2),
    ...obu(1, 0, 0, 0),
    ...obu(6, 0x10, 0),
  ]],
  ["AV1 key frame in a frame header", FourCc.Av1, true, obu(3, 0x10)],
  ["AV1 key frame with an extension", FourCc.Av1, true, [6 << 3 | 6, 0, 1, 0x10]],
  ["AV1 key frame without a size", FourCc.Av1, true, [6 << 3, 0x10, 0]],
  ["AV1 inter frame", FourCc.Av1, false, [...obu(2), ...obu(6, 0x30, 0)]],
  ["AV1 inter frame behind a sequence header", FourCc.Av1, false, [...obu(1, 0), ...obu(6, 0x20)]],
  ["AV1 intra-only frame", FourCc.Av1, false, obu(6, 0x50)],
  ["AV1 frame that is shown again", FourCc.Av1, false, obu(3, 0x80)],
  ["AV1 of a size that never ends", FourCc.Av1, false, [6 << 3 | 2, ...Array(9).fill(0xff)]],
  ["VP8 key frame", FourCc.Vp8, true, [0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0]],
  ["VP8 inter frame", FourCc.Vp8, false, [0x11, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0]],
  ["VP8 without its start code", FourCc.Vp8, false, [0x10, 0, 0, 1, 2, 3, 4, 5, 6, 7]],
  ["VP9 key frame", FourCc.Vp9, true, bits(`10 0 0 0 0 1 0 ${SYNC} 1111 1111`)],
  ["VP9 key frame of profile 2", FourCc.Vp9, true, bits(`10 0 1 0 0 1 0 ${SYNC} 1111 1111`)],
  ["VP9 key frame of profile 3", FourCc.Vp9, true, bits(`10 1 1 0 0 0 1 0 ${SYNC} 1111 111`)],
  ["VP9 inter frame", FourCc.Vp9, false, bits(`10 0 0 0 1 1 0 ${SYNC} 1111 1111`)],
  ["VP9 inter frame of profile 3", FourCc.Vp9, false, bits(`10 1 1 0 0 1 1 0 ${SYNC} 1111 111`)],
  ["VP9 frame that is shown again", FourCc.Vp9, false, bits(`10 0 0 1 000 ${SYNC} 1111 1111`)],
  ["VP9 without its sync code", FourCc.Vp9, false, bits(`10 0 0 0 0 1 0 ${"0".repeat(32)}`)],
  ["another codec", FourCc.Flac, false, nals(4, [0x65, 1])],
];

for (const [what, codec, expected, picture] of PICTURES) {
  test(`decoding ${expected ? "starts" : "does not start"} at: ${what}`, () => {
    const bytes = Uint8Array.from([0xee, 0xee, ...picture, 0x65, 0x65, 0x65]);
    assert.equal(isRandomAccess(codec, bytes, 2, 2 + picture.length, 4), expected);
  });
}

for (const length of [1, 2, 3, 4]) {
  test(`NAL units with sizes of ${length} bytes are gone through`, () => {
    for (const [kind, expected] of [[0x65, true], [0x41, false]] as const) {
      const bytes = Uint8Array.from(nals(length, AUD, [kind, 1, 2]));
      assert.equal(isRandomAccess(FourCc.Avc, bytes, 0, bytes.length, length), expected);
    }
    const avc = VIDEO_HEADER.slice();
    avc[5 + 4] = 0xfc | length - 1;
    assert.equal(nalLengthOf(avc), length);
    const record = new Uint8Array(23).fill(0);
    record[21] = length - 1;
    for (const head of [[0x90, 0x68, 0x76, 0x63, 0x31], [0x1c, 0, 0, 0, 0]]) {
      assert.equal(nalLengthOf(Uint8Array.from([...head, ...record])), length, "HEVC");
    }
    const vvc1 = [0x90, 0x76, 0x76, 0x63, 0x31];
    for (const full of [[], [0, 0, 0, 0]]) {
      const header = Uint8Array.from([...vvc1, ...full, 0xf8 | length - 1 << 1]);
      assert.equal(nalLengthOf(header), length, "VVC");
    }
  });
}

test("a header that does not say it leaves the usual four bytes", () => {
  for (
    const header of [[], [0x17, 0], [0x17, 0, 0, 0, 0, 1], [0x90, 0x61, 0x76, 0x30, 0x31, 0x81]]
  ) {
    assert.equal(nalLengthOf(Uint8Array.from(header)), 4);
  }
});
