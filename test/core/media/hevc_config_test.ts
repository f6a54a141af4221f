import { test } from "node:test";
import assert from "node:assert/strict";
import { parseHevcConfig } from "../../../src/core/media/mod.ts";
import { bitDepthOf, bytesOf, compact, type MediaVector, mediaVectors } from "./vectors.ts";

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
