/** Streams as FLV behind HTTP, watched with ffmpeg. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip, type ClipName } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { ANNOUNCE, startServer } from "../support/server.ts";

for (const name of ["av", "bframes", "audio"] satisfies ClipName[]) {
  const track = name === "audio" ? "a" : "v";
  test(`ffmpeg plays over HTTP exactly the frames that it publishes over RTMP: ${name}`, async () => {
    await using server = await startServer(ANNOUNCE);
    const path = await clip(name);
    const url = `http://127.0.0.1:${server.httpPort}/live/${name}.flv`;
    // The answer ends with the connection, which old versions of ffmpeg tell as an error.
    await using player = new Decoder(url, track, ["-v", "fatal"]);
    await server.playRequested("live", name);
    await using publisher = publish(path, server.url("live", name));
    await published(publisher);
    const [played, source] = [await player.frames(), await framesOf(path, track)];
    assert.ok(source.length >= 50, `${source.length} frames`);
    assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
    server.assertHealthy();
  });
}
