import { test } from "node:test";
import assert from "node:assert/strict";
import { parseHevcConfig } from "../../../../src/core/media/mod.ts";
import {
  addEmulationPrevention,
  bitDepthOf,
  bytesOf,
  bytesOfBits,
  compact,
  type MediaVector,
  mediaVectors,
} from "../vectors.ts";

interface HevcValues {
  profile: string;
  level: number;
  width: number;
  height: number;
  pix_fmt: string;
}

const vectors = mediaVectors<MediaVector<HevcValues>>("hevc", 9);

for (const { name, hex, ffprobe } of vectors) {
  test(`the record of "${name}" says what ffprobe says`, () => {
    const { profile, level, width, height, pix_fmt } = ffprobe;
    assert.deepEqual(parseHevcConfig(bytesOf(hex)), {
      profile,
      level: (level / 30).toFixed(1),
      bitDepth: bitDepthOf(pix_fmt),
      width,
      height,
      // What FFmpeg makes when it is not told.
      frameRate: 25,
    });
  });
}

const RECORD = bytesOf(vectors[0]!.hex);

/** Offset of the first array of NAL units. */
const ARRAYS = 23;

/** Where the first parameter set of the sequence begins and ends. */
function spsOf(record: Uint8Array): [number, number] {
  let at = ARRAYS;
  while ((record[at]! & 0x3f) !== 33) at += 5 + record[at + 4]!;
  return [at + 5, at + 5 + record[at + 4]!];
}

test("a record without parameter sets has a profile, a level and a bit depth only", () => {
  const record = RECORD.slice(0, ARRAYS);
  record[22] = 0;
  assert.deepEqual(compact(parseHevcConfig(record)!), {
    profile: "Main",
    level: "4.0",
    bitDepth: 8,
  });
});

test("a record cut anywhere before the end of its sequence parameter set is none", () => {
  const [, end] = spsOf(RECORD);
  for (let length = 0; length < end; length++) {
    assert.equal(parseHevcConfig(RECORD.subarray(0, length)), undefined, `${length}`);
  }
  assert.equal(parseHevcConfig(RECORD.subarray(0, end))?.width, 1920);
});

test("what is no record is undefined", () => {
  const [start, end] = spsOf(RECORD);
  const version = RECORD.slice();
  version[0] = 0;
  assert.equal(parseHevcConfig(version), undefined);
  const noSps = RECORD.slice();
  noSps[start] = 68 << 1;
  assert.equal(parseHevcConfig(noSps), undefined);
  const zeros = RECORD.slice();
  zeros.fill(0, start + 2, end);
  assert.equal(parseHevcConfig(zeros), undefined);
});

test("an array of more NAL units than there can be is refused", () => {
  // 65 empty units of a kind that is not looked for.
  const record = new Uint8Array(ARRAYS + 3 + 65 * 2);
  record.set(RECORD.subarray(0, ARRAYS));
  record.set([1, 32, 0, 65], 22);
  assert.equal(parseHevcConfig(record), undefined);
  record.set([1, 32, 0, 64], 22);
  assert.equal(parseHevcConfig(record)?.level, "4.0");
});

/** A record with these arrays of NAL units, each a type and its units. */
function recordOf(...arrays: [type: number, ...units: Uint8Array[]][]): Uint8Array {
  const bytes = [...RECORD.subarray(0, ARRAYS - 1), arrays.length];
  for (const [type, ...units] of arrays) {
    bytes.push(type, units.length >> 8, units.length & 255);
    for (const unit of units) bytes.push(unit.length >> 8, unit.length & 255, ...unit);
  }
  return Uint8Array.from(bytes);
}

const SPS = RECORD.slice(...spsOf(RECORD));

test("the sequence parameter set is found behind long units and many", () => {
  const filler = (length: number) => new Uint8Array(length).fill(0x21);
  for (const length of [0, 1, 255, 256, 300, 65_535]) {
    const record = recordOf([32, filler(length)], [39, filler(2), filler(length)], [33, SPS]);
    assert.equal(parseHevcConfig(record)?.width, 1920, `${length}`);
  }
});

test("a set of several sub-layers is read past what it says of them", () => {
  const general = "00 0 00001" + "0".repeat(32 + 4 + 43 + 1) + "01011101";
  const layer = { none: "", profile: "1".repeat(88), level: "01011010" };
  const cases: [subLayers: number, flags: string, layers: string][] = [
    [0, "", ""],
    [1, "00" + "00".repeat(7), layer.none],
    [1, "11" + "00".repeat(7), layer.profile + layer.level],
    [2, "01 10" + "00".repeat(6), layer.level + layer.profile],
    [7, "01".repeat(7) + "00", layer.level.repeat(7)],
  ];
  for (const [subLayers, flags, layers] of cases) {
    const bits = [
      "0000" + subLayers.toString(2).padStart(3, "0") + "1",
      general + flags + layers,
      "1 010", // sps_seq_parameter_set_id 0, 4:2:0
      "000000000" + "1010000001" + "00000000" + "101101011", // 640 and 362
      "1 1 1 1 010", // cropped by a pair of lines at the bottom
      "1111",
    ];
    const sps = Uint8Array.of(0x42, 0x01, ...addEmulationPrevention(bytesOfBits(bits.join(""))));
    const config = parseHevcConfig(recordOf([33, sps]));
    assert.deepEqual([config?.width, config?.height], [640, 360], `${subLayers}: ${flags}`);
  }
});

test("profiles are named by general_profile_idc, whatever the profile space and tier", () => {
  const names: Record<number, string> = {
    1: "Main",
    2: "Main 10",
    3: "Main Still Picture",
    4: "Rext",
    5: "High Throughput",
    9: "Screen Content",
  };
  const record = RECORD.slice(0, ARRAYS);
  record[22] = 0;
  for (let idc = 0; idc < 32; idc++) {
    for (const others of [0, 0x20, 0xe0]) {
      record[1] = others | idc;
      assert.equal(parseHevcConfig(record)?.profile, names[idc], `${idc}`);
    }
  }
});

/** Unsigned Exp-Golomb code of a number [H.265 §9.2]. */
function ue(value: number): string {
  const bits = (value + 1).toString(2);
  return "0".repeat(bits.length - 1) + bits;
}

/** What of a set may be otherwise; what is left out is as short as can be. */
interface SetParts {
  readonly subLayers: number;
  readonly ordering: string;
  readonly orderBits: number;
  readonly lists: string;
  readonly pcm: string;
  readonly shortTerm: string;
  readonly longTerm: string;
  readonly signal: string;
  readonly window: string;
}

/** The frame rate that a set says of 25 frames a second, behind all of its parts. */
function rateBehind(parts: Partial<SetParts>): number | undefined {
  const { subLayers = 0, orderBits = 4, lists = "0", pcm = "0", shortTerm = ue(0) } = parts;
  const { longTerm = "0", signal = "0 0 0 0", window = "0" } = parts;
  const { ordering = "1" + ue(4).repeat(3 * (subLayers + 1)) } = parts;
  const bits = [
    "0000" + subLayers.toString(2).padStart(3, "0") + "1",
    "00 0 00001" + "0".repeat(32 + 4 + 43 + 1) + "01011101",
    subLayers > 0 ? "00".repeat(8) : "",
    ue(0) + ue(1) + ue(640) + ue(360) + "0", // id, 4:2:0, size, no cropping
    ue(0) + ue(0) + ue(orderBits - 4),
    ordering,
    [0, 3, 0, 3, 0, 0].map(ue).join(""), // block sizes and hierarchy depths
    lists,
    "01", // no asymmetric partitions, an offset
    pcm,
    shortTerm,
    longTerm,
    "01" + "1", // motion vectors of before, smoothing; usability information
    signal,
    "101", // neutral chroma, field sequence, frame information
    window,
    "1" + (1).toString(2).padStart(32, "0") + (25).toString(2).padStart(32, "0"),
  ];
  const sps = Uint8Array.of(0x42, 0x01, ...addEmulationPrevention(bytesOfBits(bits.join(""))));
  const config = parseHevcConfig(recordOf([33, sps]));
  assert.deepEqual([config?.width, config?.height], [640, 360]);
  return config?.frameRate;
}

test("the frame rate is found behind every part that a set may have", () => {
  // Sixteen lists of 4x4 and 8x8, six of 16x16 and two of 32x32: all copied, or all written out.
  const copied = (ue(0).replace(/^/, "0")).repeat(6 + 6 + 6 + 2);
  const written = ("1" + ue(5).repeat(16)).repeat(6) + ("1" + ue(5).repeat(64)).repeat(6) +
    ("1" + ue(8) + ue(5).repeat(64)).repeat(6 + 2);
  const cases: [what: string, parts: Partial<SetParts>][] = [
    ["nothing", {}],
    ["ordering of the last sub-layer alone", { subLayers: 2, ordering: "0" + ue(1).repeat(3) }],
    ["ordering of each sub-layer", { subLayers: 2, ordering: "1" + ue(1).repeat(9) }],
    ["default scaling lists", { lists: "10" }],
    ["copied scaling lists", { lists: "11" + copied }],
    ["scaling lists", { lists: "11" + written }],
    ["PCM", { pcm: "1" + "0111" + "0111" + ue(0) + ue(2) + "1" }],
    ["short-term sets", {
      shortTerm: ue(2) + (ue(1) + ue(1) + (ue(0) + "1").repeat(2)) + "0" + ue(0) + ue(0),
    }],
    // Predicted of two pictures, of which three flags of use are read.
    [
      "a predicted short-term set",
      {
        shortTerm: ue(3) + (ue(1) + ue(1) + (ue(0) + "1").repeat(2)) +
          ("1" + "0" + ue(0) + "1" + "01" + "00") + ("1" + "0" + ue(0) + "1" + "1" + "01"),
      },
    ],
    ["long-term pictures", { longTerm: "1" + ue(3) + ("1010" + "1").repeat(3) }],
    ["long-term pictures with wide numbers", {
      orderBits: 16,
      longTerm: "1" + ue(2) + "1".repeat(34),
    }],
    ["an aspect ratio by number", { signal: "1 00000001 0 0 0" }],
    ["an aspect ratio of its own", { signal: `1 11111111 ${"01".repeat(16)} 0 0 0` }],
    ["overscan", { signal: "0 11 0 0" }],
    ["a video format", { signal: "0 0 1 101 0 0 0" }],
    ["colours", { signal: "0 0 1 101 0 1 00000001 00000001 00000001 0" }],
    ["chroma places", { signal: `0 0 0 1 ${ue(2)} ${ue(3)}` }],
    ["a display window", { window: "1" + [1, 2, 3, 4].map(ue).join("") }],
  ];
  for (const [what, parts] of cases) assert.equal(rateBehind(parts), 25, what);
});

test("sets of more than a decoder holds are not read on, with as many as that they are", () => {
  const none = "0" + ue(0) + ue(0);
  const sets = (count: number) => ue(count) + none.slice(1) + none.repeat(count - 1);
  assert.equal(rateBehind({ shortTerm: sets(64) }), 25);
  assert.equal(rateBehind({ shortTerm: sets(65) }), undefined);
  const deltas = (before: number, after: number) =>
    ue(1) + ue(before) + ue(after) + (ue(0) + "1").repeat(before + after);
  assert.equal(rateBehind({ shortTerm: deltas(10, 6) }), 25);
  assert.equal(rateBehind({ shortTerm: deltas(10, 7) }), undefined);
  const pictures = (count: number) => "1" + ue(count) + "00001".repeat(count);
  assert.equal(rateBehind({ longTerm: pictures(32) }), 25);
  assert.equal(rateBehind({ longTerm: pictures(33) }), undefined);
});

test("the frame rate of a record counts frames in 256 seconds, and 0 says nothing", () => {
  const rate = (high: number, low: number) => {
    const record = RECORD.slice(0, ARRAYS);
    record.set([high, low], 19);
    record[22] = 0;
    return parseHevcConfig(record)?.frameRate;
  };
  assert.deepEqual([rate(25, 0), rate(25, 64), rate(0, 0)], [25, 25.25, undefined]);
});

test("a sequence parameter set that is cut has its size behind cropping, or is none", () => {
  let sizes = 0;
  for (let length = 0; length <= SPS.length; length++) {
    const config = parseHevcConfig(recordOf([33, SPS.subarray(0, length)]));
    if (config === undefined) continue;
    sizes++;
    assert.deepEqual([config.width, config.height], [1920, 1080], `${length} bytes`);
  }
  assert.ok(sizes > 0 && sizes < SPS.length);
});
