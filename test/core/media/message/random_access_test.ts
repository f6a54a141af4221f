import assert from "node:assert/strict";
import { test } from "node:test";
import { FourCc, isRandomAccess, nalLengthOf } from "../../../../src/core/media/mod.ts";
import { VIDEO_HEADER } from "../../../support/media.ts";

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

const starts = (codec: number, bytes: number[], nalLength = 4) =>
  isRandomAccess(codec, Uint8Array.from(bytes), 0, bytes.length, nalLength);

test("of the NAL unit types of each codec those are key pictures that its table says", () => {
  /** Types of which a picture is one that decoding can start at; behind the others an IDR may come. */
  const kinds = (codec: number, types: number, unit: (type: number) => number[]) => {
    const key = unit(codec === FourCc.Avc ? 5 : codec === FourCc.Hevc ? 19 : 7);
    const all = Array.from({ length: types }, (_, type) => type);
    return [
      all.filter((type) => starts(codec, nals(4, unit(type)))),
      all.filter((type) => !starts(codec, nals(4, unit(type), key))),
    ];
  };
  assert.deepEqual(kinds(FourCc.Avc, 32, (type) => [0x60 | type, 0]), [[5], [1, 2, 3, 4]]);
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  assert.deepEqual(kinds(FourCc.Hevc, 64, (type) => hevc(type, 0)), [
    upTo(16, 22),
    [...upTo(0, 16), ...upTo(22, 32)],
  ]);
  assert.deepEqual(kinds(FourCc.Vvc, 32, (type) => vvc(type, 0)), [
    upTo(7, 11),
    [...upTo(0, 7), 11],
  ]);
});

test("a recovery point is one in an SEI unit of its codec, whole and with something in it", () => {
  const point = [6, 1, 0x80];
  const avc = (...messages: number[]) => starts(FourCc.Avc, nals(4, [6, ...messages], [0x41, 1]));
  assert.equal(avc(...point), true);
  assert.equal(avc(6, 1), false, "its byte is not there");
  assert.equal(avc(6, 0), false, "nothing is in it");
  assert.equal(avc(5, 2, 0, 0, ...point), true, "behind another message");
  assert.equal(avc(5, 4, 0, 0, ...point), false, "which is longer than the unit");
  assert.equal(avc(5, 3, 6, 1, 0x80), false, "inside another message");
  assert.equal(avc(255, 6, 1, 0), false, "another type");
  assert.equal(avc(6), false);
  assert.equal(avc(...Array(15).fill([5, 0]).flat(), ...point), true);
  assert.equal(avc(...Array(16).fill([5, 0]).flat(), ...point), false, "no more are looked at");
  for (const [type, expected] of [[39, true], [40, false]] as const) {
    assert.equal(starts(FourCc.Hevc, nals(4, hevc(type, ...point), hevc(1, 1))), expected);
  }
  for (const [type, expected] of [[23, true], [24, false]] as const) {
    assert.equal(starts(FourCc.Vvc, nals(4, vvc(type, ...point), vvc(0, 1))), expected);
  }
});

test("so many units are looked at, and what is too short to be one is passed over", () => {
  const delimiters = (count: number) => Array.from({ length: count }, () => AUD);
  assert.equal(starts(FourCc.Avc, nals(4, ...delimiters(31), [0x65, 1])), true);
  assert.equal(starts(FourCc.Avc, nals(4, ...delimiters(32), [0x65, 1])), false);
  assert.equal(starts(FourCc.Avc, nals(4, [0x65])), true, "one byte says what it is");
  assert.equal(starts(FourCc.Hevc, nals(4, [19 << 1], hevc(19))), true, "HEVC has two");
  assert.equal(starts(FourCc.Hevc, nals(4, [1 << 1], hevc(19))), true);
  const obus = (count: number) => Array.from({ length: count }, () => obu(2)).flat();
  assert.equal(starts(FourCc.Av1, [...obus(31), ...obu(6, 0x10)]), true);
  assert.equal(starts(FourCc.Av1, [...obus(32), ...obu(6, 0x10)]), false);
});

test("sizes of AV1 units have up to four bytes, and end with what there is", () => {
  const sized = (...size: number[]) => starts(FourCc.Av1, [6 << 3 | 2, ...size, 0x10]);
  assert.equal(sized(1), true);
  assert.equal(sized(0x81, 0), true);
  assert.equal(sized(0x81, 0x80, 0x80, 0), true);
  assert.equal(sized(0x81, 0x80, 0x80, 0x80, 0), false);
  assert.equal(sized(2), false, "longer than what there is");
  assert.equal(sized(0), false, "an empty frame");
  assert.equal(sized(0x81), false, "no end");
  const behind = (length: number, size: number[]) =>
    starts(FourCc.Av1, [5 << 3 | 2, ...size, ...Array(length).fill(0x30), ...obu(6, 0x10)]);
  assert.equal(behind(200, [0xc8, 1]), true);
  assert.equal(behind(16_384, [0x80, 0x80, 1]), true);
});

test("of AV1 a frame or its header says it, no other unit", () => {
  const kinds = Array.from({ length: 16 }, (_, type) => type)
    .filter((type) => starts(FourCc.Av1, obu(type, 0x10)));
  assert.deepEqual(kinds, [3, 6]);
  const keys = Array.from({ length: 8 }, (_, bits) => bits)
    .filter((bits) => starts(FourCc.Av1, obu(6, bits << 5 | 0x1f)));
  assert.deepEqual(keys, [0], "it is shown, and its type is key");
});

test("a picture too short for what says so is none to start at", () => {
  const vp8 = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 240, 0];
  assert.equal(starts(FourCc.Vp8, vp8.slice(0, 9)), false);
  for (const at of [3, 4, 5]) {
    const broken = vp8.with(at, vp8[at]! ^ 1);
    assert.equal(starts(FourCc.Vp8, broken), false, `byte ${at}`);
  }
  const vp9 = bits(`10 0 0 0 0 1 0 ${SYNC} 1111 1111`);
  assert.equal(starts(FourCc.Vp9, vp9.slice(0, 5)), true);
  assert.equal(starts(FourCc.Vp9, vp9.slice(0, 4)), false);
  assert.equal(starts(FourCc.Vp9, bits(`11 0 0 0 0 1 0 ${SYNC} 1111 1111`)), false, "no marker");
});
