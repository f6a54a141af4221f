import { test } from "node:test";
import assert from "node:assert/strict";
import { parseAvcConfig } from "../../../../src/core/media/mod.ts";
import { hex } from "../../amf/hex.ts";
import {
  addEmulationPrevention,
  bytesOf,
  bytesOfBits,
  compact,
  type MediaVector,
  mediaVectors,
} from "../vectors.ts";

interface AvcValues {
  profile: string;
  level: number;
  width: number;
  height: number;
  num_units_in_tick?: number;
  time_scale?: number;
}

/** Bytes of the tag before the record. */
const TAG = 5;

const vectors = mediaVectors<MediaVector<AvcValues>>("avc", 32);

/** Those whose timing is there to be refused or is level 1b, which ffprobe shows as a number. */
const exceptions: Record<string, { level?: string; frameRate?: number }> = {
  "level 1b of Main": { level: "1b" },
  "level 1b of High": { level: "1b" },
  "ticks of a clock as the frame rate": { frameRate: undefined },
};

/** Pixels that are not square, and colours, as `trace_headers` has them; of all others it has none. */
const signals: Record<string, { pixelAspect?: number[]; colours?: number[] }> = {
  "aspect ratio, colours and HRD": { pixelAspect: [64, 45], colours: [1, 1, 1, 0] },
  "x264 through GStreamer": { colours: [6, 6, 6, 0] },
  "VUI without timing": { colours: [1, 1, 1, 1] },
  "a ratio written out": { pixelAspect: [64, 45] },
};

/** Frames per second of ffprobe's timing, to three digits. */
function frameRateOf({ num_units_in_tick: ticks, time_scale: scale }: AvcValues) {
  return ticks === undefined || scale === undefined
    ? undefined
    : Number((scale / (2 * ticks)).toFixed(3));
}

for (const { name, hex: digits, ffprobe, standard } of vectors) {
  test(`the record of "${name}" says what ffprobe says`, () => {
    const { profile, level, width, height, ...timing } = standard ?? ffprobe;
    const config = parseAvcConfig(bytesOf(digits).subarray(TAG));
    assert.ok(config !== undefined);
    const { bitDepth, hdr, ...said } = config;
    if (profile.includes("10")) assert.equal(bitDepth, 10);
    if (["Baseline", "Constrained Baseline", "Main", "High"].includes(profile)) {
      assert.equal(bitDepth, 8);
    }
    assert.equal(hdr, undefined);
    assert.deepEqual(
      compact(said),
      compact({
        profile,
        level: (level / 10).toFixed(1),
        width,
        height,
        frameRate: frameRateOf({ ...ffprobe, ...timing }),
        ...exceptions[name],
        ...signals[name],
      }),
    );
  });
}

test("the vectors have cropping, fields, frame rates that are whole, broken and missing", () => {
  const sizes = new Set(vectors.map(({ ffprobe }) => `${ffprobe.width}x${ffprobe.height}`));
  for (const size of ["1920x1080", "320x240", "638x358", "321x181"]) assert.ok(sizes.has(size));
  const rates = vectors.map(({ ffprobe }) => frameRateOf(ffprobe));
  for (const rate of [25, 29.97, 60, undefined]) assert.ok(rates.includes(rate), `${rate}`);
});

const BASELINE = bytesOf(vectors[1]!.hex).subarray(TAG);

test("a record without parameter sets has a profile and a level only", () => {
  assert.deepEqual(compact(parseAvcConfig(hex("01 64 00 28 ff e0 00"))!), {
    profile: "High",
    level: "4.0",
  });
});

test("level 1b is told from 1.1 by its flag, in the profiles before High only", () => {
  const level = (profile: number, constraints: number, levelIdc: number) =>
    parseAvcConfig(Uint8Array.of(1, profile, constraints, levelIdc, 0xff, 0xe0, 0))?.level;
  for (const profile of [66, 77, 88]) {
    assert.equal(level(profile, 0x10, 11), "1b");
    assert.equal(level(profile, 0xc0, 11), "1.1");
    assert.equal(level(profile, 0x10, 21), "2.1");
    assert.equal(level(profile, 0, 9), "0.9");
  }
  assert.equal(level(100, 0, 9), "1b");
  assert.equal(level(100, 0x10, 11), "1.1");
});

test("a profile without a name is left out", () => {
  assert.deepEqual(compact(parseAvcConfig(hex("01 ff 00 1f ff e0 00"))!), { level: "3.1" });
});

test("reserved bits that are not set are no mistake", () => {
  const record = BASELINE.slice();
  record[4]! &= 0x03;
  record[5]! &= 0x1f;
  assert.equal(parseAvcConfig(record)?.width, 320);
});

test("a record cut before the picture size is none, cut behind it says less", () => {
  const spsEnd = 8 + BASELINE[7]!;
  for (let end = 0; end < spsEnd; end++) {
    assert.equal(parseAvcConfig(BASELINE.subarray(0, end)), undefined, `${end}`);
  }
  assert.equal(parseAvcConfig(BASELINE.subarray(0, spsEnd))?.frameRate, 15);
  // A parameter set that ends inside its timing, in a record that ends with it.
  const short = BASELINE.slice(0, spsEnd - 8);
  short[7]! -= 8;
  assert.deepEqual(compact(parseAvcConfig(short)!), {
    profile: "Constrained Baseline",
    level: "1.2",
    width: 320,
    height: 240,
    bitDepth: 8,
  });
});

test("what is no record is undefined", () => {
  const refuse = (change: (record: Uint8Array) => void) => {
    const record = BASELINE.slice();
    change(record);
    assert.equal(parseAvcConfig(record), undefined);
  };
  refuse((record) => record[0] = 0); // another version
  refuse((record) => record[8] = 0x68); // a picture parameter set
  refuse((record) => record.fill(0, 12, 25)); // Exp-Golomb codes without an end
  assert.equal(parseAvcConfig(new Uint8Array(0)), undefined);
  // Annex B instead of a record: a start code and a parameter set.
  assert.equal(parseAvcConfig(hex("00000001 6742c00d d90141fb")), undefined);
});

test("sizes that cannot be are refused", () => {
  // seq_parameter_set_id 0, log2_max_frame_num 0, type 2, one reference, no gaps, then the size.
  const sps = (size: string) => {
    const bits = "1" + "1" + "011" + "010" + "0" + size + "1" + "1";
    const bytes = bytesOfBits(bits);
    return Uint8Array.of(1, 77, 0, 30, 255, 0xe1, 0, 4 + bytes.length, 0x67, 77, 0, 30, ...bytes);
  };
  const huge = "0".repeat(31) + "1".repeat(32); // 2^32 - 2
  assert.equal(parseAvcConfig(sps("011" + "010" + "1" + "1" + "0" + "0"))?.width, 48);
  assert.equal(parseAvcConfig(sps(huge + "010" + "1" + "1" + "0" + "0")), undefined);
  assert.equal(parseAvcConfig(sps("011" + huge + "1" + "1" + "0" + "0")), undefined);
  // Cropped by 24 pairs of columns, which is everything, and by more than that.
  const cropped = (right: string) =>
    sps("011" + "010" + "11" + "1" + "1" + right + "1" + "1" + "0");
  assert.equal(parseAvcConfig(cropped("000011000"))?.width, 2);
  assert.equal(parseAvcConfig(cropped("000011001")), undefined);
  assert.equal(parseAvcConfig(cropped(huge)), undefined);
});

test("behind the scaling lists of every chroma format comes the picture size", () => {
  // A list of which the first delta makes the next scale 0, and so ends it: -8.
  const list = "1" + "000010001";
  for (const [format, lists] of [[1, 8], [2, 8], [3, 12]] as const) {
    for (const present of [0, 1, lists]) {
      const chroma = ["1", "010", "011", "00100"][format] + (format === 3 ? "0" : "");
      const flags = list.repeat(present) + "0".repeat(lists - present);
      // Depths of 8, not lossless, with lists; then as in a set without.
      const bits = "1" + chroma + "1" + "1" + "0" + "1" + flags +
        "1" + "011" + "010" + "0" + "011" + "010" + "1" + "1" + "0" + "0";
      const bytes = bytesOfBits(bits);
      const nal = [0x67, 244, 0, 30, ...addEmulationPrevention(bytes)];
      const record = Uint8Array.of(1, 244, 0, 30, 255, 0xe1, 0, nal.length, ...nal);
      const { width, height } = parseAvcConfig(record) ?? {};
      assert.deepEqual([width, height], [48, 32], `format ${format}, ${present} lists`);
    }
  }
});

test("profiles are named by their number and flags", () => {
  const names: Record<number, string> = {
    66: "Baseline",
    77: "Main",
    88: "Extended",
    100: "High",
    110: "High 10",
    122: "High 4:2:2",
    244: "High 4:4:4 Predictive",
    44: "CAVLC 4:4:4 Intra",
    118: "Multiview High",
    128: "Stereo High",
  };
  const intra: Record<number, string> = {
    110: "High 10 Intra",
    122: "High 4:2:2 Intra",
    244: "High 4:4:4 Intra",
  };
  for (let idc = 0; idc < 256; idc++) {
    const name = (constraints: number) =>
      parseAvcConfig(Uint8Array.of(1, idc, constraints, 30, 255, 0xe0, 0))?.profile;
    assert.equal(name(0), names[idc], `${idc}`);
    // constraint_set3_flag, and constraint_set1_flag.
    assert.equal(name(0x10), intra[idc] ?? names[idc], `${idc}`);
    assert.equal(name(0x40), idc === 66 ? "Constrained Baseline" : names[idc], `${idc}`);
  }
});

test("the sets of the high profiles have members that those of others have not", () => {
  const high = [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244];
  const size = "1" + "011" + "010" + "0" + "011" + "010" + "1" + "1" + "0" + "0";
  // seq_parameter_set_id 0; 4:2:0, depths of 8, not lossless, no lists.
  const plain = bytesOfBits("1" + size);
  const more = bytesOfBits("1" + "010" + "1" + "1" + "0" + "0" + size);
  for (let idc = 0; idc < 256; idc++) {
    const nal = [0x67, idc, 0, 30, ...addEmulationPrevention(high.includes(idc) ? more : plain)];
    const record = Uint8Array.of(1, idc, 0, 30, 255, 0xe1, 0, nal.length, ...nal);
    const { width, height } = parseAvcConfig(record) ?? {};
    assert.deepEqual([width, height], [48, 32], `${idc}`);
  }
});

test("a picture order cycle has up to 255 frames, and what it says is passed", () => {
  const size = "010" + "0" + "011" + "010" + "1" + "1" + "0" + "0";
  const ue = (value: number) => {
    const bits = (value + 1).toString(2);
    return "0".repeat(bits.length - 1) + bits;
  };
  const widthBehind = (order: string) => {
    const bytes = bytesOfBits("1" + "1" + order + size);
    const nal = [0x67, 77, 0, 30, ...addEmulationPrevention(bytes)];
    const { length } = nal;
    return parseAvcConfig(Uint8Array.of(1, 77, 0, 30, 255, 0xe1, length >> 8, length & 255, ...nal))
      ?.width;
  };
  assert.equal(widthBehind(ue(0) + ue(4)), 48);
  assert.equal(widthBehind(ue(2)), 48);
  for (const frames of [0, 1, 255]) {
    assert.equal(widthBehind(ue(1) + "0" + ue(3) + ue(4) + ue(frames) + ue(2).repeat(frames)), 48);
  }
  assert.equal(widthBehind(ue(1) + "0" + ue(3) + ue(4) + ue(256) + ue(2).repeat(256)), undefined);
});

test("pixels that are not square are told by their number, those without a ratio are not told", () => {
  const aspectOf = (idc: number, more = "") => {
    const bits = [
      ...["01000010 00000000 00011110", "1 1 1 1"], // Baseline, level 3; ids, frame numbers, order
      ...["1 0", "00100 00100 1 1 0"], // references, gaps; 64x64, frames, direct 8x8, no cropping
      ...["1 1", idc.toString(2).padStart(8, "0"), more, "0 0 0 0 0 0 0 0 1"],
    ].join("").replaceAll(" ", "");
    const sps = [0x67, ...addEmulationPrevention(bytesOfBits(bits))];
    const record = Uint8Array.of(1, 66, 0, 30, 0xff, 0xe1, 0, sps.length, ...sps, 0);
    const config = parseAvcConfig(record);
    assert.equal(config?.width, 64);
    return config.pixelAspect;
  };
  const sixteen = (value: number) => value.toString(2).padStart(16, "0");
  // [H.264 table E-1]
  const ratios = [
    ...["", "1:1", "12:11", "10:11", "16:11", "40:33", "24:11", "20:11", "32:11", "80:33", "18:11"],
    ...["15:11", "64:33", "160:99", "4:3", "3:2", "2:1"],
  ];
  for (const [idc, ratio] of ratios.entries()) {
    assert.equal(aspectOf(idc)?.join(":"), idc < 2 ? undefined : ratio, `${idc}`);
  }
  assert.equal(aspectOf(17), undefined);
  assert.deepEqual(aspectOf(255, sixteen(500) + sixteen(300)), [500, 300]);
  assert.equal(aspectOf(255, sixteen(7) + sixteen(7)), undefined);
  assert.equal(aspectOf(255, sixteen(0) + sixteen(7)), undefined);
  assert.equal(aspectOf(255, sixteen(7) + sixteen(0)), undefined);
});
