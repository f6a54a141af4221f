import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAc3Frame } from "../../../src/core/media/codecs/ac3.ts";
import { parseFlacConfig } from "../../../src/core/media/codecs/flac.ts";
import { h263FrameSize, screenFrameSize } from "../../../src/core/media/codecs/flash_video.ts";
import {
  audioFlags,
  describeMedia,
  MediaFlag,
  parseAacConfig,
  parseAv1Config,
  parseAvcConfig,
  parseHevcConfig,
  parseVpConfig,
  videoFlags,
} from "../../../src/core/media/mod.ts";
import { parseMp3Frame } from "../../../src/core/media/codecs/mp3.ts";
import { parseOpusHead } from "../../../src/core/media/codecs/opus.ts";
import { openAudio, openVideo } from "../../../src/core/media/message/packet.ts";
import { vp8FrameSize, vp9FrameSize } from "../../../src/core/media/codecs/vp_frame.ts";
import { cpuMs } from "../../support/cpu.ts";
import { check } from "../../support/property.ts";
import { allMediaBytes, compact } from "./vectors.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_CHANNELS = 64;
const MAX_DIMENSION = 65_536;
const MAX_FRAME_RATE = 480;
const MAX_SAMPLE_RATE = 768_000;

const PARSERS = [
  ...[parseAvcConfig, parseHevcConfig, parseAv1Config, parseVpConfig, parseAacConfig],
  ...[parseMp3Frame, parseAc3Frame, parseFlacConfig, parseOpusHead],
  ...[vp8FrameSize, vp9FrameSize, h263FrameSize, screenFrameSize],
];

const vectors = allMediaBytes();

/** A vector with bytes changed, its beginning and its end cut off. */
const damaged = fc.record({
  vector: fc.constantFrom(...vectors),
  changes: fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 4 }),
  start: fc.constantFrom(0, 0, 0, 2, 4, 5),
  cut: fc.oneof(fc.constant(0), fc.nat(40)),
}).map(({ vector, changes, start, cut }) => {
  const bytes = vector.slice(start, Math.max(start, vector.length - cut));
  for (const [at, value] of changes) {
    if (at < bytes.length) bytes[at] = value;
  }
  return bytes;
});

/** Bytes that begin like a message of Enhanced RTMP, or like one of FLV. */
const tagged = fc.tuple(
  fc.constantFrom(
    0x17,
    0x1c,
    0x1d,
    0x12,
    0x13,
    0x57,
    0xaf,
    0x2f,
    0x90,
    0x91,
    0x95,
    0x96,
    0x97,
    0xd4,
  ),
  fc.constantFrom([], [0, 0, 0, 0], [2, 0, 0, 0, 0], [0x10], [0x20], [0, 0x61, 0x76, 0x63, 0x31]),
  fc.constantFrom("", "avc1", "hvc1", "av01", "vp08", "vp09", "mp4a", "Opus", "fLaC", "ac-3"),
  fc.oneof(fc.uint8Array({ maxLength: 80 }), damaged),
).map(([first, middle, fourCc, body]) =>
  Uint8Array.of(first, ...middle, ...[...fourCc].map((letter) => letter.charCodeAt(0)), ...body)
);

const bytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), damaged, tagged);

const KNOWN_FLAGS = Object.values(MediaFlag).reduce((all, flag) => all | flag, 0);

/** Fails unless every number in a description is one that can be shown. */
function assertPlausible(description: object): void {
  const limits: Record<string, number> = {
    width: MAX_DIMENSION,
    height: MAX_DIMENSION,
    frameRate: MAX_FRAME_RATE,
    sampleRate: MAX_SAMPLE_RATE,
    channels: MAX_CHANNELS,
  };
  for (const [member, most] of Object.entries(limits)) {
    const value = (description as Record<string, unknown>)[member];
    if (value === undefined) continue;
    assert.ok(typeof value === "number" && value > 0 && value <= most, `${member} ${value}`);
    assert.ok(member === "frameRate" || Number.isInteger(value), `${member} ${value}`);
  }
}

test("any message has one flag that is known, or none, beside that of several tracks", () => {
  check(
    fc.property(bytes, (payload) => {
      const before = payload.slice();
      for (const flags of [videoFlags(payload), audioFlags(payload)]) {
        assert.equal(flags & ~KNOWN_FLAGS, 0);
        const one = flags & ~MediaFlag.Multitrack;
        assert.equal(one & (one - 1), 0, `${flags} is more than one flag`);
      }
      const video = MediaFlag.Key | MediaFlag.Disposable | MediaFlag.Command;
      assert.equal(audioFlags(payload) & video, 0);
      assert.deepEqual(payload, before);
    }),
    2000,
  );
});

test("a message that is flagged as media has a codec", () => {
  check(
    fc.property(bytes, (payload) => {
      const media = MediaFlag.Key | MediaFlag.SequenceHeader | MediaFlag.Disposable;
      if ((videoFlags(payload) & media) !== 0) assert.ok(openVideo(payload) !== undefined);
      if ((videoFlags(payload) & MediaFlag.Key) !== 0) {
        assert.equal(openVideo(payload)?.kind, "frame");
      }
      if (videoFlags(payload) === MediaFlag.Command) assert.equal(openVideo(payload), undefined);
      if ((audioFlags(payload) & MediaFlag.SequenceHeader) !== 0) {
        assert.equal(openAudio(payload)?.kind, "config");
      }
    }),
    2000,
  );
});

test("parsers take any bytes, and say nothing that cannot be", () => {
  let understood = 0;
  check(
    fc.property(bytes, (payload) => {
      for (const parse of PARSERS) {
        const said = parse(payload);
        if (said === undefined) continue;
        understood++;
        assertPlausible(said);
      }
    }),
    3000,
  );
  assert.ok(understood > 300, `${understood} understood`);
});

const NAMES = new Set([
  ...["avc", "hevc", "vvc", "av1", "vp8", "vp9", "vp6", "h263", "screen", "unknown"],
  ...["aac", "mp3", "opus", "flac", "ac3", "eac3", "speex", "pcm", "g711a", "g711u", "adpcm"],
  "nellymoser",
]);

const metadata = fc.dictionary(
  fc.oneof(
    fc.constantFrom("videocodecid", "audiocodecid", "width", "height", "framerate"),
    fc.constantFrom("audiosamplerate", "audiochannels", "stereo", "__proto__"),
  ),
  fc.oneof(fc.double(), fc.nat(0xffffffff), fc.boolean(), fc.string(), fc.anything()),
).map((members) => new Map(Object.entries(members)));

test("any samples are described in plain values that can be", () => {
  const optional = fc.option(bytes, { nil: undefined });
  check(
    fc.property(
      ...[optional, optional, optional, optional, metadata] as const,
      (videoHeader, audioHeader, lastVideo, lastAudio, metadata) => {
        const description = describeMedia({
          ...{ videoHeader, audioHeader, lastVideo, lastAudio, metadata },
        });
        for (const media of Object.values(description)) {
          assert.ok(NAMES.has(media.codec), media.codec);
          assertPlausible(media);
          assert.deepEqual(compact(media), media, "a member is undefined");
        }
        assert.deepEqual(JSON.parse(JSON.stringify(description)), description);
      },
    ),
    2000,
  );
});

test("a message as long as any may be takes no time to speak of", () => {
  const length = 8 * 1024 * 1024;
  const beginnings = [[], [0x97], [0x17, 0, 0, 0, 0, 1], [0x1c, 0, 0, 0, 0, 1], [0xaf, 0], [0x90]];
  const started = cpuMs();
  for (const filler of [0, 1, 0x7f, 0x97, 0xff]) {
    const payload = new Uint8Array(length).fill(filler);
    for (const beginning of beginnings) {
      payload.set(beginning);
      videoFlags(payload);
      audioFlags(payload);
      describeMedia({ videoHeader: payload, audioHeader: payload, lastVideo: payload });
      for (const parse of PARSERS) parse(payload);
    }
  }
  const took = cpuMs() - started;
  assert.ok(took < 2000, `${took} ms`);
});
