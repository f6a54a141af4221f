/** Samples of files as messages: which form each codec has, byte by byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../../src/core/bytes/hex.ts";
import { CodedMessages } from "../../../../src/core/mp4/read/coded_message.ts";
import type { TrackCoding } from "../../../../src/core/mp4/read/sample_entry.ts";

function coded(codec: TrackCoding["codec"], trackId = 0, more: Partial<TrackCoding> = {}) {
  const kind = /^(?:avc|hevc|av1|vp8|vp9)$/.test(codec) ? "video" : "audio";
  return new CodedMessages({
    ...{ kind, codec, config: Uint8Array.of(0xc0, 0xc1), width: 0, height: 0 },
    ...{ sampleRate: 44_100, channels: 2 },
    ...more,
  }, trackId);
}

const shown = (message: Uint8Array | undefined) => message && hex(message);

test("H.264 of the first track has the old form", () => {
  const avc = coded("avc");
  assert.deepEqual([avc.kind, avc.multitrack, avc.codecId], [9, false, 7]);
  assert.equal(shown(avc.header), "1700000000" + "c0c1");
  assert.equal(shown(avc.frame(true, 0x12345, 1)), "1701012345" + "00");
  assert.equal(shown(avc.frame(false, -1, 2)), "2701ffffff" + "0000");
});

test("other pictures have a FOURCC, and those of H.265 a composition time where there is any", () => {
  const hevc = coded("hevc");
  assert.deepEqual([hevc.kind, hevc.codecId], [9, 0x68766331]);
  assert.equal(shown(hevc.header), "9068766331" + "c0c1");
  assert.equal(shown(hevc.frame(true, 40, 1)), "9168766331" + "000028" + "00");
  assert.equal(shown(hevc.frame(false, 0, 1)), "a368766331" + "00");
  const av1 = coded("av1");
  assert.equal(shown(av1.header), "9061763031" + "c0c1");
  assert.equal(shown(av1.frame(true, 40, 1)), "9161763031" + "00");
  for (const [codec, name] of [["vp8", "76703038"], ["vp9", "76703039"]] as const) {
    const frames = coded(codec, 0, { config: new Uint8Array(0) });
    assert.equal(frames.header, undefined, "the frames say everything");
    assert.equal(shown(frames.frame(false, 5, 0)), `a1${name}`);
  }
});

test("AAC and MP3 of the first track have the old form, MP3 with its rate and channels", () => {
  const aac = coded("aac");
  assert.deepEqual([aac.kind, aac.codecId], [8, 10]);
  assert.equal(shown(aac.header), "af00c0c1");
  assert.equal(shown(aac.frame(true, 0, 2)), "af010000");
  const mp3 = (sampleRate: number, channels: number) =>
    shown(coded("mp3", 0, { sampleRate, channels }).frame(true, 0, 1));
  assert.equal(coded("mp3").codecId, 2);
  assert.equal(mp3(44_100, 2), "2f00");
  assert.equal(mp3(44_100, 1), "2e00");
  assert.equal(mp3(48_000, 2), "2f00");
  assert.equal(mp3(22_050, 2), "2b00");
  assert.equal(mp3(11_025, 2), "2700");
  assert.equal(mp3(5_512, 1), "2200");
  assert.equal(mp3(8_000, 1), "e600", "which has a format of its own");
});

test("other sound has a FOURCC", () => {
  for (
    const [codec, name] of [
      ["opus", "4f707573"],
      ["flac", "664c6143"],
      ["ac3", "61632d33"],
      ["eac3", "65632d33"],
    ] as const
  ) {
    const sound = coded(codec);
    assert.deepEqual([sound.kind, sound.codecId], [8, parseInt(name, 16)]);
    assert.equal(shown(sound.header), `90${name}c0c1`);
    assert.equal(shown(sound.frame(true, 0, 1)), `91${name}00`);
  }
});

test("further tracks have a multitrack header, whatever their codec", () => {
  const avc = coded("avc", 1);
  assert.deepEqual([avc.multitrack, avc.codecId], [true, 0x61766331]);
  assert.equal(shown(avc.header), "9600" + "61766331" + "01" + "c0c1");
  assert.equal(shown(avc.frame(true, 40, 1)), "9601" + "61766331" + "01" + "000028" + "00");
  assert.equal(shown(avc.frame(false, 0, 1)), "a603" + "61766331" + "01" + "00");
  const aac = coded("aac", 2);
  assert.equal(shown(aac.header), "9500" + "6d703461" + "02" + "c0c1");
  assert.equal(shown(aac.frame(true, 0, 1)), "9501" + "6d703461" + "02" + "00");
  const mp3 = coded("mp3", 3, { config: new Uint8Array(0) });
  assert.deepEqual([mp3.header, mp3.codecId], [undefined, 0x2e6d7033]);
  assert.equal(shown(mp3.frame(true, 0, 1)), "9501" + "2e6d7033" + "03" + "00");
});
