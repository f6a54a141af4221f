import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip, type ClipName } from "../support/clips.ts";
import { Decoder, framesOf } from "../support/ffmpeg.ts";
import { collect, flvTags, mp4Of } from "../support/mux.ts";

for (const name of ["av", "bframes"] satisfies ClipName[]) {
  for (const partMs of [200, 1000]) {
    test(`ffmpeg decodes from fMP4 what was in the source: ${name}, parts of ${partMs} ms`, async () => {
      const path = await clip(name);
      const collected = collect(flvTags(path));
      const folder = mkdtempSync(join(tmpdir(), "sluice-mp4-"));
      try {
        const file = join(folder, "out.mp4");
        writeFileSync(file, mp4Of(collected.tracks, partMs));
        for (const track of ["v", "a"] as const) {
          const source = await framesOf(path, track);
          const frames = await new Decoder(file, track).frames();
          assert.deepEqual(frames.map(({ md5 }) => md5), source.map(({ md5 }) => md5), track);
          for (const [index, { time }] of frames.entries()) {
            const off = time - frames[0]!.time - (source[index]!.time - source[0]!.time);
            assert.ok(Math.abs(off) <= 1, `${track} ${index} is ${off} ms off`);
          }
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
}
