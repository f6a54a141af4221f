import assert from "node:assert/strict";
import { test } from "node:test";
import { flacSamples, opusSamples } from "../../../src/core/samples/audio_frame.ts";
import { dolbySamples } from "../../../src/core/samples/dolby.ts";
import { mp3Samples } from "../../../src/core/samples/mpeg_audio.ts";
import { sampleBytes } from "../../../src/core/samples/sample.ts";
import { decodedOf, ENHANCED_NAMES, enhancedMedia } from "../../support/enhanced.ts";
import { collect } from "../../support/mux.ts";

/** What decoders leave out at the beginning of Opus: 6.5 ms at 48 kHz, as libopus has it. */
const PRE_SKIP = 312;

for (const name of ENHANCED_NAMES) {
  const decoded = decodedOf(name).audio;
  if (decoded.length === 0) continue;
  test(`frames of sound last as long as FFmpeg finds samples in them: ${name}`, () => {
    const { tracks } = collect(
      enhancedMedia(name).map(({ payload, ...rest }) => ({ ...rest, body: payload })),
    );
    const sounds = tracks.filter(({ track }) => track.format.kind === "audio")
      .sort((one, other) => one.track.id - other.track.id);
    assert.equal(sounds.length, decoded.length);
    for (const [index, { samples, track: { format } }] of sounds.entries()) {
      const sum = samples.reduce((total, { duration }) => total + duration, 0);
      const skipped = format.codec === "opus" ? PRE_SKIP : 0;
      const rate = decoded[index]!.sampleRate;
      assert.equal(Math.round(sum / format.timescale * rate) - skipped, decoded[index]!.samples);
    }
  });
}

test("a packet of Opus lasts as its first byte says, times the frames in it", () => {
  // [RFC 6716 table 2], in tenths of a millisecond by configuration.
  const silk = [100, 200, 400, 600];
  const celt = [25, 50, 100, 200];
  const table = [...silk, ...silk, ...silk, 100, 200, 100, 200, ...celt, ...celt, ...celt, ...celt];
  for (const [config, tenths] of table.entries()) {
    const frame = tenths * 4.8;
    for (const code of [0, 1, 2]) {
      assert.equal(opusSamples(Uint8Array.of(config << 3 | code)), frame * (code === 0 ? 1 : 2));
    }
    assert.equal(opusSamples(Uint8Array.of(config << 3 | 3, 0xc0 | 2)), frame * 2);
  }
  // Six frames of 20 ms are the longest packet there is; seven, and none, are no packet.
  assert.equal(opusSamples(Uint8Array.of(1 << 3 | 3, 6)), 5760);
  for (const bytes of [[], [1 << 3 | 3, 7], [1 << 3 | 3, 0], [1 << 3 | 3]]) {
    assert.equal(opusSamples(Uint8Array.from(bytes)), undefined);
  }
});

test("a frame of FLAC lasts as its block size code says", () => {
  // [RFC 9639 table 14]
  const table = [
    ...[
      undefined,
      192,
      576,
      1152,
      2304,
      4608,
      0,
      0,
      256,
      512,
      1024,
      2048,
      4096,
      8192,
      16_384,
      32_768,
    ],
  ];
  for (const [code, samples] of table.entries()) {
    if (samples === 0) continue;
    assert.equal(flacSamples(Uint8Array.of(0xff, 0xf8, code << 4 | 9, 0x18, 0, 0xaa)), samples);
  }
  // Written out in 8 and 16 bits, less one, behind a number of one to seven bytes.
  const numbers = [[0x7f], [0xc2, 0x80], [0xe1, 0x80, 0x80], [0xf1, 0x80, 0x80, 0x80]];
  numbers.push([0xf9, 0x80, 0x80, 0x80, 0x80], [0xfd, 0x80, 0x80, 0x80, 0x80, 0x80]);
  numbers.push([0xfe, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]);
  for (const number of numbers) {
    assert.equal(flacSamples(Uint8Array.of(0xff, 0xf9, 0x69, 0x18, ...number, 0xc7, 0, 0)), 200);
    assert.equal(flacSamples(Uint8Array.of(0xff, 0xf8, 0x79, 0x18, ...number, 0x12, 0x33)), 0x1234);
  }
  assert.equal(flacSamples(Uint8Array.of(0xff, 0xf8, 0x79, 0x18, 0x7f, 0x12)), undefined);
  assert.equal(flacSamples(Uint8Array.of(0xff, 0xf0, 0x19, 0x18, 0, 0)), undefined);
  assert.equal(flacSamples(Uint8Array.of(0xff, 0xf8, 0x19)), undefined);
});

test("a message of MP3 lasts as long as all the frames in it", () => {
  // [ISO/IEC 11172-3 §2.4.2.3]: 128 kbit/s at 44.1 kHz are 417 bytes, with padding 418.
  const frame = (padding: number) => {
    const bytes = new Uint8Array(417 + padding);
    bytes.set([0xff, 0xfb, 0x90 | padding << 1, 0]);
    return [...bytes];
  };
  assert.equal(mp3Samples(Uint8Array.from(frame(0))), 1152);
  assert.equal(mp3Samples(Uint8Array.from([...frame(1), ...frame(0), ...frame(1)])), 3 * 1152);
  assert.equal(mp3Samples(Uint8Array.of(0xff, 0xf3, 0x40, 0)), 576); // MPEG-2
  // 128 kbit/s at 32 kHz, the lowest rate of MPEG-1, are 576 bytes.
  const low = new Uint8Array(2 * 576);
  for (const at of [0, 576]) low.set([0xff, 0xfb, 0x98, 0], at);
  assert.equal(mp3Samples(low), 2 * 1152);
  assert.equal(mp3Samples(Uint8Array.of(0xff, 0xfb, 0x00, 0)), 1152); // of free format
  assert.equal(mp3Samples(Uint8Array.of(0, 0, 0, 0)), undefined);
  assert.equal(mp3Samples(Uint8Array.of(0xff, 0xfb)), undefined);
});

test("a sample has the bytes that it has, or that were taken elsewhere", () => {
  const sample = { dts: 0, duration: 1, composition: 0, key: true, data: new Uint8Array(3) };
  assert.equal(sampleBytes(sample), 3);
  assert.equal(sampleBytes({ ...sample, data: new Uint8Array(), size: 9 }), 9);
});

test("E-AC-3 lasts as long as the blocks of its first substream", () => {
  /** [ATSC A/52 §E.1.2.2]: type, substream, size of 16 bytes, number of blocks. */
  const frame = (type: number, substream: number, blocks: number) => [
    ...[0x0b, 0x77, type << 6 | substream << 3, 7, blocks << 4 | 4, 0x80, 0, 0],
    ...new Array(8).fill(0),
  ];
  const samples = (...frames: number[][]) => dolbySamples(Uint8Array.from(frames.flat()));
  assert.equal(samples(frame(0, 0, 3)), 1536);
  assert.equal(samples(frame(0, 0, 0)), 256);
  assert.equal(samples(frame(0, 0, 1), frame(1, 0, 1), frame(0, 0, 1)), 1024);
  assert.equal(samples(frame(0, 0, 2), frame(0, 1, 3)), 768);
  assert.equal(samples(frame(1, 0, 3)), undefined);
  assert.equal(dolbySamples(Uint8Array.of(0x0b, 0x77, 0, 0, 0, 0x40, 0, 0)), 1536);
  assert.equal(dolbySamples(Uint8Array.of(0x0b, 0x78, 0, 0, 0, 0x40, 0, 0)), undefined);
  assert.equal(dolbySamples(Uint8Array.of(0x0b, 0x77)), undefined);
});

test("a frame of MP3 is as long as its bitrate and sample rate say", () => {
  // [ISO/IEC 11172-3 §2.4.2.3], [ISO/IEC 13818-3 §2.4.2.3], kbit/s of layer III by index.
  const high = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
  const low = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
  for (
    const [version, rates, sampleRate, samples] of [
      [0xfb, high, 44_100, 1152],
      [0xf3, low, 22_050, 576],
    ] as const
  ) {
    for (const [index, kilobits] of rates.entries()) {
      const length = Math.floor(samples / 8 * kilobits * 1000 / sampleRate);
      const two = new Uint8Array(2 * length);
      for (const at of [0, length]) two.set([0xff, version, index + 1 << 4, 0], at);
      assert.equal(mp3Samples(two), 2 * samples, `${kilobits} kbit/s at ${sampleRate} Hz`);
      assert.equal(mp3Samples(two.subarray(0, length + 3)), samples, "a header that is cut");
    }
  }
});

test("of a message of MP3 64 frames count at most", () => {
  const frame = new Uint8Array(104); // 32 kbit/s at 44.1 kHz
  frame.set([0xff, 0xfb, 0x10, 0]);
  const frames = (count: number) =>
    Uint8Array.from({ length: 104 * count }, (_, at) => frame[at % 104]!);
  assert.equal(mp3Samples(frames(64)), 64 * 1152);
  assert.equal(mp3Samples(frames(65)), 64 * 1152);
});
