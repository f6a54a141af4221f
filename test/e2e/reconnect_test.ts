/** A server that stops asks clients that announced it to go elsewhere, and serves them till they do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";

const REQUEST = "NetConnection.Connect.ReconnectRequest";

test("a draining server serves clients that reconnect until they leave, then exits 0", async () => {
  const url = "rtmp://other.example/live";
  await using server = await startServer(["--reconnect-url", url]);
  await using publisher = await RtmpClient.open(server.rtmpPort);
  await publisher.connect("live", { capsEx: 1 });
  const id = await publisher.createStream();
  publisher.command(id, "publish", null, "a", "live");
  await publisher.statusOf("NetStream.Publish.Start");
  await using player = await RtmpClient.open(server.rtmpPort);
  await player.play("live", "a");
  await player.statusOf("NetStream.Play.Start");

  server.signal("SIGTERM");
  const info = await publisher.statusOf(REQUEST) as { tcUrl?: string; level?: string };
  assert.equal(info.tcUrl, url);
  assert.equal(info.level, "status");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 40, keyFrame(100, 77));
  await player.waitFor(({ type, payload }) => type === Type.Video && payload.at(-1) === 77, "77");
  assert.ok(!player.messages.some(({ values }) => JSON.stringify(values).includes(REQUEST)));
  publisher.close();
  const { code } = await server.ended();
  assert.equal(code, 0);
  await player.closed;
});

test("the control API asks one client, and refuses for one that did not announce it", async () => {
  await using server = await startServer();
  await using able = await RtmpClient.open(server.rtmpPort);
  await able.connect("live", { capsEx: 1 });
  await using plain = await RtmpClient.open(server.rtmpPort);
  await plain.connect("live");
  const base = `http://127.0.0.1:${server.httpPort}/sessions`;
  const post = (path: string, json: unknown) =>
    fetch(`${base}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(json),
    });
  const listed = await (await fetch(base)).json() as {
    sessions: { id: string; enhanced: unknown }[];
  };
  const idOf = (announced: boolean) =>
    listed.sessions.find(({ enhanced }) => (enhanced !== null) === announced)!.id;
  assert.equal((await post(`${idOf(true)}/reconnect`, { url: "/edge" })).status, 204);
  assert.equal((await able.statusOf(REQUEST) as { tcUrl?: string }).tcUrl, "/edge");
  assert.equal((await post(`${idOf(false)}/reconnect`, {})).status, 409);
  assert.deepEqual(await (await post("reconnect", {})).json(), { asked: 1 });
  await able.statusOf(REQUEST);
  server.assertHealthy();
});
