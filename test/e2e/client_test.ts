import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import type { StreamView } from "../../src/http/mod.ts";
import { encodeAmf } from "../support/amf0.ts";
import { until, within } from "../support/deadline.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { type Received, RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";

const isVideo = ({ type }: Received) => type === Type.Video;
/** The mark of a frame, see `keyFrame`. */
const mark = ({ payload }: Received) => payload.at(-1)!;

test("all that is published before the end arrives before the end, in order", async () => {
  await using server = await startServer();
  await using player = await RtmpClient.open(server.rtmpPort);
  const playing = await player.play("live", "a");
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  publisher.send(Type.Data, id, 0, encodeAmf("@setDataFrame", "onMetaData", { width: 320 }));
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Audio, id, 0, AUDIO_HEADER);
  for (let index = 0; index < 200; index++) {
    const frame = index % 50 === 0 ? keyFrame(3000, index) : interFrame(700, index);
    publisher.send(Type.Video, id, index * 40, frame);
    publisher.send(Type.Audio, id, index * 40, audioFrame());
  }
  publisher.command(id, "deleteStream", null, id);
  publisher.close();
  await player.statusOf("NetStream.Play.UnpublishNotify");
  const end = player.messages.findIndex(({ values }) =>
    (values[3] as { code?: string })?.code === "NetStream.Play.UnpublishNotify"
  );
  const before = player.messages.slice(0, end);
  const video = before.filter(isVideo);
  assert.deepEqual([...video[0]!.payload], [...VIDEO_HEADER]);
  assert.deepEqual(video.slice(1).map(mark), Array.from({ length: 200 }, (_, index) => index));
  assert.deepEqual(video.slice(1).map(({ timestamp }) => timestamp / 40).slice(-1), [199]);
  assert.equal(before.filter(({ type }) => type === Type.Audio).length, 201);
  const data = before.find(({ type, values }) => type === Type.Data && values[0] === "onMetaData");
  assert.deepEqual(data!.values[1], { width: 320 });
  assert.ok([...video, data!].every(({ streamId }) => streamId === playing));
  server.assertHealthy();
});

test("one connection publishes and plays at the same time", async () => {
  await using server = await startServer();
  await using client = await RtmpClient.open(server.rtmpPort);
  const { id } = await client.publish("live", "a");
  const other = await client.createStream();
  assert.notEqual(other, id);
  client.command(other, "play", null, "a");
  await client.statusOf("NetStream.Play.Start");
  client.send(Type.Video, id, 0, VIDEO_HEADER);
  client.send(Type.Video, id, 0, keyFrame(100, 7));
  const message = await client.waitFor((one) => isVideo(one) && mark(one) === 7, "its own video");
  assert.equal(message.streamId, other);
});

test("a player that reads nothing costs the others nothing, and skips ahead later", async () => {
  await using server = await startServer([
    ...["--play-queue-bytes", "1000000"],
    // On a busy machine it reads nothing for longer than players may.
    ...["--play-stall-ms", "600000"],
  ]);
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame(100, 255));
  await using slow = await RtmpClient.open(server.rtmpPort);
  await slow.play("live", "a");
  await slow.waitFor(isVideo, "video");
  slow.pause();
  await using good = await RtmpClient.open(server.rtmpPort);
  await good.play("live", "a");
  await good.waitFor((one) => isVideo(one) && mark(one) === 255, "video");

  // More than the buffers of the sockets hold, a key frame every 10 frames.
  const count = 250;
  for (let index = 0; index < count; index++) {
    const frame = index % 10 === 0 ? keyFrame(100_000, index) : interFrame(100_000, index);
    publisher.send(Type.Video, id, index * 20, frame);
    await good.waitFor((one) => isVideo(one) && mark(one) === index, `frame ${index}`);
  }
  const stream = await until(async () => {
    const view = (await server.api("/streams/live/a")).body as StreamView;
    return view.droppedFrames > 0 ? view : undefined;
  }, "frames were dropped");
  assert.equal(stream.players, 2);

  slow.resume();
  publisher.send(Type.Video, id, count * 20, keyFrame(100, 251));
  await slow.waitFor((one) => isVideo(one) && mark(one) === 251, "the newest frame");
  const frames = slow.messages.filter((one) => isVideo(one) && one.payload[1] === 1);
  assert.ok(frames.length < count, `${frames.length} frames`);
  for (const [index, frame] of frames.entries()) {
    const follows = index === 0 || mark(frame) === mark(frames[index - 1]!) + 1;
    const key = frame.payload[0] === 0x17;
    assert.ok(follows || key, `after a gap comes a key frame, not ${mark(frame)}`);
  }
  server.assertHealthy();
});

test("a publisher that vanishes without a word is noticed", async () => {
  await using server = await startServer(["--reconnect-window-ms", "300"]);
  await using player = await RtmpClient.open(server.rtmpPort);
  await player.play("live", "a");
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame());
  await player.waitFor(isVideo, "video");
  publisher.cut();
  await player.statusOf("NetStream.Play.UnpublishNotify");
  await server.waitForLog("unpublished", { name: "a" });
  server.assertHealthy();
});

test("a client that does not shake hands is cut off after rtmp.timeoutMs", async () => {
  await using server = await startServer(["--rtmp-timeout-ms", "300"]);
  const cutOff = async () => {
    const started = performance.now();
    const socket = connect({ host: "127.0.0.1", port: server.rtmpPort });
    socket.on("error", () => {});
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.resume();
    socket.write(Uint8Array.of(3));
    await within(closed, "the server closes the connection");
    const ms = performance.now() - started;
    assert.ok(ms > 250, `after ${ms} ms`);
    return ms;
  };
  // By default that is 5 s, for each of them; a busy machine may be slow with one.
  const took = await Promise.all([cutOff(), cutOff(), cutOff()]);
  if (Math.min(...took) >= 4800) took.push(await cutOff());
  assert.ok(Math.min(...took) < 4800, `after ${took.join(", ")} ms`);
});

test("nonsense ends its own connection, nobody else's", async () => {
  await using server = await startServer();
  await using publisher = await RtmpClient.open(server.rtmpPort);
  await publisher.publish("live", "a");
  await using client = await RtmpClient.open(server.rtmpPort);
  await client.connect("live");
  client.sendBytes(new Uint8Array(5000).fill(0xff));
  await within(client.closed, "the server closes the connection");
  const http = connect({ host: "127.0.0.1", port: server.rtmpPort });
  http.on("error", () => {});
  const closed = new Promise<void>((resolve) => http.on("close", () => resolve()));
  http.resume();
  http.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await within(closed, "the server closes the connection");
  assert.equal((await server.api("/streams/live/a")).status, 200);
  server.assertHealthy();
});

test("a client that connects to nothing allowed is refused in words", async () => {
  await using server = await startServer();
  await using client = await RtmpClient.open(server.rtmpPort);
  await client.connect("live");
  const id = await client.createStream();
  for (const name of ["", "../a", "a b", ".hidden"]) {
    client.command(id, "publish", null, name, "live");
    const { level, code } = await client.status();
    if (name === "") continue; // To publish the application itself is allowed.
    assert.deepEqual([level, code], ["error", "NetStream.Publish.BadName"], name);
  }
});
