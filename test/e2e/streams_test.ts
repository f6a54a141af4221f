import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamView } from "../../src/http/mod.ts";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { disposeAll } from "../support/dispose.ts";
import { Decoder, framesOf, publish, published, readFrameMd5 } from "../support/ffmpeg.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { ANNOUNCE, sharedServer, startServer, type TestServer } from "../support/server.ts";

/** Waits until a stream has been live for `ms`. */
function liveFor(server: TestServer, path: string, ms: number): Promise<StreamView> {
  return until(async () => {
    const { status, body } = await server.api(`/streams/${path}`);
    const stream = body as StreamView;
    return status === 200 && stream.uptimeMs >= ms && stream;
  }, `${path} is live for ${ms} ms`);
}

const md5s = (frames: readonly { md5: string }[]) => frames.map(({ md5 }) => md5);

test("five streams at once reach their players whole and unmixed", async () => {
  const server = await sharedServer();
  const names = ["colour0", "colour1", "colour2", "colour3", "colour4"] as const;
  const paths = await Promise.all(names.map((name) => clip(name)));
  const players = names.map((name) => new Decoder(server.url("live", name)));
  await using _players = disposeAll(...players);
  await Promise.all(names.map((name) => server.playRequested("live", name)));
  const publishers = names.map((name, index) => publish(paths[index]!, server.url("live", name)));
  await using _publishers = disposeAll(...publishers);
  await Promise.all(publishers.map((publisher) => published(publisher)));
  const sources = await Promise.all(paths.map((path) => framesOf(path)));
  for (const [index, player] of players.entries()) {
    assert.deepEqual(md5s(await player.frames()), md5s(sources[index]!), names[index]);
  }
  assert.equal(new Set(sources.map((frames) => frames[0]!.md5)).size, 5, "clips differ");
  server.assertHealthy();
});

test("several players of one stream all get all of it", async () => {
  const server = await sharedServer();
  const path = await clip("av");
  const players = [1, 2, 3].map((number) =>
    new Decoder(server.url("live", `several?player=${number}`))
  );
  await using _players = disposeAll(...players);
  await server.playRequested("live", "several", 3);
  await using publisher = publish(path, server.url("live", "several"));
  await published(publisher);
  const source = md5s(await framesOf(path));
  for (const player of players) assert.deepEqual(md5s(await player.frames()), source);
});

test("a player that joins late starts at once, with the last key frame", async () => {
  await using server = await startServer();
  const path = await clip("longGop");
  await using publisher = publish(path, server.url("live", "a"), { realTime: true });
  await liveFor(server, "live/a", 3000);

  await using client = await RtmpClient.open(server.rtmpPort);
  await client.play("live", "a");
  const first = await client.waitFor(({ type }) => type === Type.Video, "video");
  const second = await client.waitFor(({ type }) => type === Type.Video, "more video");
  assert.deepEqual([...first.payload.subarray(0, 2)], [0x17, 0], "the sequence header comes first");
  assert.deepEqual([...second.payload.subarray(0, 2)], [0x17, 1], "then a key frame");
  // The next one comes seconds later.
  assert.ok(second.timestamp < 1000, `the first one there is, not that of ${second.timestamp} ms`);

  await using player = new Decoder(server.url("live", "a"));
  await player.firstFrame();
  const [frame] = readFrameMd5(player.stdout);
  assert.equal(frame!.md5, (await framesOf(path))[0]!.md5, "the picture of the key frame");
  assert.equal(player.stderr, "");
  await publisher.kill();
  server.assertHealthy();
});

test("a name can be published again, with another clip", async () => {
  const server = await sharedServer();
  let count = 0;
  for (const name of ["colour1", "video"] as const) {
    const path = await clip(name);
    const url = server.url("live", "again");
    await using player = new Decoder(url);
    await server.playRequested("live", "again", ++count);
    await using publisher = publish(path, url);
    await published(publisher);
    assert.deepEqual(md5s(await player.frames()), md5s(await framesOf(path)));
  }
});

test("without a reconnect window players end when their publisher is killed, and have decoded what it sent", async () => {
  await using server = await startServer(["--reconnect-window-ms", "0"]);
  const path = await clip("av");
  const url = server.url("live", "a");
  await using publisher = publish(path, url, { realTime: true, loop: true });
  await liveFor(server, "live/a", 1);
  await using player = new Decoder(url);
  await player.firstFrame();
  await publisher.kill();
  const frames = md5s(await player.frames());
  // With the window of the defaults they would wait for 10 s. By the times of the server, which has both
  // in one turn however busy the machine is.
  const gone = await server.waitForLog("unpublished", { name: "a" });
  const told = await server.waitForLog("stopped playing", { name: "a" });
  assert.ok(Date.parse(told.time) - Date.parse(gone.time) < 5000, "nobody is waited for");
  const source = md5s(await framesOf(path));
  const start = source.indexOf(frames[0]!);
  assert.ok(start % 25 === 0, `it starts with frame ${start}`);
  const looped = [...source, ...source, ...source, ...source];
  assert.deepEqual(frames, looped.slice(start, start + frames.length));
  assert.equal((await server.api("/streams/live/a")).status, 404);
});

test("replace: a second publisher takes over, the first is told, players go on", async () => {
  await using server = await startServer();
  const url = server.url("live", "a");
  await using first = publish(await clip("colour0"), url, { realTime: true, loop: true });
  await liveFor(server, "live/a", 1);
  await using player = new Decoder(url);
  await player.firstFrame();
  await using second = publish(await clip("colour3"), url, { realTime: true });
  await first.ended();
  await server.waitForLog("unpublished", { name: "a", reason: "replaced" });
  await published(second);
  const played = md5s(await player.frames());
  const before = md5s(await framesOf(await clip("colour0")));
  const after = md5s(await framesOf(await clip("colour3")));
  assert.ok(before.includes(played[0]!), "it began with the first clip");
  assert.deepEqual(played.slice(-50), after, "the whole second clip");
  server.assertHealthy();
});

test("reject: a second publisher is refused, the first and its players do not notice", async () => {
  await using server = await startServer([...ANNOUNCE, "--publish-policy", "reject"]);
  const path = await clip("av");
  const url = server.url("live", "a");
  await using player = new Decoder(url);
  await server.playRequested("live", "a");
  // Again and again: on a busy machine the second one may be late.
  await using first = publish(path, url, { realTime: true, loop: true });
  await liveFor(server, "live/a", 1);
  await using second = publish(await clip("colour3"), url, { realTime: true });
  const { code, stderr } = await second.ended();
  assert.notEqual(code, 0);
  assert.notEqual(stderr, "");
  // So long that its players would have noticed.
  let shown = 0;
  await player.waitForLine(
    (line) => /^\d+,/.test(line) && ++shown > 30 || undefined,
    "30 frames are shown",
  );
  first.signal("SIGINT");
  await first.ended();
  const [played, source] = [md5s(await player.frames()), md5s(await framesOf(path))];
  assert.ok(played.length > 25, `${played.length} frames`);
  assert.deepEqual(played, played.map((_, index) => source[index % source.length]));
  // The name is free again.
  await using third = publish(path, url);
  await published(third);
});

test("a play without a publisher waits no longer than play.waitMs", async () => {
  await using server = await startServer(["--play-wait-ms", "700"]);
  await using client = await RtmpClient.open(server.rtmpPort);
  const asked = performance.now();
  await client.play("live", "nobody");
  await client.statusOf("NetStream.Play.StreamNotFound");
  const ms = performance.now() - asked;
  // Other servers here wait for longer than the status is waited for.
  assert.ok(ms >= 600, `after ${ms} ms`);
  await using player = new Decoder(server.url("live", "nobody"));
  const { code, stdout } = await player.ended();
  assert.notEqual(code, 0);
  assert.equal(stdout.includes(", "), false, "nothing was decoded");
});

test("with a reconnect window players stay while their publisher is gone", async () => {
  await using server = await startServer(["--reconnect-window-ms", "10000"]);
  const url = server.url("live", "a");
  await using first = publish(await clip("colour0"), url, { realTime: true, loop: true });
  await liveFor(server, "live/a", 1);
  await using player = new Decoder(url);
  await player.firstFrame();
  await first.kill();
  await server.waitForLog("unpublished", { name: "a" });
  await using second = publish(await clip("colour2"), url, { realTime: true });
  await published(second);
  await server.stop();
  const played = md5s(await player.frames());
  assert.deepEqual(played.slice(-50), md5s(await framesOf(await clip("colour2"))));
});
