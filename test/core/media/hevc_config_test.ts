import { test } from "node:test";
import assert from "node:assert/strict";
import { parseHevcConfig } from "../../../src/core/media/mod.ts";
import {
  addEmulationPrevention,
  bitDepthOf,
  bytesOf,
  bytesOfBits,
  compact,
  type MediaVector,
  mediaVectors,
} from "./vectors.ts";

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
  // 70 empty units of a kind that is not looked for.
  const record = new Uint8Array(ARRAYS + 3 + 70 * 2);
  record.set(RECORD.subarray(0, ARRAYS));
  record.set([1, 32, 0, 70], 22);
  assert.equal(parseHevcConfig(record), undefined);
  record.set([1, 32, 0, 60], 22);
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
