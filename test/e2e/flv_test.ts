/** Streams as FLV behind HTTP, watched with ffmpeg. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionView } from "../../src/http/mod.ts";
import { clip, type ClipName } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { ANNOUNCE, startServer } from "../support/server.ts";

for (const name of ["av", "bframes", "audio"] satisfies ClipName[]) {
  const track = name === "audio" ? "a" : "v";
  test(`ffmpeg plays over HTTP exactly the frames that it publishes over RTMP: ${name}`, async () => {
    await using server = await startServer(ANNOUNCE);
    const path = await clip(name);
    const url = `http://127.0.0.1:${server.httpPort}/live/${name}.flv`;
    await using player = new Decoder(url, track);
    await server.playRequested("live", name);
    await using publisher = publish(path, server.url("live", name));
    await published(publisher);
    const [played, source] = [await player.frames(), await framesOf(path, track)];
    assert.ok(source.length >= 50, `${source.length} frames`);
    assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
    server.assertHealthy();
  });
}

test("the control API lists who watches over HTTP, and closes it", async () => {
  await using server = await startServer();
  const path = await clip("av");
  await using _publisher = publish(path, server.url("live", "demo"), {
    loop: true,
    realTime: true,
  });
  await server.waitForLog("publishing");
  const url = `http://127.0.0.1:${server.httpPort}/live/demo.flv`;
  await using player = new Decoder(url, "v", ["-v", "fatal"]);
  await player.firstFrame();
  const { body } = await server.api("/sessions") as { body: { sessions: SessionView[] } };
  const [session] = body.sessions.filter(({ protocol }) => protocol === "http-flv");
  assert.deepEqual([session!.state, session!.app, session!.playing], ["playing", "live", ["demo"]]);
  assert.match(session!.client, /^Lavf/);
  assert.ok(session!.bytesOut > 0);
  const { status } = await server.api(`/sessions/${session!.id}`, { method: "DELETE" });
  assert.equal(status, 204);
  await server.waitForLog("stopped playing", { session: session!.id, reason: "kicked" });
  await player.ended();
  server.assertHealthy();
});
