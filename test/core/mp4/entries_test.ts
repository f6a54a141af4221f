/** Sample entries against those that FFmpeg wrote of the same encodes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { FourCc } from "../../../src/core/media/mod.ts";
import { audioEntry } from "../../../src/core/mp4/audio_entry.ts";
import { esds } from "../../../src/core/mp4/descriptors.ts";
import { videoEntry } from "../../../src/core/mp4/video_entry.ts";
import { FormatFinder } from "../../../src/core/samples/format_finder.ts";
import type { TrackFormat } from "../../../src/core/samples/mod.ts";
import { bytesOf } from "../media/vectors.ts";

interface EntryVector {
  readonly name: string;
  /** FourCC of Enhanced RTMP. */
  readonly codec: string;
  readonly config: string;
  readonly frame: string;
  readonly entry: string;
}

const vectors: EntryVector[] = JSON.parse(
  readFileSync(new URL("../../vectors/mp4/entries.json", import.meta.url), "utf8"),
);

const CODECS: Readonly<Record<string, [kind: "audio" | "video", codec: number]>> = {
  "avc1": ["video", FourCc.Avc],
  "hvc1": ["video", FourCc.Hevc],
  "av01": ["video", FourCc.Av1],
  "vp09": ["video", FourCc.Vp9],
  "mp4a": ["audio", FourCc.Aac],
  "Opus": ["audio", FourCc.Opus],
  "fLaC": ["audio", FourCc.Flac],
  ".mp3": ["audio", FourCc.Mp3],
  "ac-3": ["audio", FourCc.Ac3],
  "ec-3": ["audio", FourCc.Eac3],
};

function formatOf({ codec, config, frame }: EntryVector): TrackFormat {
  const [kind, fourCc] = CODECS[codec]!;
  const finder = new FormatFinder(kind);
  const result = config === ""
    ? finder.onFrame(fourCc, bytesOf(frame), true)
    : finder.onConfig(fourCc, bytesOf(config));
  assert.equal(result?.problem, undefined);
  return result!.format!;
}

/** The boxes behind `start`, by type. */
function boxes(bytes: Uint8Array, start: number): Map<string, string> {
  const found = new Map<string, string>();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = start; at < bytes.length; at += view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    assert.ok(view.getUint32(at) >= 8 && at + view.getUint32(at) <= bytes.length, type);
    found.set(type, hex(bytes.subarray(at + 8, at + view.getUint32(at))));
  }
  return found;
}

/** Object type and decoder specific information, whatever the form of the sizes. */
function descriptorsOf(esds: string): string {
  const match = /^00000000 03S....00 04S(..)15.{6}.{8}.{8}(?:05S(.*))?06S02$/.source
    .replaceAll("S", "(?:80)*[0-7].").replaceAll(" ", "");
  const [, objectType, config = ""] = new RegExp(match).exec(esds)!;
  return `${objectType} ${config}`;
}

/** Bytes of a sample entry before its boxes. */
const VIDEO_HEAD = 8 + 78;
const AUDIO_HEAD = 8 + 28;

for (const vector of vectors) {
  test(`the sample entry is the one that FFmpeg writes: ${vector.name}`, () => {
    const format = formatOf(vector);
    const isVideo = format.kind === "video";
    const own = isVideo ? videoEntry(format, 0) : audioEntry(format, 0);
    const theirs = bytesOf(vector.entry);
    const head = isVideo ? VIDEO_HEAD : AUDIO_HEAD;
    // The name of the encoder, which nothing reads.
    if (isVideo) theirs.fill(0, 50, 82);
    // FFmpeg gives every entry of these two channels. Readers take them from the configuration; those
    // that look here find what there is.
    else if (/^(?:mp4a|.mp3|.c-3)$/.test(vector.codec)) theirs[25] = format.channels;
    // A rate above 16 bits: the half of it [FLAC in ISOBMFF §3.3.1], where FFmpeg leaves it out.
    if (vector.name === "FLAC, 24 bits, 96 kHz") theirs.set([48_000 >> 8, 48_000 & 255], 32);
    assert.equal(hex(own.subarray(4, head)), hex(theirs.subarray(4, head)));
    const wanted = boxes(theirs, head);
    const written = boxes(own, head);
    for (const [type, contents] of written) {
      const other = wanted.get(type)!;
      if (type === "esds") assert.equal(descriptorsOf(contents), descriptorsOf(other));
      else assert.equal(contents, other, type);
    }
    // What FFmpeg says besides: bit rates, that there are no fields, and pixels that are square.
    wanted.delete("btrt");
    wanted.delete("fiel");
    if (wanted.get("pasp") === "0000000100000001") wanted.delete("pasp");
    assert.deepEqual([...written.keys()].sort(), [...wanted.keys()].sort());
  });
}

test("a bit rate is told where it is known", () => {
  const rate = (entry: Uint8Array, head: number) => boxes(entry, head).get("btrt");
  const find = (name: string) => formatOf(vectors.find((one) => one.name === name)!);
  const video = find("H.264");
  if (video.kind === "video") {
    assert.equal(rate(videoEntry(video, 2_600_000), VIDEO_HEAD), "000000000027ac400027ac40");
    assert.equal(rate(videoEntry(video, 1), VIDEO_HEAD), "000000000000000100000001");
    assert.equal(rate(videoEntry(video, 0), VIDEO_HEAD), undefined);
  }
  const opus = find("Opus");
  if (opus.kind === "audio") {
    assert.equal(rate(audioEntry(opus, 64_000), AUDIO_HEAD), "000000000000fa000000fa00");
    assert.equal(rate(audioEntry(opus, 1), AUDIO_HEAD), "000000000000000100000001");
    assert.equal(rate(audioEntry(opus, 0), AUDIO_HEAD), undefined);
  }
});

test("a descriptor that is longer than 127 bytes has its size in groups of seven bits", () => {
  const config = new Uint8Array(300).fill(5);
  const digits = hex(esds(0x40, config, 0));
  // 300 is 2 * 128 + 44; what is around it is 18 and 27 bytes longer.
  assert.ok(digits.includes(`05822c${"05".repeat(300)}`));
  assert.ok(digits.includes("04823c40"));
  assert.ok(digits.includes("0382450000"));
});

test("a bit rate of one bit a second is one", () => {
  const opus = formatOf(vectors.find((one) => one.name === "Opus")!);
  if (opus.kind !== "audio") throw new Error("Opus is sound");
  const rate = (bitrate: number) => boxes(audioEntry(opus, bitrate), AUDIO_HEAD).get("btrt");
  assert.equal(rate(1), "000000000000000100000001");
  assert.equal(rate(0), undefined);
});

test("the numbers of an Opus header are the other way round in a file, its gain with its sign", () => {
  const opus = formatOf(vectors.find((one) => one.name === "Opus")!);
  if (opus.kind !== "audio") throw new Error("Opus is sound");
  const head = opus.config.slice(0, 19);
  head.set([2, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0x02, 0xff, 0], 9);
  const specific = boxes(audioEntry({ ...opus, config: head }, 0), AUDIO_HEAD).get("dOps");
  assert.equal(specific, "00" + "02" + "0138" + "0000bb80" + "ff02" + "00");
});
