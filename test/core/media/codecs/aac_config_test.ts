import { test } from "node:test";
import assert from "node:assert/strict";
import { parseAacConfig } from "../../../../src/core/media/mod.ts";
import { hex } from "../../amf/hex.ts";
import { bytesOf, bytesOfBits, type MediaVector, mediaVectors } from "../vectors.ts";

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

test("an extension that says it is not there is not", () => {
  // Behind 22.05 kHz mono: the marks of both extensions, each with its flag.
  const config = (sbr: number, ps: number) =>
    bytesOfBits(`00010 0111 0001 000 01010110111 00101 ${sbr} 0100 10101001000 ${ps}`);
  const said = (bytes: Uint8Array) => {
    const { profile, sampleRate, channels } = parseAacConfig(bytes)!;
    return [profile, sampleRate, channels];
  };
  assert.deepEqual(said(config(1, 1)), ["HE-AACv2", 44_100, 2]);
  assert.deepEqual(said(config(1, 0)), ["HE-AAC", 44_100, 1]);
  assert.deepEqual(said(config(0, 1)), ["LC", 22_050, 1]);
  const noPs = bytesOfBits("00010 0111 0001 000 01010110111 00101 1 0100 00101001000 1");
  assert.deepEqual(said(noPs), ["HE-AAC", 44_100, 1]);
  const noRate = bytesOfBits("00010 0111 0001 000 01010110111 00101 1 1101 10101001000 1");
  assert.deepEqual(said(noRate), ["LC", 22_050, 1]);
});

test("a program config element is read to its end, where an extension begins", () => {
  for (
    const mixdowns of ["0 0 0", "1 0001 0 0", "0 1 0001 0", "0 0 1 101", "1 0001 1 0001 1 101"]
  ) {
    for (const comment of ["", "00", "61626364"]) {
      const program = bytesOfBits([
        "00010 0111 0000 000", // LC, 22.05 kHz, channels in the program
        "0000 01 0111", // tag, profile, sample rate
        "0010 0001 0001 01 001 0001", // 2 in front, 1 beside, 1 behind; low, data, coupling
        mixdowns,
        "0 0000 1 0000 1 0001 0 0001", // a single and a pair, a pair, a single
        "0000 0000 0 0000", // low, data, coupling
      ].join(""));
      const extension = bytesOfBits("01010110111 00101 1 0100");
      const length = comment.length / 2;
      const config = Uint8Array.of(...program, length, ...hex(comment), ...extension);
      const { profile, sampleRate, channels } = parseAacConfig(config)!;
      assert.deepEqual([profile, sampleRate, channels], ["HE-AAC", 44_100, 7], mixdowns + comment);
    }
  }
});

test("members of rare object types are read on the way to an extension", () => {
  const extension = " 01010110111 00101 1 0100";
  const configs = [
    "00010 0111 0010 0 1 00000000000001 0" + extension, // a core coder's delay
    "00010 0111 0010 0 0 1 0" + extension, // extensionFlag3
    "00110 0111 0010 0 0 0 001" + extension, // AAC Scalable, with a layer
  ];
  for (const config of configs) {
    assert.equal(parseAacConfig(bytesOfBits(config))?.sampleRate, 44_100, config);
  }
  // An error resilient one goes on in its own way.
  const resilient = parseAacConfig(bytesOfBits("10001 0111 0010 000" + extension));
  assert.equal(resilient?.sampleRate, 22_050);
});

test("object types that have a program are read up to its channels, all others say nothing of them", () => {
  const program = "0000 01 0111" + "0001 0000 0001 00 000 0000" + "0 0 0" + "1 0000" + "0 0000";
  for (let type = 1; type < 48; type++) {
    // The types that name an extension have another configuration behind theirs.
    if (type === 5 || type === 29 || type === 31) continue;
    const code = type < 32
      ? type.toString(2).padStart(5, "0")
      : "11111" + (type - 32).toString(2).padStart(6, "0");
    const config = parseAacConfig(bytesOfBits(`${code} 0111 0000 000 ${program}${"0".repeat(32)}`));
    const has = [1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23].includes(type);
    assert.equal(config?.channels, has ? 3 : undefined, `${type}`);
  }
});

test("sample rates and channels are those of the tables of the standard", () => {
  const rates = [
    96000,
    88200,
    64000,
    48000,
    44100,
    32000,
    24000,
    22050,
    16000,
    12000,
    11025,
    8000,
    7350,
  ];
  const channels = [undefined, 1, 2, 3, 4, 5, 6, 8, undefined, undefined, undefined, 7, 8, 24, 8];
  for (let index = 0; index < 15; index++) {
    for (let config = 1; config < 16; config++) {
      const bits = `00010 ${index.toString(2).padStart(4, "0")} ${
        config.toString(2).padStart(4, "0")
      } 000`;
      const said = parseAacConfig(bytesOfBits(bits));
      assert.equal(said?.sampleRate, rates[index]);
      if (rates[index] !== undefined) assert.equal(said?.channels, channels[config]);
    }
  }
});
