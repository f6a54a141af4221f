import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { sharedServer } from "../support/server.ts";

test(...needs("rtmpdump", "rtmpdump records exactly what ffmpeg publishes"), async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  try {
    const server = await sharedServer();
    const path = await clip("av");
    const file = join(folder, "out.flv");
    await using player = new TestProcess("rtmpdump", [
      ...["-q", "--live", "-r", server.url("live", "rtmpdump"), "-o", file],
    ]);
    await server.playRequested("live", "rtmpdump");
    await using publisher = publish(path, server.url("live", "rtmpdump"));
    await published(publisher);
    const { code, stderr } = await player.ended();
    assert.equal(code, 0, stderr);
    for (const track of ["v", "a"] as const) {
      const [played, source] = [await framesOf(file, track), await framesOf(path, track)];
      assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5), track);
    }
    server.assertHealthy();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
