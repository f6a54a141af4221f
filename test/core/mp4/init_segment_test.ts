import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { durationBytes, initSegment } from "../../../src/core/mp4/mod.ts";
import { AAC_LC, AVC } from "../samples/formats.ts";

/** Types of all boxes that hold boxes, and of those in them, by their places. */
function outline(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found: string[] = [];
  for (let at = start; at < end; at += view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const size = view.getUint32(at);
    assert.ok(size >= 8 && at + size <= end, `${type} of ${size} bytes`);
    const head = /^(?:moov|trak|mdia|minf|dinf|stbl|mvex)$/.test(type)
      ? 8
      : type === "stsd"
      ? 16
      : 0;
    found.push(head === 0 ? type : `${type}(${outline(bytes, at + head, at + size)})`);
  }
  return found.join(" ");
}

test("an init segment has the boxes that a fragmented file must have, in the usual order", () => {
  const track = (header: string, entry: string) =>
    `trak(tkhd mdia(mdhd hdlr minf(${header} dinf(dref) stbl(stsd(${entry}) stts stsc stsz stco))))`;
  const { bytes, durationAt } = initSegment([{ id: 1, format: AVC }, { id: 2, format: AAC_LC }]);
  assert.equal(
    outline(bytes),
    `ftyp moov(mvhd ${track("vmhd", "avc1")} ${track("smhd", "mp4a")} mvex(trex trex))`,
  );
  assert.equal(durationAt, -1);
});

test("the length of a file can be written later, where there is a place for it", () => {
  const { bytes, durationAt } = initSegment([{ id: 2, format: AAC_LC }], { durationMs: 0 });
  assert.match(outline(bytes), /mvex\(mehd trex\)\)$/);
  assert.equal(
    hex(bytes.subarray(durationAt - 8, durationAt + 8)),
    "6d65686401000000" + "0".repeat(16),
  );
  bytes.set(durationBytes(2 ** 32 + 1.4), durationAt);
  const { bytes: known } = initSegment([{ id: 2, format: AAC_LC }], { durationMs: 2 ** 32 + 1 });
  assert.equal(hex(bytes), hex(known));
});

/** The body of the first box of a type. */
function find(bytes: Uint8Array, type: string): string {
  const digits = hex(bytes);
  const at = digits.indexOf(hex(Array.from(type, (letter) => letter.charCodeAt(0))));
  const size = parseInt(digits.slice(at - 8, at), 16);
  return digits.slice(at + 8, at - 8 + 2 * size);
}

test("a track says its number, its language and its size on a screen", () => {
  const format = { ...AVC, pixelAspect: [16, 11] as const };
  const { bytes } = initSegment([{ id: 7, format, language: "deu" }]);
  const tkhd = find(bytes, "tkhd");
  assert.equal(tkhd.slice(0, 48), "00000003" + "0".repeat(16) + "00000007" + "0".repeat(16));
  // 320 times 16/11, with 16 bits behind the point, and 240.
  assert.equal(tkhd.slice(-16), "01d1745d" + "00f00000");
  // Three letters less 0x60 [ISO/IEC 14496-12 §8.4.2.3]: 4, 5 and 21.
  assert.equal(find(bytes, "mdhd").slice(24), "00015f90" + "00000000" + "10b50000");
  const other = initSegment([{ id: 7, format, language: "Deutsch" }]);
  assert.equal(find(other.bytes, "mdhd").slice(-8), "55c40000");
  assert.equal(find(bytes, "mvhd").slice(-8), "00000008");
});

test("only a file with one track is one of CMAF", () => {
  const brands = (count: number) =>
    find(
      initSegment([{ id: 1, format: AVC }, { id: 2, format: AAC_LC }].slice(0, count)).bytes,
      "ftyp",
    );
  assert.equal(brands(1), "69736f3600000000" + "69736f366d703431" + "636d6663");
  assert.equal(brands(2), "69736f3600000000" + "69736f366d703431");
});

test("every other box has the fields of ISO/IEC 14496-12, and no samples", () => {
  const { bytes: video } = initSegment([{ id: 3, format: AVC }]);
  const { bytes: audio } = initSegment([{ id: 4, format: AAC_LC }]);
  const zeros = (count: number) => "0".repeat(2 * count);
  const text = (letters: string) => hex(new TextEncoder().encode(letters));
  // §8.4.3: version and flags, none, what it is, none, its name with a zero.
  assert.equal(
    find(video, "hdlr"),
    zeros(4) + zeros(4) + text("vide") + zeros(12) + text("Video") + "00",
  );
  assert.equal(
    find(audio, "hdlr"),
    zeros(4) + zeros(4) + text("soun") + zeros(12) + text("Sound") + "00",
  );
  // §12.1.2, §12.2.2.
  assert.equal(find(video, "vmhd"), "00000001" + zeros(8));
  assert.equal(find(audio, "smhd"), zeros(4) + zeros(4));
  // §8.7.2: one place, which is this file.
  assert.equal(find(video, "dref"), zeros(4) + "00000001" + "0000000c" + text("url ") + "00000001");
  assert.equal(find(video, "stsd").slice(0, 16), zeros(4) + "00000001");
  for (const table of ["stts", "stsc", "stco"]) assert.equal(find(video, table), zeros(8));
  assert.equal(find(video, "stsz"), zeros(12));
  // §8.8.3: the track, the first sample entry, and nothing else that holds for all.
  // Pictures are no sync samples, and depend on others, unless it is said of one.
  assert.equal(find(video, "trex"), zeros(4) + "00000003" + "00000001" + zeros(8) + "01010000");
  assert.equal(find(audio, "trex"), zeros(4) + "00000004" + "00000001" + zeros(8) + "02000000");
  // §8.3.2: sound has a volume of 1.0 and no size.
  const matrix = "00010000" + zeros(12) + "00010000" + zeros(12) + "40000000";
  assert.equal(find(audio, "tkhd").slice(48), zeros(12) + "01000000" + matrix + zeros(8));
  assert.equal(find(video, "tkhd").slice(48, 48 + 32), zeros(16));
  // §8.2.2: a scale, rate and volume of 1.0.
  const mvhd = find(video, "mvhd");
  assert.equal(mvhd.slice(0, 24), zeros(12));
  assert.equal(mvhd.slice(40, 64), "00010000" + "0100" + zeros(10).slice(0, 12));
});
