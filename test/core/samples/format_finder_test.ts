import assert from "node:assert/strict";
import { test } from "node:test";
import { FourCc } from "../../../src/core/media/mod.ts";
import { FormatFinder } from "../../../src/core/samples/format_finder.ts";
import { sameFormat, type TrackFormat } from "../../../src/core/samples/mod.ts";
import { hevcArrays } from "../../../src/core/samples/parameter_sets.ts";
import { bytesOf, mediaVectors } from "../media/vectors.ts";
import { AVC, HEVC } from "./formats.ts";

const AUDIO: readonly number[] = [FourCc.Aac, FourCc.Opus, FourCc.Flac, FourCc.Mp3, FourCc.Ac3];

function problemOf(codec: number, config: Uint8Array): string | undefined {
  const kind = AUDIO.includes(codec) ? "audio" : "video";
  return new FormatFinder(kind).onConfig(codec, config)?.problem;
}

test("a configuration that is cut anywhere has a format or a problem, and is no error", () => {
  for (
    const [codec, config] of [
      ...[[FourCc.Avc, AVC.config], [FourCc.Hevc, HEVC.config]] as const,
      ...[[FourCc.Av1, bytesOf(mediaVectors("av1", 1)[0]!.hex)]] as const,
      ...[[FourCc.Aac, Uint8Array.of(0x12, 0x10)]] as const,
      [FourCc.Opus, bytesOf("4f707573486561640102380180bb0000000000")],
    ] as const
  ) {
    assert.equal(problemOf(codec, config), undefined);
    for (let length = 0; length < config.length; length++) {
      const problem = problemOf(codec, config.subarray(0, length));
      // AV1 may end behind the picture size; all others need every byte.
      if (codec !== FourCc.Av1) assert.match(problem ?? "", /damaged|lacks/, `${codec} ${length}`);
    }
  }
});

test("what the configuration lacks is named", () => {
  assert.equal(
    problemOf(FourCc.Avc, AVC.config.subarray(0, 32)),
    "The configuration of H.264 lacks parameter sets",
  );
  assert.equal(
    problemOf(FourCc.Hevc, HEVC.config.slice(0, 23).with(22, 0)),
    "The configuration of H.265 lacks parameter sets",
  );
  assert.equal(
    problemOf(FourCc.Avc, AVC.config.with(4, 0xfe)),
    "The configuration of avc says that sizes of NAL units have 3 bytes",
  );
  assert.equal(
    problemOf(FourCc.Av1, Uint8Array.of(0x81, 0, 0, 0)),
    "The configuration of AV1 has no sequence header that can be read",
  );
  assert.equal(
    problemOf(FourCc.Vvc, Uint8Array.of(1)),
    "vvc has no place in MP4 or MPEG-TS here",
  );
  assert.equal(
    problemOf(0x61626364, Uint8Array.of(1)),
    '"abcd" has no place in MP4 or MPEG-TS here',
  );
  // Channel configuration 0 without a program.
  assert.match(problemOf(FourCc.Aac, Uint8Array.of(0x12, 0x00)) ?? "", /AAC/);
  // Three channels need a mapping table.
  const opus = bytesOf("4f707573486561640103380180bb0000000000");
  assert.equal(problemOf(FourCc.Opus, opus), "The configuration of Opus is damaged (19 bytes)");
  assert.equal(
    problemOf(FourCc.Opus, opus.with(18, 1)),
    "The configuration of Opus is damaged (19 bytes)",
  );
});

test("H.265 that is sent as H.264 is taken for what it is", () => {
  const { format } = new FormatFinder("video").onConfig(FourCc.Avc, HEVC.config)!;
  assert.equal(format!.codec, "hevc");
});

test("all parameter sets of H.265 are said to be in the record, which is a copy", () => {
  const record = HEVC.config.slice();
  let at = 23;
  const arrays: number[] = [];
  while (at < record.length) {
    arrays.push(at);
    record[at]! &= 0x7f;
    at += 5 + record[at + 4]!;
  }
  const { format } = new FormatFinder("video").onConfig(FourCc.Hevc, record)!;
  for (const array of arrays) {
    assert.equal(format!.config[array]! >> 7, 1);
    assert.equal(record[array]! >> 7, 0);
  }
});

test("AAC with spectral band replication counts what comes out", () => {
  const formatOf = (...config: number[]) => {
    const format = new FormatFinder("audio").onConfig(FourCc.Aac, Uint8Array.from(config))?.format;
    return format?.kind === "audio" && [format.codecString, format.timescale, format.frameTicks];
  };
  assert.deepEqual(formatOf(0x12, 0x10), ["mp4a.40.2", 44_100, 1024]);
  assert.deepEqual(formatOf(0x12, 0x14), ["mp4a.40.2", 44_100, 960]); // frameLengthFlag
  assert.deepEqual(formatOf(0x2b, 0x92, 0x08, 0x00), ["mp4a.40.5", 44_100, 2048]);
  // Enhanced low delay at 48 kHz [ISO/IEC 14496-3 §4.4.1].
  assert.deepEqual(formatOf(0xf8, 0xe6, 0x20, 0x00), ["mp4a.40.39", 48_000, 512]);
});

test("VP9 and VP8 have a format once a key frame tells the size, and another when that changes", () => {
  const vp8 = (width: number) =>
    Uint8Array.of(0x10, 0, 0, 0x9d, 1, 0x2a, width & 255, width >> 8, 0xb4, 0);
  const finder = new FormatFinder("video");
  assert.equal(finder.onFrame(FourCc.Vp8, Uint8Array.of(0x11, 0), false), undefined);
  assert.match(finder.onFrame(FourCc.Vp8, Uint8Array.of(0x11, 0), true)!.problem!, /no size/);
  const first = finder.onFrame(FourCc.Vp8, vp8(320), true)!.format!;
  assert.deepEqual(first.kind === "video" && [first.width, first.height, first.codecString], [
    ...[320, 180, "vp08.00.11.08"],
  ]);
  assert.ok(sameFormat(first, finder.onFrame(FourCc.Vp8, vp8(320), true)!.format!));
  assert.ok(!sameFormat(first, finder.onFrame(FourCc.Vp8, vp8(640), true)!.format!));
  // A damaged frame takes nothing back.
  assert.equal(finder.onFrame(FourCc.Vp8, Uint8Array.of(0x10), true), undefined);
});

test("where VP8 and VP9 have no level of their own it is the lowest for the size", () => {
  const level = (width: number, height: number) => {
    const size = [width & 255, width >> 8, height & 255, height >> 8];
    const frame = Uint8Array.of(0x10, 0, 0, 0x9d, 1, 0x2a, ...size);
    return new FormatFinder("video").onFrame(FourCc.Vp8, frame, true)!.format!.config[1];
  };
  // [VP9 levels]: most luma samples of a picture.
  const levels = [
    ...[[256, 144, 10], [288, 256, 11], [480, 256, 20], [640, 384, 21], [1080, 512, 30]] as const,
    ...[[1280, 768, 31], [2048, 1088, 40], [4096, 2176, 50], [8192, 4352, 60]] as const,
  ];
  for (const [index, [width, height, expected]] of levels.entries()) {
    assert.equal(level(width, height), expected);
    assert.equal(level(width, height + 1), levels[index + 1]?.[2] ?? 62);
  }
});

test("the configuration of VP9 is that of the publisher, alone or as a full box", () => {
  const frame = bytesOf("824983420013f00b3202"); // 320x180
  for (const prefix of ["", "01000000"]) {
    const finder = new FormatFinder("video");
    const record = bytesOf(`${prefix}021ea209100900000000`);
    assert.equal(finder.onConfig(FourCc.Vp9, record), undefined);
    const { format, problem } = finder.onFrame(FourCc.Vp9, frame, true)!;
    assert.equal(problem, undefined);
    assert.equal(format!.codecString, "vp09.02.30.10");
    assert.deepEqual([...format!.config], [2, 30, 0xa2, 9, 16, 9, 0, 0]);
    assert.deepEqual(format!.kind === "video" && format.colours, {
      ...{ primaries: 9, transfer: 16, matrix: 9, fullRange: false },
    });
  }
});

test("a codec that is changed without a configuration has no format any more", () => {
  const finder = new FormatFinder("video");
  finder.onConfig(FourCc.Avc, AVC.config);
  assert.equal(finder.onFrame(FourCc.Avc, Uint8Array.of(1), true), undefined);
  assert.equal(
    finder.onFrame(FourCc.Hevc, Uint8Array.of(1), true)!.problem,
    "hevc comes without a configuration",
  );
});

test("a bit rate or a hash in the configuration makes no other format, anything else there does", () => {
  const base = { kind: "audio", timescale: 48_000, channels: 2, sampleRate: 48_000 } as const;
  const of = (codec: string, config: number[], more: object = {}) =>
    ({
      ...base,
      codec,
      codecString: codec,
      config: Uint8Array.from(config),
      ...more,
    }) as TrackFormat;
  for (const codec of ["ac3", "eac3", "flac"]) {
    assert.ok(sameFormat(of(codec, [1]), of(codec, [2])), codec);
    assert.ok(!sameFormat(of(codec, [1]), of(codec, [1], { channels: 6 })), codec);
    assert.ok(!sameFormat(of(codec, [1]), of(codec, [1], { timescale: 44_100 })), codec);
    assert.ok(!sameFormat(of(codec, [1]), of(codec, [1], { bitDepth: 24 })), codec);
  }
  for (const codec of ["aac", "opus", "mp3"]) {
    assert.ok(sameFormat(of(codec, [1]), of(codec, [1])), codec);
    assert.ok(!sameFormat(of(codec, [1]), of(codec, [2])), codec);
    assert.ok(!sameFormat(of(codec, [1]), of(codec, [1, 2])), codec);
  }
  assert.ok(!sameFormat(of("ac3", [1]), of("eac3", [1])));
});

test("a record of H.265 has 286 parameter sets at the most", () => {
  const record = (sets: number) => {
    const array = (type: number, count: number) => [
      ...[type, count >> 8, count & 255],
      ...Array.from({ length: count }, () => [0, 1, 7]).flat(),
    ];
    const head = [...HEVC.config.subarray(0, 22), 3];
    return Uint8Array.from([...head, ...array(32, 1), ...array(33, 1), ...array(34, sets - 2)]);
  };
  assert.equal(hevcArrays(record(286))!.length, 3);
  assert.equal(hevcArrays(record(287)), undefined);
});

test("the profile of VP9 says whether its key frames tell how colours are sampled", () => {
  const frame = (bits: string) => {
    const all = bits.replaceAll(" ", "").padEnd(200, "0");
    return Uint8Array.from(all.match(/.{8}/g)!, (byte) => parseInt(byte, 2));
  };
  // Marker, profile, existing, key frame, shown, resilient, sync code, [12 bits,] colours, range.
  const sync = "010010011000001101000010";
  const size = " 0000000001111111 0000000001000111"; // 128 x 72
  const record = (bits: string) => {
    const result = new FormatFinder("video").onFrame(FourCc.Vp9, frame(bits), true);
    return result?.format && [...result.format.config.subarray(0, 3)];
  };
  const chroma = (byte: number) => byte >> 1 & 7;
  const tried = (bits: string) => {
    const bytes = record(bits);
    return bytes && [bytes[0], bytes[2]! >> 4, chroma(bytes[2]!)];
  };
  // [VP9 §7.2.2]: 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
  assert.deepEqual(tried(`10 00 0 0 10 ${sync} 001 0${size}`), [0, 8, 1]);
  assert.deepEqual(tried(`10 10 0 0 10 ${sync} 001 0 00 0${size}`), [1, 8, 3]);
  assert.deepEqual(tried(`10 10 0 0 10 ${sync} 001 0 10 0${size}`), [1, 8, 2]);
  assert.deepEqual(tried(`10 01 0 0 10 ${sync} 0 001 0${size}`), [2, 10, 1]);
  assert.deepEqual(tried(`10 01 0 0 10 ${sync} 1 001 0${size}`), [2, 12, 1]);
  assert.deepEqual(tried(`10 11 0 0 0 10 ${sync} 1 001 0 00 0${size}`), [3, 12, 3]);
});

test("a format keeps nothing of the message that its configuration came in", () => {
  for (
    const [codec, config] of [
      [FourCc.Avc, AVC.config],
      [FourCc.Hevc, HEVC.config],
      [FourCc.Av1, bytesOf(mediaVectors("av1", 1)[0]!.hex)],
    ] as const
  ) {
    const lent = config.slice();
    const found = new FormatFinder("video").onConfig(codec, lent);
    const kept = [...found!.format!.config];
    lent.fill(0xee);
    assert.deepEqual([...found!.format!.config], kept, `${codec}`);
  }
});
