/** Fragmented MP4 of what real programs publish, decoded by ffmpeg. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip, type ClipName } from "../support/clips.ts";
import { decodedOf, ENHANCED_NAMES, enhancedMedia } from "../support/enhanced.ts";
import { collect, decodeFile, decodePath, flvTags, mp4Of } from "../support/mux.ts";

for (const name of ["av", "bframes"] satisfies ClipName[]) {
  test(`ffmpeg decodes from fMP4 what was in the source: ${name}`, async () => {
    const path = await clip(name);
    const source = await decodePath(path);
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
