import { test } from "node:test";
import assert from "node:assert/strict";
import { parseAv1Config } from "../../../../src/core/media/mod.ts";
import { hex } from "../../amf/hex.ts";
import {
  bitDepthOf,
  bytesOf,
  bytesOfBits,
  compact,
  type MediaVector,
  mediaVectors,
} from "../vectors.ts";

interface Av1Values {
  profile: string;
  /** seq_level_idx. */
  level: number;
  width: number;
  height: number;
  pix_fmt: string;
}

const vectors = mediaVectors<MediaVector<Av1Values>>("av1", 9);

for (const { name, hex: digits, ffprobe } of vectors) {
  test(`the record of "${name}" says what ffprobe says`, () => {
    const { profile, level, width, height, pix_fmt } = ffprobe;
    const config = parseAv1Config(bytesOf(digits));
    assert.ok(config !== undefined);
    const { frameRate, colours: _, ...said } = config;
    assert.deepEqual(
      compact(said),
      compact({
        profile,
        // 31 stands for no level at all.
        level: level === 31 ? undefined : `${2 + Math.floor(level / 4)}.${level % 4}`,
        bitDepth: bitDepthOf(pix_fmt),
        width,
        height,
      }),
    );
    assert.ok(frameRate === undefined || frameRate === 25, `${frameRate}`);
  });
}

const RECORD = bytesOf(vectors[0]!.hex);

test("a record without a sequence header has a profile, a level and a bit depth only", () => {
  assert.deepEqual(parseAv1Config(RECORD.subarray(0, 4)), {
    profile: "Main",
    level: "2.0",
    bitDepth: 8,
  });
});

test("a unit before the sequence header is skipped", () => {
  // A temporal delimiter, type 2 with a size of 0; and padding, type 15 with an extension.
  const units = [...hex("12 00"), ...hex("7e 00 01 ff")];
  const record = Uint8Array.of(...RECORD.subarray(0, 4), ...units, ...RECORD.subarray(4));
  assert.equal(parseAv1Config(record)?.width, 320);
});

test("the sequence header is looked for among the first units only", () => {
  const behind = (units: number) =>
    Uint8Array.of(
      ...RECORD.subarray(0, 4),
      ...Array(units).fill([0x12, 0]).flat(),
      ...RECORD.subarray(4),
    );
  assert.equal(parseAv1Config(behind(7))?.width, 320);
  assert.equal(parseAv1Config(behind(8)), undefined);
});

test("a sequence header that is shorter than its size says is none", () => {
  for (let length = 0; length < 6; length++) {
    const record = RECORD.slice(0, 6 + length);
    record[5] = length;
    assert.equal(parseAv1Config(record), undefined, `${length}`);
  }
});

test("a sequence header without a size goes to the end of the record", () => {
  const [header, , ...rest] = RECORD.subarray(4);
  const record = Uint8Array.of(...RECORD.subarray(0, 4), header! & ~2, ...rest);
  assert.equal(parseAv1Config(record)?.width, 320);
});

test("timing, a decoder model and operating points are read on the way to the size", () => {
  const bytes = bytesOfBits([
    "000 0 0", // profile, still_picture, reduced_still_picture_header
    "1", // timing_info
    (1001).toString(2).padStart(32, "0"),
    (60_000).toString(2).padStart(32, "0"),
    "1 010", // equal_picture_interval, num_ticks_per_picture_minus_1 of 1
    "1 01001", // decoder_model_info, delays of 10 bits
    "1".padStart(32, "0") + "01001 01001",
    "1", // initial_display_delay
    "00001", // two operating points
    "000000000001 01000 1", // level 4.0, high tier
    "1 0000000001 0000000001 0", // its decoder model
    "1 0111", // its display delay
    "000000000010 00111", // level 3.3 has no tier
    "0 0",
    "1001 1000 1001111111 101100111", // sizes of 10 and 9 bits: 640 and 360
    "00000000",
  ].join(""));
  const record = Uint8Array.of(0x81, 0x08, 0, 0, 0x0a, bytes.length, ...bytes);
  assert.deepEqual(parseAv1Config(record), {
    profile: "Main",
    level: "4.0",
    bitDepth: 8,
    width: 640,
    height: 360,
    frameRate: 29.97,
  });
});

test("a record cut anywhere in its sequence header is none", () => {
  for (let end = 0; end < RECORD.length; end++) {
    if (end === 4) continue;
    assert.equal(parseAv1Config(RECORD.subarray(0, end)), undefined, `${end}`);
  }
});

test("what is no record is undefined", () => {
  assert.equal(parseAv1Config(hex("01 00 0c 00")), undefined, "no marker");
  assert.equal(parseAv1Config(hex("82 00 0c 00")), undefined, "version 2");
  assert.equal(parseAv1Config(hex("81 00 0c 00 12 00")), undefined, "no sequence header");
  assert.equal(parseAv1Config(hex("81 00 0c 00 0a ffffffffff")), undefined, "a size too long");
  assert.equal(parseAv1Config(hex("81 00 0c 00 0a ff")), undefined, "a size cut short");
});

/** The colours that a sequence header tells behind these members of it. */
function coloursBehind(
  { profile = "000", reduced = false, tools = "", colours = "0 0 1" }: {
    profile?: string;
    reduced?: boolean;
    tools?: string;
    colours?: string;
  },
) {
  const bytes = bytesOfBits([
    profile + "0" + (reduced ? "1 00100" : "0"),
    // No timing, no delays, one operating point of level 3.3.
    reduced ? "" : "0 0 00000 000000000000 00111",
    "1001 1000 1001111111 101100111", // sizes of 10 and 9 bits: 640 and 360
    tools,
    colours,
    "00001001 00010000 00001001 0", // BT.2020, PQ, BT.2020, limited range
    "11111111",
  ].join(""));
  const record = Uint8Array.of(0x81, 0x08, 0, 0, 0x0a, bytes.length, ...bytes);
  const config = parseAv1Config(record);
  assert.deepEqual([config?.width, config?.height], [640, 360]);
  return config;
}

test("colours are found behind every tool that a sequence may use", () => {
  const cases: [what: string, parts: Parameters<typeof coloursBehind>[0]][] = [
    // No frame ids; three flags; four; no order hints; screen content as the frames say, motion
    // vectors too; three flags.
    ["nothing", { tools: "0 000 0000 0 1 1 000" }],
    ["frame ids", { tools: "1 1111 111 000 0000 0 1 1 000" }],
    ["order hints", { tools: "0 000 0000 1 11 1 1 111 000" }],
    ["screen content always", { tools: "0 000 0000 0 0 1 1 000" }],
    ["screen content never", { tools: "0 000 0000 0 0 0 000" }],
    ["whole motion vectors always", { tools: "0 000 0000 0 1 0 1 000" }],
    ["a still picture", { reduced: true, tools: "000 000" }],
    // Not of high depth and not monochrome; a profile that cannot be; twelve bits.
    ["the High profile", { profile: "001", tools: "0 000 0000 0 1 1 000", colours: "1 1" }],
    [
      "twelve bits",
      { profile: "010", tools: "0 000 0000 0 1 1 000", colours: "1 1 0 1" },
    ],
    [
      "the Professional profile of 8 bits",
      { profile: "010", tools: "0 000 0000 0 1 1 000", colours: "0 0 1" },
    ],
  ];
  for (const [what, parts] of cases) {
    const config = coloursBehind(parts);
    assert.deepEqual(config?.colours, [9, 16, 9, 0], what);
    assert.equal(config?.hdr, "pq", what);
  }
});

test("colours that are not told are none, and those of RGB are of full range", () => {
  const tools = "0 000 0000 0 1 1 000";
  assert.equal(coloursBehind({ tools, colours: "0 0 0" })?.colours, undefined);
  const rgb = "0 0 1 00000001 00001101 00000000";
  assert.deepEqual(coloursBehind({ tools, colours: rgb })?.colours, [1, 13, 0, 1]);
  // One number otherwise, and the range is said.
  for (
    const [numbers, colours] of [
      ["00000010 00001101 00000000", [2, 13, 0]],
      ["00000001 00001110 00000000", [1, 14, 0]],
      ["00000001 00001101 00000001", [1, 13, 1]],
    ] as const
  ) {
    for (const range of [0, 1]) {
      const said = coloursBehind({ tools, colours: `0 0 1 ${numbers} ${range}` })?.colours;
      assert.deepEqual(said, [...colours, range]);
    }
  }
});
