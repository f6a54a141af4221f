/** Seeking on a live stream, which has one place to go to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { SOON_MS } from "../support/deadline.ts";
import { FFMPEG, publish } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { startServer } from "../support/server.ts";

test("ffmpeg -ss on a live stream gets media", async () => {
  await using server = await startServer();
  const url = server.url("live", "seek");
  await using _publisher = publish(await clip("av"), url, { realTime: true, loop: true });
  await using player = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-ss", "2", "-i", url],
    ...["-t", "1", "-c", "copy", "-f", "framecrc", "-"],
  ]);
  const { code, stdout } = await player.ended(3 * SOON_MS);
  assert.equal(code, 0);
  for (const stream of [0, 1]) {
    const packets = stdout.split("\n").filter((line) => line.startsWith(`${stream},`));
    assert.ok(packets.length >= 10, `${packets.length} packets of stream ${stream}`);
  }
  server.assertHealthy();
});
