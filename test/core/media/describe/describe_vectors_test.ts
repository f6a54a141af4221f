import { test } from "node:test";
import assert from "node:assert/strict";
import { asRecord, decodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { describeMedia } from "../../../../src/core/media/mod.ts";
import { audioFrames, audioStart, avcTag, videoFrame, videoStart } from "../messages.ts";
import { bytesOf, type MediaVector, mediaVectors } from "../vectors.ts";

/** Our names of FFmpeg's codecs. */
const NAMES: Record<string, string> = {
  h264: "avc",
  flv1: "h263",
  flashsv: "screen",
  flashsv2: "screen",
  aac: "aac",
  mp3: "mp3",
  speex: "speex",
  pcm_s16le: "pcm",
  pcm_u8: "pcm",
  adpcm_swf: "adpcm",
  pcm_alaw: "g711a",
  pcm_mulaw: "g711u",
  nellymoser: "nellymoser",
};

interface VideoValues {
  codec_name: string;
  width: number;
  height: number;
  avg_frame_rate?: string;
}

interface AudioValues {
  codec_name: string;
  sample_rate: string;
  channels: number;
}

const video = ({ codec_name, width, height }: VideoValues) => ({
  codec: NAMES[codec_name],
  width,
  height,
});

const audio = ({ codec_name, sample_rate, channels }: AudioValues) => ({
  codec: NAMES[codec_name],
  ...(codec_name === "mp3" && { codecString: "mp3" }),
  sampleRate: Number(sample_rate),
  channels,
});

type FlvVector =
  | MediaVector<VideoValues> & { kind: "video" }
  | MediaVector<AudioValues> & { kind: "audio" };

for (const vector of mediaVectors<FlvVector>("flv", 29)) {
  test(`a frame of "${vector.name}" is described as ffprobe describes it`, () => {
    const frame = bytesOf(vector.hex);
    const { description, expected } = vector.kind === "video"
      ? { description: describeMedia({ lastVideo: frame }).video, expected: video(vector.ffprobe) }
      : { description: describeMedia({ lastAudio: frame }).audio, expected: audio(vector.ffprobe) };
    assert.deepEqual(description, expected);
  });
}

/** How Enhanced RTMP carries each codec. */
const FOURCCS = { mp3: ".mp3", ac3: "ac-3", eac3: "ec-3", flac: "fLaC", opus: "Opus" };

/** The same as media types name it. */
const CODEC_STRINGS = { mp3: "mp3", ac3: "ac-3", eac3: "ec-3", flac: "flac", opus: "opus" };

type AudioVector = MediaVector<Omit<AudioValues, "codec_name">> & { codec: keyof typeof FOURCCS };

for (const { name, codec, hex, ffprobe } of mediaVectors<AudioVector>("audio", 38)) {
  test(`"${name}" in Enhanced RTMP is described as ffprobe describes it`, () => {
    const body = bytesOf(hex);
    const samples = codec === "flac" || codec === "opus"
      ? { audioHeader: audioStart(FOURCCS[codec], body) }
      // AC-3 has a SequenceStart with nothing in it: what is known is in the frames.
      : {
        audioHeader: audioStart(FOURCCS[codec], new Uint8Array(0)),
        lastAudio: audioFrames(FOURCCS[codec], body),
      };
    const { sample_rate, channels } = ffprobe;
    const { bitDepth, ...said } = describeMedia(samples).audio!;
    assert.deepEqual(said, {
      codec,
      codecString: CODEC_STRINGS[codec],
      sampleRate: Number(sample_rate),
      channels,
    });
    assert.equal(bitDepth !== undefined, codec === "flac");
  });
}

test("MP3 at 48 kHz, which the tag cannot say, is described by its frames", () => {
  const vectors = mediaVectors<AudioVector>("audio", 38);
  const { hex } = vectors.find(({ name }) => name === "MP3, 48000")!;
  const frame = Uint8Array.of(0x2f, ...bytesOf(hex));
  assert.equal(describeMedia({ lastAudio: frame }).audio?.sampleRate, 48_000);
});

type MetadataVector = MediaVector<{ video?: VideoValues; audio?: AudioValues }>;

for (const { name, hex, ffprobe } of mediaVectors<MetadataVector>("metadata", 5)) {
  test(`FFmpeg's metadata of "${name}" describes what ffprobe finds`, () => {
    const metadata = asRecord(decodeAmf0(bytesOf(hex))[1]);
    assert.ok(metadata !== undefined);
    const { codecString: _, ...expectedAudio } = ffprobe.audio ? audio(ffprobe.audio) : {};
    const expected = {
      ...(ffprobe.video && {
        video: {
          ...video(ffprobe.video),
          frameRate: Number(ffprobe.video.avg_frame_rate!.split("/")[0]),
        },
      }),
      ...(ffprobe.audio && { audio: expectedAudio }),
    };
    assert.deepEqual(describeMedia({ metadata }), expected);
  });
}

interface RecordValues {
  profile: string;
  width: number;
  height: number;
}

/** The description of a header, as far as ffprobe has the same in the same words. */
function shown(videoHeader: Uint8Array): unknown {
  const { codec, profile, width, height } = describeMedia({ videoHeader }).video ?? {};
  return { codec, profile, width, height };
}

for (
  const [codec, file, id, fourCc] of [["hevc", "hevc", 0x1c, "hvc1"], [
    "av1",
    "av1",
    0x1d,
    "av01",
  ]] as const
) {
  test(`headers of ${codec} are described under codec id ${id & 15} and as ${fourCc}`, () => {
    for (const { name, hex, ffprobe } of mediaVectors<MediaVector<RecordValues>>(file, 9)) {
      const { profile, width, height } = ffprobe;
      const record = bytesOf(hex);
      const expected = { codec, profile, width, height };
      assert.deepEqual(shown(avcTag(id, record)), expected, name);
      assert.deepEqual(shown(videoStart(fourCc, record)), expected, name);
    }
  });
}

test("headers of avc are described under codec id 7 and as avc1", () => {
  for (const vector of mediaVectors<MediaVector<RecordValues>>("avc", 29)) {
    const { profile, width, height } = vector.standard ?? vector.ffprobe;
    const tag = bytesOf(vector.hex);
    const expected = { codec: "avc", profile, width, height };
    assert.deepEqual(shown(tag), expected, vector.name);
    assert.deepEqual(shown(videoStart("avc1", tag.subarray(5))), expected, vector.name);
  }
});

test("VP8 and VP9 have their size from a key frame behind the header", () => {
  type VpVector = MediaVector<RecordValues> & { codec: "vp8" | "vp9"; frame: string };
  for (const { name, codec, hex, frame, ffprobe } of mediaVectors<VpVector>("vp", 6)) {
    const fourCc = codec === "vp8" ? "vp08" : "vp09";
    const { video } = describeMedia({
      videoHeader: videoStart(fourCc, bytesOf(hex)),
      lastVideo: videoFrame(fourCc, bytesOf(frame)),
    });
    assert.deepEqual(
      { codec: video?.codec, width: video?.width, height: video?.height, profile: video?.profile },
      {
        codec,
        width: ffprobe.width,
        height: ffprobe.height,
        profile: codec === "vp9" ? ffprobe.profile : undefined,
      },
      name,
    );
  }
});
