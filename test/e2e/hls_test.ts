/** Streams by HLS, watched with ffmpeg. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionView } from "../../src/http/mod.ts";
import { clip, type ClipName } from "../support/clips.ts";
import { Decoder, framesOf, publish } from "../support/ffmpeg.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** The address of a stream. */
function indexOf(server: TestServer, name: string): string {
  return `http://127.0.0.1:${server.httpPort}/live/${name}/index.m3u8`;
}

for (const name of ["av", "bframes", "audio"] satisfies ClipName[]) {
  const track = name === "audio" ? "a" : "v";
  test(`ffmpeg plays by HLS exactly the frames that are published by RTMP: ${name}`, async () => {
    await using server = await startServer(["--hls-mode", "always"]);
    const path = await clip(name);
    await using publisher = publish(path, server.url("live", name), { realTime: true });
    await server.waitForLog("packaging");
    await using player = new Decoder(indexOf(server, name), track);
    const [played, source] = [await player.frames(), await framesOf(path, track)];
    assert.ok(played.length >= 40, `${played.length} frames`);
    assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
    await publisher.ended();
    server.assertHealthy();
  });
}

test("ffmpeg plays transport streams exactly as they are published", async () => {
  await using server = await startServer(["--hls-mode", "always", "--hls-container", "mpegts"]);
  const path = await clip("bframes");
  await using publisher = publish(path, server.url("live", "ts"), { realTime: true });
  await server.waitForLog("packaging");
  await using player = new Decoder(indexOf(server, "ts"), "v");
  const [played, source] = [await player.frames(), await framesOf(path, "v")];
  assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
  await publisher.ended();
  server.assertHealthy();
});

test("a viewer by HLS is a session, whose addresses end with it", async () => {
  await using server = await startServer();
  const path = await clip("av");
  await using _publisher = publish(path, server.url("live", "demo"), {
    loop: true,
    realTime: true,
  });
  await server.waitForLog("publishing");
  const master = await (await fetch(indexOf(server, "demo"))).text();
  const [, variant] = /\n(~.*\.m3u8)\n/.exec(master)!;
  const url = new URL(variant!, indexOf(server, "demo"));
  assert.equal((await fetch(url)).status, 200);
  const { body } = await server.api("/sessions") as { body: { sessions: SessionView[] } };
  const viewers = body.sessions.filter(({ protocol }) => protocol === "hls");
  assert.deepEqual(viewers.map(({ state, app, playing }) => [state, app, playing]), [
    ["playing", "live", ["demo"]],
  ]);
  const { status } = await server.api(`/sessions/${viewers[0]!.id}`, { method: "DELETE" });
  assert.equal(status, 204);
  await server.waitForLog("stopped playing", { session: viewers[0]!.id, reason: "kicked" });
  assert.equal((await fetch(url)).status, 404);
  server.assertHealthy();
});
