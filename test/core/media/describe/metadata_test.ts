import { test } from "node:test";
import assert from "node:assert/strict";
import { describeMedia } from "../../../../src/core/media/mod.ts";

const describe = (members: Record<string, unknown>) =>
  describeMedia({ metadata: new Map(Object.entries(members)) });

const videoCodec = (videocodecid: unknown) => describe({ videocodecid }).video?.codec;
const audioCodec = (audiocodecid: unknown) => describe({ audiocodecid }).audio?.codec;

test("codec ids are numbers of FLV", () => {
  assert.deepEqual([2, 3, 4, 5, 6, 7, 12, 13].map(videoCodec), [
    ...["h263", "screen", "vp6", "vp6", "screen", "avc", "hevc", "av1"],
  ]);
  assert.deepEqual([0, 1, 2, 7, 10, 11].map(audioCodec), [
    ...["pcm", "adpcm", "mp3", "g711a", "aac", "speex"],
  ]);
});

test("codec ids are FourCCs as numbers", () => {
  // The values that the specification of Enhanced RTMP gives.
  assert.equal(videoCodec(1_752_589_105), "hevc");
  assert.equal(videoCodec(1_635_135_537), "av1");
  assert.equal(videoCodec(0x76703039), "vp9");
  assert.equal(audioCodec(1_332_770_163), "opus");
  assert.equal(audioCodec(0x6d703461), "aac");
});

test("codec ids are names, in any case", () => {
  for (
    const [id, codec] of [["avc1", "avc"], ["H264", "avc"], ["hvc1", "hevc"], ["hev1", "hevc"]]
  ) {
    assert.equal(videoCodec(id), codec);
  }
  for (const [id, codec] of [["mp4a", "aac"], ["AAC", "aac"], [".mp3", "mp3"], ["Opus", "opus"]]) {
    assert.equal(audioCodec(id), codec);
  }
});

test("a codec that is not known is unknown, and one that cannot be is none", () => {
  for (const id of [1, 99, 0x78787878, "xvid", "x".repeat(16)]) {
    assert.equal(videoCodec(id), "unknown", `${id}`);
  }
  for (const id of [12, 99, 0x78787878, "wmav"]) assert.equal(audioCodec(id), "unknown", `${id}`);
  const impossible = [
    NaN,
    -1,
    7.5,
    Infinity,
    2 ** 32,
    "",
    "x".repeat(17),
    true,
    null,
    undefined,
    {},
  ];
  for (const id of impossible) {
    assert.equal(videoCodec(id), undefined, String(id));
    assert.equal(audioCodec(id), undefined, String(id));
  }
  assert.equal(videoCodec(0), undefined);
});

test("values that cannot be are passed over", () => {
  const impossible = [0, -1, NaN, Infinity, -Infinity, 1e300, "640", true, null, undefined, {}, []];
  for (const value of impossible) {
    const { video, audio } = describe({
      ...{ videocodecid: 7, width: value, height: value, framerate: value },
      ...{ audiocodecid: 10, audiosamplerate: value, audiochannels: value },
    });
    assert.deepEqual(video, { codec: "avc" }, String(value));
    assert.deepEqual(audio, { codec: "aac" }, String(value));
  }
});

test("frame rates may be broken, sizes, sample rates and channels may not", () => {
  assert.equal(describe({ framerate: 30_000 / 1001 }).video?.frameRate, 29.97);
  assert.equal(describe({ framerate: 23.976_023_976 }).video?.frameRate, 23.976);
  assert.equal(describe({ framerate: 0.0001 }).video, undefined);
  assert.equal(describe({ width: 640.5 }).video, undefined);
  assert.equal(describe({ audiosamplerate: 44_100.5, audiochannels: 1.5 }).audio, undefined);
});

test("the highest values are those that the codecs can have", () => {
  assert.equal(describe({ width: 65_536 }).video?.width, 65_536);
  assert.equal(describe({ width: 65_537 }).video, undefined);
  assert.equal(describe({ framerate: 480 }).video?.frameRate, 480);
  assert.equal(describe({ framerate: 1000 }).video, undefined);
  assert.equal(describe({ audiosamplerate: 768_000 }).audio?.sampleRate, 768_000);
  assert.equal(describe({ audiosamplerate: 768_001 }).audio, undefined);
  assert.equal(describe({ audiochannels: 64 }).audio?.channels, 64);
  assert.equal(describe({ audiochannels: 65 }).audio, undefined);
});

test("stereo tells the channels when nothing else does", () => {
  assert.equal(describe({ stereo: true }).audio?.channels, 2);
  assert.equal(describe({ stereo: false }).audio?.channels, 1);
  assert.equal(describe({ stereo: true, audiochannels: 6 }).audio?.channels, 6);
  for (const stereo of [1, 0, "true", null]) assert.deepEqual(describe({ stereo }), {});
});

test("members without a codec id are of an unknown codec", () => {
  assert.deepEqual(describe({ width: 640, height: 360 }), {
    video: { codec: "unknown", width: 640, height: 360 },
  });
  assert.deepEqual(describe({ audiosamplerate: 48_000 }), {
    audio: { codec: "unknown", sampleRate: 48_000 },
  });
});
