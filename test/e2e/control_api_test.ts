import assert from "node:assert/strict";
import { test } from "node:test";
import type { HealthView, SessionView, StreamView } from "../../src/http/mod.ts";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { Decoder, publish } from "../support/ffmpeg.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { runProgram, startServer } from "../support/server.ts";

test("GET /streams shows what ffmpeg publishes and who plays it", async () => {
  await using server = await startServer();
  assert.deepEqual((await server.api("/streams")).body, { streams: [], total: 0 });
  const url = server.url("live", "a?token=hidden");
  const before = Date.now();
  await using _publisher = publish(await clip("av"), url, { realTime: true, loop: true });
  await server.waitForLog("publishing", { name: "a" });
  await using player = new Decoder(server.url("live", "a"));
  await player.firstFrame();
  const stream = await until(async () => {
    const { body } = await server.api("/streams/live/a");
    const view = body as StreamView;
    return view.video?.bitrate && view.audio?.bitrate && view.players === 1 ? view : undefined;
  }, "the stream with measured bit rates");

  const { publisher, video, audio } = stream;
  assert.equal(stream.app, "live");
  assert.equal(stream.name, "a");
  assert.match(publisher!.address, /^127\.0\.0\.1:\d+$/);
  assert.match(publisher!.client, /^Lavf/);
  assert.ok(Math.abs(Date.parse(publisher!.since) - before) < 10_000, publisher!.since);
  assert.ok(stream.uptimeMs > 500 && stream.uptimeMs < 60_000, `${stream.uptimeMs}`);
  // Profile and level are up to the version of x264.
  assert.match(video!.codecString!, /^avc1\.[0-9a-f]{6}$/);
  assert.deepEqual({ ...video, bitrate: null }, {
    codec: "avc",
    codecString: video!.codecString,
    width: 320,
    height: 240,
    frameRate: 25,
    bitDepth: 8,
    hdr: null,
    bitrate: null,
  });
  assert.deepEqual(stream.tracks, {
    video: [{ id: 0, ...video }],
    audio: [{ id: 0, ...audio }],
  });
  assert.deepEqual({ ...audio, bitrate: null }, {
    codec: "aac",
    codecString: "mp4a.40.2",
    sampleRate: 44100,
    channels: 2,
    bitDepth: null,
    bitrate: null,
  });
  assert.ok(audio!.bitrate! > 30_000 && audio!.bitrate! < 130_000, `audio ${audio!.bitrate}`);
  assert.ok(video!.bitrate! > 50_000 && video!.bitrate! < 5_000_000, `video ${video!.bitrate}`);
  assert.ok(stream.bytesIn > 10_000 && stream.bytesOut > 10_000);
  assert.equal(stream.droppedFrames, 0);
  assert.equal(stream.metadata?.width, 320);

  const { body, status } = await server.api("/streams");
  assert.equal(status, 200);
  const list = body as { streams: StreamView[]; total: number };
  assert.equal(list.total, 1);
  assert.deepEqual(Object.keys(list.streams[0]!).sort(), Object.keys(stream).sort());
  assert.ok(!JSON.stringify(body).includes("hidden"), "no query is shown");

  const sessions = (await server.api("/sessions")).body as { sessions: SessionView[] };
  const states = sessions.sessions.map(({ app, state, publishing, playing }) =>
    [app, state, ...publishing, "/", ...playing].join(" ")
  );
  assert.deepEqual(states.sort(), ["live playing / a", "live publishing a /"]);
  const health = (await server.api("/health")).body as HealthView;
  assert.deepEqual([health.status, health.streams, health.sessions], ["ok", 1, 2]);
  server.assertHealthy();
});

test("DELETE of a stream ends its publisher and its players", async () => {
  await using server = await startServer();
  const url = server.url("live", "a");
  await using publisher = publish(await clip("av"), url, { realTime: true, loop: true });
  await server.waitForLog("publishing", { name: "a" });
  await using player = new Decoder(url);
  await player.firstFrame();
  assert.deepEqual(await server.api("/streams/live/a", { method: "DELETE" }), {
    status: 204,
    body: undefined,
  });
  assert.notEqual((await publisher.ended()).code, 0);
  await player.frames();
  assert.equal((await server.api("/streams/live/a")).status, 404);
  assert.equal((await server.api("/streams/live/a", { method: "DELETE" })).status, 404);
  await server.waitForLog("unpublished", { name: "a", reason: "kicked" });
  server.assertHealthy();
});

test("DELETE of a session closes its connection", async () => {
  await using server = await startServer(["--log-level", "debug"]);
  await using client = await RtmpClient.open(server.rtmpPort);
  await client.publish("live", "a");
  const { sessions } = (await server.api("/sessions")).body as { sessions: SessionView[] };
  const path = `/sessions/${sessions[0]!.id}`;
  assert.equal((await server.api(path, { method: "DELETE" })).status, 204);
  await client.closed;
  // The client may know of it a little before the server has seen the connection go.
  await server.waitForLog("disconnected", { session: sessions[0]!.id });
  assert.equal((await server.api(path, { method: "DELETE" })).status, 404);
  assert.deepEqual((await server.api("/sessions")).body, { sessions: [], total: 0 });
});

test("a token made by the program reads or controls, as it was made to", async () => {
  const make = async (name: string, role: string) => {
    const { code, stdout } = await runProgram(["token", name, role]);
    assert.equal(code, 0);
    return {
      token: /^ {2}([0-9a-f]{64})$/m.exec(stdout)![1]!,
      kept: /--api-tokens "(.+)"/.exec(stdout)![1]!,
    };
  };
  const [read, control] = [await make("dash", "read"), await make("ops", "control")];
  assert.ok(!read.kept.includes(read.token));
  await using server = await startServer([], { SLUICE_API_TOKENS: `${read.kept},${control.kept}` });
  const status = async (token: string, method: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await server.api("/api/v1/sessions/0", { method, headers })).status;
  };
  assert.equal((await server.api("/api/v1/streams")).status, 401);
  const headers = { Authorization: `Bearer ${read.token}` };
  const listed = await server.api("/api/v1/streams", { headers });
  assert.deepEqual(listed, { status: 200, body: { streams: [], total: 0 } });
  assert.equal(await status(read.token, "DELETE"), 403);
  assert.equal(await status(control.token, "DELETE"), 404);
  assert.ok(
    ![read, control].some(({ token, kept }) =>
      server.output.includes(token) || server.output.includes(kept)
    ),
  );
  server.assertHealthy();
});

test("with an API token only who sends it is answered", async () => {
  const token = "a-token-of-the-operator";
  await using server = await startServer([], { SLUICE_API_TOKEN: token });
  for (const path of ["/streams", "/sessions", "/health"]) {
    const headers = { Authorization: `Bearer ${token}` };
    assert.equal((await server.api(path)).status, 401);
    assert.equal((await server.api(path, { headers: { Authorization: "Bearer x" } })).status, 401);
    assert.equal((await server.api(path, { headers })).status, 200);
  }
  assert.ok(!JSON.stringify(server.logs).includes(token));
});
