/** The metadata of files of FLV, as FFmpeg reads it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { joined } from "../../../src/core/bytes/join.ts";
import { FlvFileMetadata } from "../../../src/core/flv/file_metadata.ts";
import { flvHeader, writeFlvTag } from "../../../src/core/flv/tag.ts";
import { FFMPEG } from "../../support/ffmpeg.ts";
import { TestProcess } from "../../support/process.ts";

const key = (offset: number, index: number) => ({ time: index * 2000, offset });

/** A tag of AAC: FFmpeg looks for tracks only where there is something to look at. */
const SOUND = new Uint8Array(19);
writeFlvTag(SOUND, 0, 8, 0, Uint8Array.of(0xaf, 0, 0x12, 0x10));

test("ffmpeg finds the duration", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-flv-"));
  try {
    const path = join(folder, "a.flv");
    const tag = new FlvFileMetadata([["audiocodecid", 10]], 3_600)
      .encode({ duration: 4_321, size: 70_000, keyFrames: [70_000, 80_000].map(key) });
    writeFileSync(path, joined([flvHeader(true, true), tag, SOUND]));
    await using ffmpeg = new TestProcess(FFMPEG, ["-hide_banner", "-i", path]);
    const { stderr } = await ffmpeg.ended(20_000);
    assert.match(stderr, /Duration: 00:00:04\.32/);
    assert.doesNotMatch(stderr, /nvalid|failed/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
