import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { sharedServer } from "../support/server.ts";

/** A GStreamer pipeline. */
function pipeline(text: string): TestProcess {
  return new TestProcess("gst-launch-1.0", ["-q", ...text.split(" ")]);
}

test(...needs("gstRtmp2", "ffmpeg plays exactly the frames that rtmp2sink publishes"), async () => {
  const server = await sharedServer();
  const path = await clip("av");
  const url = server.url("live", "rtmp2sink");
  await using player = new Decoder(url);
  await server.playRequested("live", "rtmp2sink");
  await using publisher = pipeline(
    `filesrc location=${path} ! flvdemux name=d flvmux name=m streamable=true ! ` +
      `rtmp2sink location=${url} d.video ! queue ! m.video d.audio ! queue ! m.audio`,
  );
  const { code, stderr } = await publisher.ended();
  assert.equal(code, 0, stderr);
  const [played, source] = [await player.frames(), await framesOf(path)];
  assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
  server.assertHealthy();
});

test(...needs("gstRtmp2", "rtmp2src receives what ffmpeg publishes"), async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  try {
    const server = await sharedServer();
    const path = await clip("av");
    const url = server.url("live", "rtmp2src");
    const file = join(folder, "out.flv");
    await using player = pipeline(`rtmp2src location=${url} ! filesink location=${file}`);
    await server.playRequested("live", "rtmp2src");
    await using publisher = publish(path, url);
    await published(publisher);
    const { code, stderr } = await player.ended();
    assert.equal(code, 0, stderr);
    for (const track of ["v", "a"] as const) {
      const [played, source] = [await framesOf(file, track), await framesOf(path, track)];
      // When a stream ends, rtmp2src drops the messages that it has not handed on yet.
      const most = source.slice(0, played.length);
      assert.ok(source.length - played.length <= 3, `${played.length} of ${source.length} frames`);
      assert.deepEqual(played.map(({ md5 }) => md5), most.map(({ md5 }) => md5), track);
    }
    server.assertHealthy();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
