import { test } from "node:test";
import assert from "node:assert/strict";
import { parseAacConfig } from "../../../src/core/media/mod.ts";
import { hex } from "../amf/hex.ts";
import { bytesOf, type MediaVector, mediaVectors } from "./vectors.ts";

interface AacValues {
  profile?: string;
  sample_rate?: string;
  channels?: number;
}

/** Bytes of the tag before the configuration. */
const TAG = 2;

const vectors = mediaVectors<MediaVector<AacValues>>("aac", 35);

for (const { name, hex: digits, ffprobe, standard } of vectors) {
  test(`the configuration of "${name}" says what ffprobe and the standard say`, () => {
    const config = parseAacConfig(bytesOf(digits).subarray(TAG));
    assert.ok(config !== undefined);
    const { profile, sampleRate, channels } = config;
    const values = { profile, sample_rate: String(sampleRate), channels };
    for (const said of [ffprobe, standard ?? {}]) assert.deepEqual({ ...values, ...said }, values);
  });
}

test("the vectors have every number of channels up to eight, and every profile", () => {
  const values = vectors.map(({ ffprobe, standard }) => ({ ...ffprobe, ...standard }));
  const channels = new Set(values.map((value) => value.channels));
  assert.deepEqual([...channels].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  const profiles = new Set(values.map((value) => value.profile));
  const wanted = ["LC", "Main", "LTP", "HE-AAC", "HE-AACv2", "LD", "ELD", "xHE-AAC"];
  assert.deepEqual([...profiles].sort(), wanted.sort());
});

test("the object type is that of the core", () => {
  assert.equal(parseAacConfig(hex("1210"))?.objectType, 2);
  assert.equal(parseAacConfig(hex("2b920800"))?.objectType, 2);
  assert.equal(parseAacConfig(hex("f8e85000"))?.objectType, 39);
});

test("bytes behind the configuration are no mistake", () => {
  const plain = parseAacConfig(hex("1210"));
  assert.ok(plain !== undefined);
  for (const rest of ["00", "0000000000", "ffffffff", "56e5", "56e5a0"]) {
    const config = parseAacConfig(hex(`1210${rest}`));
    if (rest === "56e5a0") assert.equal(config?.profile, "HE-AAC");
    else assert.deepEqual(config, plain, rest);
  }
});

test("channels that are left to the stream are not known", () => {
  // Channel configurations 8 to 10 and 15 are reserved.
  for (const channelConfig of [8, 9, 10, 15]) {
    const config = Uint8Array.of(0x12, channelConfig << 3);
    assert.deepEqual(parseAacConfig(config)?.channels, undefined);
    assert.equal(parseAacConfig(config)?.sampleRate, 44_100);
  }
});

test("a configuration cut in what it must have is none", () => {
  assert.equal(parseAacConfig(new Uint8Array(0)), undefined);
  assert.equal(parseAacConfig(hex("12")), undefined);
  assert.equal(parseAacConfig(hex("1780 2b")), undefined, "in its sample rate");
  assert.equal(parseAacConfig(hex("2b92")), undefined, "in its extension");
  const program = bytesOf(vectors.find(({ name }) => name.includes("quad"))!.hex).subarray(TAG);
  assert.equal(parseAacConfig(program)?.channels, 4);
  assert.equal(parseAacConfig(program.subarray(0, 6)), undefined, "in its program");
});

test("a configuration that says nothing of use is none", () => {
  assert.equal(parseAacConfig(hex("0210")), undefined, "object type 0");
  assert.equal(parseAacConfig(hex("1690")), undefined, "sample rate index 13");
  assert.equal(parseAacConfig(hex("1780000000 10")), undefined, "sample rate 0");
  assert.equal(parseAacConfig(hex("17ffffff 90")), undefined, "sample rate 16777215");
});
