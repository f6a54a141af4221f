/** Sample entries of files, and of what their decoders lack. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../../src/core/bytes/hex.ts";
import { readSampleEntries } from "../../../../src/core/mp4/read/sample_entry.ts";
import { box, full, u32 } from "./bytes.ts";

const stsd = (count: number, ...entries: Uint8Array[]) => full(0, 0, u32(count), ...entries);

/** An entry of pictures, 640x360, with these boxes. */
const picture = (type: string, ...boxes: Uint8Array[]) =>
  box(type, [...Array(24).fill(9), 2, 128, 1, 104, ...Array(50).fill(9)], ...boxes);

/** An entry of sound, of two channels and 48 kHz, with these boxes. */
const sound = (type: string, version: number, ...boxes: Uint8Array[]) => {
  const head = [...Array(8).fill(9), 0, version, ...Array(6).fill(9), 0, 2, ...Array(6).fill(9)];
  const more = [0, 16, 36][version] ?? 0;
  return box(type, [...head, 0xbb, 0x80, 9, 9, ...Array(more).fill(9)], ...boxes);
};

const one = (entry: Uint8Array) => {
  const found = readSampleEntries(stsd(1, entry));
  assert.equal(found.length, 1);
  const { config, ...rest } = found[0] ?? {};
  return found[0] && { ...rest, config: hex(config!) };
};

test("pictures have their size, and the configuration of their codec", () => {
  for (
    const [type, codec, name] of [
      ["avc1", "avc", "avcC"],
      ["avc3", "avc", "avcC"],
      ["hvc1", "hevc", "hvcC"],
      ["hev1", "hevc", "hvcC"],
      ["av01", "av1", "av1C"],
    ]
  ) {
    assert.deepEqual(one(picture(type!, box("pasp"), box(name!, [1, 2, 3]))), {
      ...{ kind: "video", codec, width: 640, height: 360, sampleRate: 0, channels: 0 },
      config: "010203",
    });
    assert.equal(one(picture(type!)), undefined, "it has none");
  }
  for (const [type, codec] of [["vp08", "vp8"], ["vp09", "vp9"]]) {
    const found = one(picture(type!, box("vpcC", full(1, 0, [5, 6]))))!;
    assert.deepEqual([found.codec, found.config], [codec, "0506"]);
    assert.equal(one(picture(type!))!.config, "", "the frames say everything");
  }
});

const esds = box(
  "esds",
  full(0, 0, [3, 22, 0, 1, 0, 4, 17, 0x40, ...Array(12).fill(0), 5, 2, 0x12, 0x10]),
);

test("sound has its rate and channels; AAC is known by its descriptor, wherever QuickTime put it", () => {
  const aac = {
    ...{ kind: "audio", codec: "aac", width: 0, height: 0, sampleRate: 48_000, channels: 2 },
    config: "1210",
  };
  for (const version of [0, 1, 2, 3]) assert.deepEqual(one(sound("mp4a", version, esds)), aac);
  assert.deepEqual(one(sound("mp4a", 1, box("wave", box("frma"), esds))), aac);
  assert.equal(one(sound("mp4a", 0)), undefined);
});

test("MP3, AC-3 and E-AC-3 need no configuration", () => {
  for (const [type, codec] of [[".mp3", "mp3"], ["ac-3", "ac3"], ["ec-3", "eac3"]]) {
    const found = one(sound(type!, 0))!;
    assert.deepEqual([found.codec, found.config], [codec, ""]);
  }
});

test("Opus has its identification header, with its numbers the other way round", () => {
  const body = [0, 2, 1, 0x38, 0, 0, 0xbb, 0x80, 0xff, 0xfe, 0];
  assert.equal(
    one(sound("Opus", 0, box("dOps", body)))!.config,
    "4f70757348656164" + "01" + "02" + "3801" + "80bb0000" + "feff" + "00",
  );
  assert.equal(one(sound("Opus", 0, box("dOps", body.slice(1)))), undefined);
  assert.equal(one(sound("Opus", 0)), undefined);
});

test("FLAC has STREAMINFO, which is to be the first block and whole", () => {
  const info = Array.from({ length: 34 }, (_, index) => index);
  const flac = (first: number, ...bytes: number[]) =>
    one(sound("fLaC", 0, box("dfLa", full(0, 0, [first, 0, 0, 34, ...bytes]))));
  assert.equal(flac(0x80, ...info)!.config, "664c614380000022" + hex(Uint8Array.from(info)));
  assert.equal(flac(0, ...info, 4, 0, 0, 0)!.config.length, 2 * 42, "others stay out");
  assert.equal(flac(0x81, ...info), undefined);
  assert.equal(flac(0x80, ...info.slice(1)), undefined);
  assert.equal(one(sound("fLaC", 0)), undefined);
});

test("entries keep their order, and one that is not known its place", () => {
  const entries = [picture("encv"), sound("ac-3", 0), sound("ec-3", 0)];
  const codecs = (count: number) =>
    readSampleEntries(stsd(count, ...entries)).map((entry) => entry?.codec);
  assert.deepEqual(codecs(3), [undefined, "ac3", "eac3"]);
  assert.deepEqual(codecs(2), [undefined, "ac3"]);
  assert.deepEqual(codecs(9).length, 3);
  const many = Array.from({ length: 65 }, () => entries[1]!);
  assert.equal(readSampleEntries(stsd(65, ...many)).length, 64);
});
