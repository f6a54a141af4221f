/** Fragmented MP4 of what real programs publish, decoded by ffmpeg. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip, type ClipName } from "../support/clips.ts";
import { decodedOf, ENHANCED_NAMES, enhancedMedia } from "../support/enhanced.ts";
import { FFMPEG, readFrameMd5 } from "../support/ffmpeg.ts";
import {
  collect,
  decodeClip,
  decodeFile,
  finishedMp4,
  flvTags,
  growingMp4,
  mp4Of,
} from "../support/mux.ts";
import { TestProcess } from "../support/process.ts";

for (const name of ["av", "bframes"] satisfies ClipName[]) {
  test(`ffmpeg decodes from fMP4 what was in the source: ${name}`, async () => {
    const path = await clip(name);
    const source = await decodeClip(path);
    const { tracks } = collect(flvTags(path));
    for (const partMs of [40, 1000]) {
      const decoded = await decodeFile(mp4Of(tracks, partMs), "mp4");
      for (const { kind, md5, times } of decoded) {
        const original = source.find((one) => one.kind === kind)!;
        assert.deepEqual(md5, original.md5, kind);
        for (const [index, time] of times.entries()) {
          const off = time - times[0]! - (original.times[index]! - original.times[0]!);
          assert.ok(Math.abs(off) <= 1, `${kind} ${index} is ${off} ms off`);
        }
      }
    }
  });
}

/** What the captures have in common with what was made of them. */
for (const name of ENHANCED_NAMES) {
  test(`what FFmpeg and GStreamer published decodes from fMP4 as it was: ${name}`, async () => {
    const messages = enhancedMedia(name).map(({ type, timestamp, payload }) => ({
      ...{ type, timestamp, body: payload },
    }));
    const { tracks, said } = collect(messages);
    // One format each, and nothing to complain of.
    assert.equal(said.length, tracks.length, said.join(", "));
    const decoded = await decodeFile(mp4Of(tracks, 300), "mp4");
    const { video, audio } = decodedOf(name);
    assert.deepEqual(
      decoded.filter(({ kind }) => kind === "video").map(({ md5 }) => md5),
      video.map(({ frames }) => frames),
    );
    assert.deepEqual(
      decoded.filter(({ kind }) => kind === "audio").map(({ samples }) => samples),
      audio.map(({ samples }) => samples),
    );
  });
}

test("a finished file has its length, and ffmpeg seeks in it to the picture asked for", async () => {
  const path = await clip("bframes");
  const { tracks } = collect(flvTags(path));
  const [first] = tracks.filter(({ track }) => track.format.kind === "video");
  const baseMs = first!.samples[0]!.dts / 90;
  const source = (await decodeClip(path)).find(({ kind }) => kind === "video")!;
  const folder = mkdtempSync(join(tmpdir(), "sluice-mp4-"));
  try {
    const file = join(folder, "file.mp4");
    writeFileSync(file, finishedMp4(tracks, { baseMs }));
    for (const seconds of [0, 0.48, 1.6]) {
      await using ffmpeg = new TestProcess(FFMPEG, [
        ...["-v", "error", "-nostdin", "-ss", `${seconds}`, "-i", file],
        ...["-map", "0:v", "-frames:v", "1", "-f", "framemd5", "-"],
      ]);
      const { stdout, stderr } = await ffmpeg.ended(60_000);
      assert.equal(stderr, "");
      const [frame] = readFrameMd5(stdout);
      assert.equal(frame!.md5, source.md5[seconds * 25], `${seconds} s`);
    }
    await using probe = new TestProcess(FFMPEG, ["-nostdin", "-i", file]);
    const { stderr } = await probe.ended(60_000);
    assert.match(stderr, /Duration: 00:00:02\.\d\d, start: 0\.0/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a file that ends anywhere plays up to its last whole fragment", async () => {
  const { tracks } = collect(flvTags(await clip("bframes")));
  const { file } = growingMp4(tracks, { maxFragmentMs: 250 });
  const whole = file.bytes.subarray(0, file.released);
  const ends = [0];
  for (let at = 0; at < whole.length;) {
    const view = new DataView(whole.buffer, whole.byteOffset + at);
    at += view.getUint32(0);
    if (view.getUint32(4) === 0x6d646174) ends.push(at); // mdat
  }
  assert.ok(ends.length >= 7);
  // In the middle of a header, and just before an end.
  for (const at of [ends[2]! + 5, ends[5]! - 1]) {
    const kept = ends.findLast((end) => end <= at)!;
    const decode = async (bytes: Uint8Array) =>
      (await decodeFile(bytes, "mp4", true)).find(({ kind }) => kind === "video")!.md5;
    const cut = await decode(whole.subarray(0, at));
    const expected = await decode(whole.subarray(0, kept));
    assert.ok(expected.length > 0);
    assert.deepEqual(cut.slice(0, expected.length), expected);
  }
});
