/** RTMPE by librtmp, in both directions, and across from and to plain RTMP. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { ANNOUNCE, startServer } from "../support/server.ts";

/** The URL of the same stream by RTMPE. */
const encrypted = (url: string) => url.replace("rtmp:", "rtmpe:");

/** GStreamer's sink on librtmp, which knows RTMPE. */
function sink(path: string, url: string): TestProcess {
  const text = `filesrc location=${path} ! flvdemux name=d flvmux name=m streamable=true ! ` +
    `rtmpsink location=${url} d.video ! queue ! m.video d.audio ! queue ! m.audio`;
  return new TestProcess("gst-launch-1.0", ["-q", ...text.split(" ")]);
}

for (const [from, by] of [["rtmp", "ffmpeg"], ["rtmpe", "GStreamer"]] as const) {
  for (const to of ["rtmp", "rtmpe"] as const) {
    if (from === "rtmp" && to === "rtmp") continue;
    const name = `published by ${by} over ${from}, played by rtmpdump over ${to}: the same frames`;
    test(...needs("librtmp", name), async () => {
      const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
      try {
        await using server = await startServer(ANNOUNCE);
        const path = await clip("av");
        const file = join(folder, "out.flv");
        const url = server.url("live", "a");
        await using player = new TestProcess("rtmpdump", [
          ...["-q", "--live", "-r", to === "rtmpe" ? encrypted(url) : url, "-o", file],
        ]);
        await server.playRequested("live", "a");
        await using publisher = from === "rtmpe" ? sink(path, encrypted(url)) : publish(path, url);
        if (from === "rtmpe") assert.equal((await publisher.ended()).code, 0);
        else await published(publisher);
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
  }
}
