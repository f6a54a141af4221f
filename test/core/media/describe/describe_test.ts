import { test } from "node:test";
import assert from "node:assert/strict";
import { describeMedia } from "../../../../src/core/media/mod.ts";
import { AUDIO_HEADER, audioFrame, keyFrame, VIDEO_HEADER } from "../../../support/media.ts";
import { hex } from "../../amf/hex.ts";
import { audioFrames, audioStart, avcTag, videoFrame } from "../messages.ts";
import { bytesOf, mediaVectors } from "../vectors.ts";

const of = (members: Record<string, unknown>) => new Map(Object.entries(members));

const EMPTY = new Uint8Array(0);

test("nothing is known of nothing", () => {
  assert.deepEqual(describeMedia({}), {});
  assert.deepEqual(describeMedia({ metadata: new Map() }), {});
  assert.deepEqual(describeMedia({ videoHeader: EMPTY, audioHeader: EMPTY }), {});
  assert.deepEqual(describeMedia({ lastVideo: EMPTY, lastAudio: EMPTY }), {});
});

test("headers alone describe a stream", () => {
  assert.deepEqual(describeMedia({ videoHeader: VIDEO_HEADER, audioHeader: AUDIO_HEADER }), {
    video: {
      codec: "avc",
      codecString: "avc1.42c00d",
      bitDepth: 8,
      width: 320,
      height: 240,
      frameRate: 25,
      profile: "Constrained Baseline",
      level: "1.3",
    },
    audio: {
      codec: "aac",
      codecString: "mp4a.40.2",
      sampleRate: 44_100,
      channels: 2,
      profile: "LC",
    },
  });
});

test("what headers say wins over metadata, which adds what they do not say", () => {
  const noTiming = mediaVectors("avc", 29).find(({ name }) => name.startsWith("OpenH264"))!;
  const metadata = of({
    videocodecid: 2,
    width: 1,
    height: 2,
    framerate: 24,
    audiocodecid: 11,
    audiosamplerate: 8000,
    audiochannels: 7,
  });
  const { video, audio } = describeMedia({
    videoHeader: bytesOf(noTiming.hex),
    audioHeader: AUDIO_HEADER,
    metadata,
  });
  assert.deepEqual([video?.codec, video?.width, video?.height], ["avc", 640, 360]);
  assert.equal(video?.frameRate, 24);
  assert.deepEqual([audio?.codec, audio?.sampleRate, audio?.channels], ["aac", 44_100, 2]);
});

test("a header that cannot be read still names its codec, and metadata says the rest", () => {
  const metadata = of({ videocodecid: 2, width: 640, height: 480, audiosamplerate: 48_000 });
  const { video, audio } = describeMedia({
    videoHeader: avcTag(0x17, hex("01 42")),
    audioHeader: hex("af 00 00"),
    metadata,
  });
  assert.deepEqual(video, { codec: "avc", codecString: "avc1", width: 640, height: 480 });
  assert.deepEqual(audio, { codec: "aac", codecString: "mp4a.40", sampleRate: 48_000 });
});

test("frames without a header name the codec", () => {
  assert.deepEqual(describeMedia({ lastVideo: keyFrame(), lastAudio: audioFrame() }), {
    video: { codec: "avc", codecString: "avc1" },
    audio: { codec: "aac", codecString: "mp4a.40" },
  });
});

test("what a frame says wins over metadata", () => {
  // MP3 at 44.1 kHz by its tag, and nothing that is a frame header behind it.
  const { audio } = describeMedia({
    lastAudio: hex("2e 0000"),
    metadata: of({ audiocodecid: 10, audiosamplerate: 8000 }),
  });
  assert.deepEqual(audio, { codec: "mp3", codecString: "mp3", sampleRate: 44_100, channels: 1 });
});

test("a frame of another codec than the header's adds nothing", () => {
  const h263 = bytesOf(mediaVectors("flv", 29)[0]!.hex);
  const { video } = describeMedia({ videoHeader: avcTag(0x17, hex("01 42")), lastVideo: h263 });
  assert.deepEqual(video, { codec: "avc", codecString: "avc1" });
  const speex = hex("b6 00");
  const { audio } = describeMedia({ audioHeader: audioStart("ac-3", EMPTY), lastAudio: speex });
  assert.deepEqual(audio, { codec: "ac3", codecString: "ac-3" });
});

test("HEVC under the codec id of AVC is recognized", () => {
  for (const { name, hex: record, ffprobe } of mediaVectors("hevc", 9)) {
    const { video } = describeMedia({ videoHeader: avcTag(0x17, bytesOf(record)) });
    assert.deepEqual([video?.codec, video?.width], ["hevc", ffprobe.width], name);
  }
});

test("every codec of FLV has its name", () => {
  const video = (id: number) =>
    describeMedia({ lastVideo: Uint8Array.of(0x10 | id, 1, 0, 0, 0) }).video?.codec;
  assert.deepEqual([2, 3, 4, 5, 6, 7, 12, 13].map(video), [
    ...["h263", "screen", "vp6", "vp6", "screen", "avc", "hevc", "av1"],
  ]);
  for (const id of [0, 1, 8, 9, 10, 11, 14, 15]) assert.equal(video(id), "unknown", `${id}`);
  const audio = (format: number) =>
    describeMedia({ lastAudio: Uint8Array.of(format << 4, 1, 0) }).audio?.codec;
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14].map(audio), [
    ...["pcm", "adpcm", "mp3", "pcm", "nellymoser", "nellymoser", "nellymoser"],
    ...["g711a", "g711u", "aac", "speex", "opus", "mp3"],
  ]);
  for (const format of [12, 15]) assert.equal(audio(format), "unknown", `${format}`);
});

test("every FourCC has its name", () => {
  const video = (fourCc: string) =>
    describeMedia({ lastVideo: videoFrame(fourCc, EMPTY) }).video?.codec;
  const audio = (fourCc: string) =>
    describeMedia({ lastAudio: audioFrames(fourCc, EMPTY) }).audio?.codec;
  assert.deepEqual(["avc1", "hvc1", "vvc1", "av01", "vp08", "vp09", "xxxx"].map(video), [
    ...["avc", "hevc", "vvc", "av1", "vp8", "vp9", "unknown"],
  ]);
  assert.deepEqual(["mp4a", ".mp3", "Opus", "fLaC", "ac-3", "ec-3", "xxxx"].map(audio), [
    ...["aac", "mp3", "opus", "flac", "ac3", "eac3", "unknown"],
  ]);
});

test("AAC in Enhanced RTMP is described by its configuration", () => {
  assert.deepEqual(describeMedia({ audioHeader: audioStart("mp4a", hex("1210")) }).audio, {
    codec: "aac",
    codecString: "mp4a.40.2",
    sampleRate: 44_100,
    channels: 2,
    profile: "LC",
  });
});

test("commands and messages without a codec describe nothing", () => {
  assert.deepEqual(describeMedia({ lastVideo: hex("57 00") }), {});
  assert.deepEqual(describeMedia({ lastVideo: hex("d0 00") }), {});
  assert.deepEqual(describeMedia({ lastVideo: hex("91 6876") }), {});
});
