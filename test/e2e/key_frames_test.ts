/** What an operator learns of an encoder without key frames, from the API and from the log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";

interface View {
  readonly keyFrameAgeMs: number | null;
  readonly droppedBeforeKeyFrame: number;
}

test("an encoder without key frames is counted in the API and named in the log, until one comes", async () => {
  await using server = await startServer();
  await using publisher = await RtmpClient.open(server.rtmpPort);
  await publisher.connect("live");
  const id = await publisher.createStream();
  publisher.command(id, "publish", null, "a", "live");
  await publisher.statusOf("NetStream.Publish.Start");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  for (let picture = 0; picture < 300; picture++) {
    publisher.send(Type.Video, id, picture * 4, interFrame());
    publisher.send(Type.Audio, id, picture * 4, audioFrame());
  }
  await server.waitForLog("key frames", { app: "live", name: "a", codec: "avc", dropped: 250 });
  const url = `http://127.0.0.1:${server.httpPort}/streams/live/a`;
  const view = async () => await (await fetch(url)).json() as View;
  await until(async () => (await view()).droppedBeforeKeyFrame === 300, "all are counted");
  assert.equal((await view()).keyFrameAgeMs, null);
  publisher.send(Type.Video, id, 1300, keyFrame());
  const age = await until(async () => (await view()).keyFrameAgeMs ?? undefined, "a key frame");
  assert.ok(Number.isInteger(age) && age >= 0 && age < 60_000, `${age} ms`);
  assert.equal((await view()).droppedBeforeKeyFrame, 300);
});
