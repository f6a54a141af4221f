/** Remote calls and data messages through a real server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionView } from "../../src/http/mod.ts";
import { type Amf, encodeAmf } from "../support/amf0.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { type Info, RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

const METHODS = ["--plugin", "test/support/plugins/methods.ts"];

/** Answers the next call of a method by the server. */
async function answerCall(client: RtmpClient, method: string, how: string, value: Amf) {
  const { values } = await client.waitFor(({ values }) => values[0] === method, `call ${method}`);
  client.send(Type.Command, 0, 0, encodeAmf(how, values[1], null, value));
  return values.slice(3);
}

function post(server: TestServer, path: string, body: unknown) {
  const headers = { "Content-Type": "application/json" };
  return server.api(path, { method: "POST", headers, body: JSON.stringify(body) });
}

test("a plugin answers what clients call, and calls them back", async () => {
  await using server = await startServer(METHODS);
  await using client = await RtmpClient.open(server.rtmpPort);
  await client.connect("live");
  assert.deepEqual((await client.call(0, "add", null, 2, 3)).values.slice(2), [null, 5]);
  for (
    const [method, description] of [
      ["forbidden", "You may not do this."],
      ["nothing", "The method nothing does not exist."],
    ]
  ) {
    const { values } = await client.call(0, method!, null);
    assert.equal(values[0], "_error");
    const info = values[3] as unknown as Info;
    assert.deepEqual([info.code, info.description], ["NetConnection.Call.Failed", description]);
  }
  const greeting = client.call(0, "greet", null);
  await answerCall(client, "yourName", "_result", "Ada");
  assert.equal((await greeting).values[3], "Hello, Ada!");
  server.assertHealthy();
});

test("the control API calls a client, and is told what it answers", async () => {
  await using server = await startServer(["--call-timeout-ms", "2000"]);
  await using client = await RtmpClient.open(server.rtmpPort);
  await client.connect("live");
  const { sessions } = (await server.api("/sessions")).body as { sessions: SessionView[] };
  const path = `/sessions/${sessions[0]!.id}/call`;
  const asked = post(server, path, { method: "ask", args: [1, { deep: [true] }] });
  assert.deepEqual(await answerCall(client, "ask", "_result", { yes: 1 }), [1, { deep: [true] }]);
  assert.deepEqual(await asked, { status: 200, body: { kind: "result", value: { yes: 1 } } });
  const failed = post(server, path, { method: "ask" });
  await answerCall(client, "ask", "_error", "no");
  assert.deepEqual((await failed).body, { kind: "error", value: "no" });
  assert.equal((await post(server, path, { method: "deaf" })).status, 504);
  assert.equal((await post(server, path, { method: "note", answer: false })).status, 204);
  const note = await client.waitFor(({ values }) => values[0] === "note", "the note");
  assert.equal(note.values[1], 0);
  assert.equal((await post(server, "/sessions/none/call", { method: "ask" })).status, 404);
  server.assertHealthy();
});

test("data for a stream reaches every player in order with the media, and stored data late ones", async () => {
  await using server = await startServer();
  const path = "/streams/live/a/data";
  assert.equal((await post(server, path, { handler: "onTextData" })).status, 404);
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  await using one = await RtmpClient.open(server.rtmpPort);
  await using other = await RtmpClient.open(server.rtmpPort);
  for (const player of [one, other]) {
    await player.play("live", "a");
    await player.statusOf("NetStream.Play.Start");
  }
  const isVideo = (mark: number) => ({ type, payload }: { type: number; payload: Uint8Array }) =>
    type === Type.Video && payload.at(-1) === mark;
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 40, keyFrame(100, 7));
  await one.waitFor(isVideo(7), "the first frame");
  const text = { handler: "onTextData", values: [{ text: "hi", language: "en" }, 5] };
  assert.equal((await post(server, path, text)).status, 204);
  const cue = { handler: "onCuePoint", values: [{ name: "start" }], store: true };
  assert.equal((await post(server, path, cue)).status, 204);
  publisher.send(Type.Video, id, 80, keyFrame(100, 8));
  for (const player of [one, other]) {
    await player.waitFor(isVideo(8), "the second frame");
    const from = player.messages.findIndex(isVideo(7));
    const seen = player.messages.slice(from).map(({ type, timestamp, values }) => [
      type,
      timestamp,
      ...values,
    ]);
    assert.deepEqual(seen, [
      [Type.Video, 40],
      [Type.Data, 40, "onTextData", { text: "hi", language: "en" }, 5],
      [Type.Data, 40, "onCuePoint", { name: "start" }],
      [Type.Video, 80],
    ]);
  }
  await using late = await RtmpClient.open(server.rtmpPort);
  await late.play("live", "a");
  await late.waitFor(isVideo(8), "the newest frame");
  const handlers = late.messages.filter(({ type }) => type === Type.Data).map(({ values }) =>
    values[0]
  );
  assert.deepEqual(handlers.slice(1), ["onCuePoint"]);
  server.assertHealthy();
});
