import assert from "node:assert/strict";
import { test } from "node:test";
import {
  audioCodecOfFormat,
  audioCodecOfFourCc,
  audioCodecOfMetadata,
  videoCodecOfFourCc,
  videoCodecOfId,
  videoCodecOfMetadata,
} from "../../../../src/core/media/codecs/codec_names.ts";

test("every codec id of FLV has its name, and no other number has", () => {
  const video: Record<number, string> = {
    ...{ 2: "h263", 3: "screen", 4: "vp6", 5: "vp6", 6: "screen", 7: "avc" },
    ...{ 12: "hevc", 13: "av1" },
  };
  const audio: Record<number, string> = {
    ...{ 0: "pcm", 1: "adpcm", 2: "mp3", 3: "pcm", 4: "nellymoser", 5: "nellymoser" },
    ...{ 6: "nellymoser", 7: "g711a", 8: "g711u", 10: "aac", 11: "speex", 13: "opus", 14: "mp3" },
  };
  for (let id = 0; id < 16; id++) {
    assert.equal(videoCodecOfId(id), video[id] ?? "unknown", `video ${id}`);
    assert.equal(audioCodecOfFormat(id), audio[id] ?? "unknown", `audio ${id}`);
  }
});

const VIDEO = {
  ...{ avc1: "avc", h264: "avc", hvc1: "hevc", hev1: "hevc", h265: "hevc", vvc1: "vvc" },
  ...{ av01: "av1", vp08: "vp8", vp09: "vp9" },
};
const AUDIO = {
  ...{ mp4a: "aac", ".mp3": "mp3", opus: "opus", flac: "flac", "ac-3": "ac3", "ec-3": "eac3" },
};

const numberOf = (fourCc: string) =>
  [...fourCc].reduce((value, letter) => value * 256 + letter.charCodeAt(0), 0);

for (
  const [kind, fourCcs, ofFourCc, ofMetadata] of [
    ["video", VIDEO, videoCodecOfFourCc, videoCodecOfMetadata],
    ["audio", AUDIO, audioCodecOfFourCc, audioCodecOfMetadata],
  ] as const
) {
  test(`every FourCC of ${kind} has its name, as text in any case and as a number`, () => {
    for (const [fourCc, name] of Object.entries(fourCcs)) {
      assert.equal(ofFourCc(fourCc), name);
      assert.equal(ofFourCc(fourCc.toUpperCase()), name);
      assert.equal(ofMetadata(fourCc), name);
      assert.equal(ofMetadata(numberOf(fourCc)), name);
      // Its own name names it too.
      assert.equal(ofMetadata(name.toUpperCase()), name);
    }
    assert.equal(ofFourCc("????"), "unknown");
    assert.equal(ofMetadata(0x20202020), "unknown");
  });
}

test("a FourCC of the other kind is unknown", () => {
  for (const fourCc of Object.keys(AUDIO)) assert.equal(videoCodecOfFourCc(fourCc), "unknown");
  for (const fourCc of Object.keys(VIDEO)) assert.equal(audioCodecOfFourCc(fourCc), "unknown");
});
