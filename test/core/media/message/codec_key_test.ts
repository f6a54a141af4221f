import assert from "node:assert/strict";
import { test } from "node:test";
import { audioCodecKey, FourCc, NO_CODEC, videoCodecKey } from "../../../../src/core/media/mod.ts";

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

const VIDEO: [what: string, key: number, message: number[]][] = [
  ["AVC", FourCc.Avc, [0x17, 0]],
  ["AVC with a FourCC", FourCc.Avc, [0x90, ...ascii("avc1")]],
  ["HEVC under its id", FourCc.Hevc, [0x2c, 1]],
  ["HEVC without composition time", FourCc.Hevc, [0xa3, ...ascii("hvc1"), 1]],
  ["AV1 under its id", FourCc.Av1, [0x1d, 1]],
  ["AV1 behind an extension", FourCc.Av1, [0x97, 2, 0, 1, 2, 0x01, ...ascii("av01")]],
  ["VP9 in a track", FourCc.Vp9, [0x96, 0x01, ...ascii("vp09"), 3]],
  ["H.263", 2, [0x12, 1]],
  ["VP6", 4, [0x14, 1]],
  ["a command", NO_CODEC, [0x57, 0]],
  ["a cut message", NO_CODEC, [0x17]],
  ["a cut FourCC", NO_CODEC, [0x90, 0x61, 0x76]],
  ["nothing", NO_CODEC, []],
];

const AUDIO: [what: string, key: number, message: number[]][] = [
  ["AAC", FourCc.Aac, [0xaf, 0]],
  ["AAC with a FourCC", FourCc.Aac, [0x91, ...ascii("mp4a"), 1]],
  ["MP3", FourCc.Mp3, [0x2f, 1]],
  ["MP3 at 8 kHz", FourCc.Mp3, [0xe2, 1]],
  ["MP3 with a FourCC", FourCc.Mp3, [0x91, ...ascii(".mp3"), 1]],
  ["Opus under its format", FourCc.Opus, [0xdf, 1]],
  ["PCM", 1, [0x02, 1]],
  ["G.711 A-law", 8, [0x72, 1]],
  ["G.711 mu-law", 9, [0x82, 1]],
  ["Opus in a track", FourCc.Opus, [0x95, 0x01, ...ascii("Opus"), 1]],
  ["nothing", NO_CODEC, []],
];

for (
  const [kind, keyOf, list] of [
    ["video", videoCodecKey, VIDEO],
    ["audio", audioCodecKey, AUDIO],
  ] as const
) {
  for (const [what, key, message] of list) {
    test(`the key of ${kind}: ${what}`, () => {
      assert.equal(keyOf(Uint8Array.from(message)), key);
    });
  }
}
