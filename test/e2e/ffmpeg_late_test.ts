/** What people do with a live stream that goes on already: keep some seconds of it in a file. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { FFMPEG, publish } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { startServer } from "../support/server.ts";

/** Seconds that are kept. */
const SECONDS = 2;

const COMMANDS: readonly [file: string, options: readonly string[]][] = [
  ["list.m3u8", ["-c", "copy", "-f", "hls"]],
  ["all.mp4", ["-map", "0", "-c", "copy"]],
  ["some.mkv", ["-c", "copy"]],
];

/** The tracks that ffmpeg sees in a file, and how much there is. */
async function inspect(path: string): Promise<{ tracks: string[]; seconds: number }> {
  await using ffmpeg = new TestProcess(FFMPEG, ["-nostdin", "-hide_banner", "-i", path]);
  const { stderr } = await ffmpeg.ended();
  const [, minutes, seconds] = /Duration: 00:(\d+):([\d.]+)/.exec(stderr) ?? [];
  return {
    tracks: [...stderr.matchAll(/Stream #0:\d+.*?: (\w+):/g)].map(([, kind]) => kind!).sort(),
    seconds: 60 * Number(minutes) + Number(seconds),
  };
}

test("ffmpeg that joins late keeps a stream as HLS, MP4 and Matroska, picture and sound alone", async () => {
  await using server = await startServer();
  await using _publisher = publish(await clip("av"), server.url("live", "late"), {
    realTime: true,
    loop: true,
  });
  // So late that metadata which comes at the time of the media does not come at 0.
  const api = `http://127.0.0.1:${server.httpPort}/streams/live/late`;
  await until(async () => {
    const answer = await fetch(api);
    const { uptimeMs = 0 } = await answer.json() as { uptimeMs?: number };
    return uptimeMs > 2500;
  }, "a stream that has gone on for some time");
  const folder = mkdtempSync(join(tmpdir(), "sluice-late-"));
  try {
    await Promise.all(COMMANDS.map(async ([file, options]) => {
      const input = ["-v", "error", "-nostdin", "-i", server.url("live", "late")];
      const path = join(folder, file);
      await using ffmpeg = new TestProcess(FFMPEG, [
        ...input,
        "-t",
        `${SECONDS}`,
        ...options,
        path,
      ]);
      const { code, stderr } = await ffmpeg.ended();
      assert.equal(stderr, "", file);
      assert.equal(code, 0, file);
      const { tracks, seconds } = await inspect(path);
      assert.deepEqual(tracks, ["Audio", "Video"], file);
      assert.ok(seconds > SECONDS / 2 && seconds < SECONDS * 2, `${file}: ${seconds} s`);
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  server.assertHealthy();
});
