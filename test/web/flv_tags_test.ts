/** What a page sees in FLV as it comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webModule } from "../support/web_module.ts";

interface Kinds {
  readonly audio: boolean;
  readonly video: boolean;
  readonly keyFrame: boolean;
}
const { FlvTags } = await webModule<{ FlvTags: new () => { read(bytes: Uint8Array): Kinds } }>(
  "flv_tags.js",
);

/** The file header of sound and pictures, and the size of the tag before the first. */
const HEADER = [0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];
const tag = (type: number, ...data: number[]) => {
  const size = (value: number) => [value >> 16, (value >> 8) & 255, value & 255];
  return [type, ...size(data.length), 0, 0, 0, 0, 0, 0, 0, ...data, 0, ...size(11 + data.length)];
};

const SILENT = { audio: false, video: false, keyFrame: false };
const SOUND = { ...SILENT, audio: true };
const INTER = { ...SILENT, video: true };
const KEY = { ...INTER, keyFrame: true };

/** First bytes as they stand in the FLV specification, Annex E.4, and in Enhanced RTMP v2. */
const TAGS: readonly [what: string, type: number, data: number[], Kinds][] = [
  ["AAC sequence header", 8, [0xaf, 0, 0x12, 0x10], SILENT],
  ["AAC", 8, [0xaf, 1, 0x21], SOUND],
  ["MP3", 8, [0x2f, 0, 0xfb], SOUND],
  ["Opus of Enhanced RTMP, sequence start", 8, [0x90, 0x4f, 0x70, 0x75, 0x73], SILENT],
  ["Opus of Enhanced RTMP, coded frames", 8, [0x91, 0x4f, 0x70, 0x75, 0x73, 1], SOUND],
  ["AVC sequence header", 9, [0x17, 0, 0, 0, 0, 1], SILENT],
  ["AVC key frame", 9, [0x17, 1, 0, 0, 0, 1], KEY],
  ["AVC inter frame", 9, [0x27, 1, 0, 0, 0, 1], INTER],
  ["AVC end of sequence", 9, [0x17, 2, 0, 0, 0], SILENT],
  ["HEVC of old, header", 9, [0x1c, 0, 0, 0, 0], SILENT],
  ["HEVC of old, key frame", 9, [0x1c, 1, 0, 0, 0], KEY],
  ["Sorenson H.263 key frame", 9, [0x12, 0, 0], KEY],
  ["AV1, sequence start", 9, [0x90, 0x61, 0x76, 0x30, 0x31], SILENT],
  ["AV1, key frame", 9, [0x91, 0x61, 0x76, 0x30, 0x31], KEY],
  ["HEVC, coded frames without composition time, inter", 9, [0xa3, 0x68, 0x76, 0x63, 0x31], INTER],
  ["metadata of Enhanced RTMP", 9, [0x94, 0x68, 0x76, 0x63, 0x31], SILENT],
  ["a script", 18, [2, 0, 1, 0x61], SILENT],
  ["a video tag of one byte", 9, [0x17], SILENT],
  ["an empty audio tag", 8, [], SILENT],
];

for (const [what, type, data, kinds] of TAGS) {
  test(`FLV as it comes: ${what}`, () => {
    const bytes = Uint8Array.from([...HEADER, ...tag(type, ...data), ...tag(18, 1)]);
    assert.deepEqual(new FlvTags().read(bytes), kinds);
  });
}

test("FLV may be cut anywhere: each tag is told of once it can be known", () => {
  const all = Uint8Array.from([...HEADER, ...TAGS.flatMap(([, type, data]) => tag(type, ...data))]);
  const tags = new FlvTags();
  const seen = Array.from(all, (byte) => tags.read(Uint8Array.of(byte)));
  const count = (of: (kinds: Kinds) => boolean) => seen.filter(of).length;
  assert.equal(count(({ audio }) => audio), 3);
  assert.equal(count(({ video }) => video), 6);
  assert.equal(count(({ keyFrame }) => keyFrame), 4);
});

test("what came before is not told of again", () => {
  const tags = new FlvTags();
  assert.deepEqual(tags.read(Uint8Array.from([...HEADER, ...tag(9, 0x17, 1, 0)])), KEY);
  assert.deepEqual(tags.read(Uint8Array.from(tag(8, 0xaf, 1, 2))), SOUND);
  assert.deepEqual(tags.read(new Uint8Array()), SILENT);
});
