/** A client and its server, without a socket and on a clock that stands still. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ClosedError,
  type MediaMessage,
  ReconnectEvent,
  RefusedError,
  StatusEvent,
  UsageError,
} from "../../src/client/mod.ts";
import { encodeAmf } from "../support/amf0.ts";
import { joined, writeMessage } from "../support/chunks.ts";
import { failure, ScriptedServer, settle } from "./scripted_server.ts";

const video = (timestamp: number, ...payload: number[]): MediaMessage => ({
  kind: "video",
  timestamp,
  payload: Uint8Array.from(payload),
});

test("a client connects to host, port and application of the URL", async () => {
  const server = new ScriptedServer();
  const client = await server.connect({ dialTimeoutMs: 1234 }, "rtmp://u:p@example:7/a/b/c?k=v");
  assert.equal(server.dialled!.hostname, "example");
  assert.equal(server.dialled!.port, 7);
  assert.equal(server.dialled!.timeoutMs, 1234);
  const connect = new TextDecoder().decode(server.messages[0]!.payload);
  assert.match(connect, /app.*a\/b.*tcUrl.*rtmp:\/\/example:7\/a\/b/s);
  assert.doesNotMatch(connect, /u:p@/);
  assert.equal(client.answer.server.get("fmsVer"), "FMS/1");
  assert.ok(client.bytesIn > 3073);
});

test("rtmps is refused by its name where there is no TLS", async () => {
  const server = new ScriptedServer();
  const error = await failure(server.connect({}, "rtmps://example/live/test"));
  assert.ok(error instanceof UsageError);
  assert.match(error.message, /rtmps/);
  assert.equal(server.dialled, undefined);
});

test("what is written is published under the name of the URL, and closing it unpublishes", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const writer = (await client.publish()).getWriter();
  assert.deepEqual(server.takeCommands(), [
    "connect:0",
    "releaseStream:0",
    "FCPublish:0",
    "createStream:0",
    "publish:1",
  ]);
  await writer.write(video(5, 0x17, 1));
  await writer.write({ kind: "audio", timestamp: 6, payload: Uint8Array.of(0xaf) });
  await writer.write({ kind: "data", timestamp: 7, payload: encodeAmf("onMetaData", {}) });
  await settle();
  const sent = server.messages.map(({ type, streamId, timestamp }) => [type, streamId, timestamp]);
  assert.deepEqual(sent, [[9, 1, 5], [8, 1, 6], [18, 1, 7]]);
  assert.deepEqual(server.messages[2]!.payload, encodeAmf("@setDataFrame", "onMetaData", {}));
  await writer.close();
  await settle();
  assert.deepEqual(server.takeCommands(), ["FCUnpublish:0", "deleteStream:0"]);
});

test("a publication waits for the server to take what is sent", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const writer = (await client.publish("x", { queueBytes: 1000, announce: false })).getWriter();
  assert.equal(server.takeCommands().includes("FCPublish:0"), false);
  server.connection.block();
  const first = writer.write(video(0, ...new Array(500).fill(1)));
  const second = writer.write(video(1, ...new Array(500).fill(2)));
  let ready = false;
  writer.ready.then(() => ready = true);
  await settle();
  assert.equal(ready, false);
  assert.ok(writer.desiredSize! <= 0);
  server.connection.drain();
  await Promise.all([first, second]);
  await settle();
  assert.equal(ready, true);
  assert.deepEqual(server.messages.map(({ timestamp }) => timestamp), [0, 1]);
});

test("what is played can be read, in order and with its kind, and ends when the server says so", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const playback = await client.play();
  server.message(18, 1, 0, encodeAmf("|RtmpSampleAccess", true, true));
  server.message(18, 1, 0, encodeAmf("onMetaData", {}));
  server.message(8, 1, 1, Uint8Array.of(0xaf));
  server.message(9, 1, 2, Uint8Array.of(0x17));
  server.status(1, "status", "NetStream.Play.Stop");
  const read: string[] = [];
  for await (const { kind, timestamp } of playback) read.push(`${kind} ${timestamp}`);
  assert.deepEqual(read, ["data 0", "audio 1", "video 2"]);
  assert.ok(server.takeCommands().includes("deleteStream:0"));
});

test("a play that nobody reads stops the connection, and goes on without a gap", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const playback = await client.play("x", { queueBytes: 2000 });
  for (let time = 0; time < 100; time++) server.message(9, 1, time, new Uint8Array(100));
  assert.equal(server.connection.paused, true);
  const reader = playback.getReader();
  for (let time = 0; time < 100; time++) {
    const { value } = await reader.read();
    assert.equal(value!.timestamp, time);
  }
  assert.equal(server.connection.paused, false);
});

test("what came before the connection was lost is read before that shows", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const playback = await client.play("x", { queueBytes: 500 });
  const payload = new Uint8Array(100);
  const messages = Array.from(
    { length: 20 },
    (_, timestamp) => writeMessage({ type: 9, streamId: 1, timestamp, payload }, 3, 128),
  );
  server.deliver(joined(messages));
  server.connection.hangUp();
  assert.ok(await client.closed instanceof ClosedError);
  const reader = playback.getReader();
  for (let time = 0; time < 20; time++) {
    assert.equal((await reader.read()).value!.timestamp, time);
  }
  assert.ok(await failure(reader.read()) instanceof ClosedError);
  assert.ok(await failure(client.play()) instanceof ClosedError);
});

test("cancelling a play ends it and not the connection", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const playback = await client.play("x", { queueBytes: 500 });
  for (let time = 0; time < 20; time++) server.message(9, 1, time, new Uint8Array(100));
  assert.equal(server.connection.paused, true);
  await playback.cancel();
  await settle();
  assert.equal(server.connection.paused, false);
  assert.ok(server.takeCommands().includes("deleteStream:0"));
  await (await client.play("y")).cancel();
});

test("a player pauses, seeks and chooses what it gets", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const playback = await client.play("x", { bufferMs: 500, announce: true });
  playback.pause(true, 10);
  playback.seek(500);
  playback.receiveAudio(false);
  playback.receiveVideo(true);
  await settle();
  assert.deepEqual(
    server.takeCommands().slice(-6),
    [
      "play:1",
      "pause:1",
      "seek:1",
      "receiveAudio:1",
      "receiveVideo:1",
    ].toSpliced(0, 0, "FCSubscribe:0"),
  );
});

test("several streams of one connection publish and play, each its own", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const [one, two] = await Promise.all([client.play("one"), client.play("two")]);
  const writer = (await client.publish("three")).getWriter();
  server.message(9, 2, 2, Uint8Array.of(2));
  server.message(9, 1, 1, Uint8Array.of(1));
  await writer.write(video(3, 3));
  assert.equal((await one.getReader().read()).value!.timestamp, 1);
  assert.equal((await two.getReader().read()).value!.timestamp, 2);
  await settle();
  assert.deepEqual(server.messages.at(-1)!.streamId, 3);
});

test("refusals carry code and description, and the stream is given up", async () => {
  for (const [what, code] of [["publish", "Publish.BadName"], ["play", "Play.StreamNotFound"]]) {
    const server = new ScriptedServer("createStream");
    const client = await server.connect();
    const asked = client[what as "publish" | "play"]("secret");
    await settle();
    server.status(1, "error", `NetStream.${code}`);
    const error = await failure(asked);
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, `NetStream.${code}`);
    assert.equal(error.description, "because");
    assert.match(error.message, new RegExp(`refused to ${what} .*${code}: because`));
    assert.doesNotMatch(error.message, /secret/);
    await settle();
    assert.equal(server.takeCommands().at(-1), "deleteStream:0");
  }
});

test("a refused connect names the code, and where to go instead", async () => {
  const server = new ScriptedServer("handshake");
  const connecting = server.connect();
  await settle();
  const ex = { code: 302, redirect: "rtmp://other/live" };
  const code = "NetConnection.Connect.Rejected";
  server.command(0, "_error", 1, null, { level: "error", code, description: "a\u001b[2Jb", ex });
  const error = await failure(connecting);
  assert.ok(error instanceof RefusedError);
  assert.equal(error.code, code);
  assert.equal(error.redirect, "rtmp://other/live");
  assert.equal(error.description, "a\u001b[2Jb");
  assert.ok(!error.message.includes("\u001b"), "the message can be shown");
  assert.equal(server.connection.closed, true);
});

test("statuses and requests to reconnect are events", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  await client.play("x");
  const seen: string[] = [];
  client.addEventListener("status", (event) => {
    assert.ok(event instanceof StatusEvent);
    seen.push(`${event.stream} ${event.status.code}`);
  });
  client.addEventListener("reconnect", (event) => {
    assert.ok(event instanceof ReconnectEvent);
    seen.push(`to ${event.tcUrl}`);
  });
  server.status(1, "warning", "NetStream.Play.InsufficientBW");
  server.status(0, "status", "NetConnection.Connect.ReconnectRequest", { tcUrl: "//b/live" });
  assert.deepEqual(seen, [
    "x NetStream.Play.InsufficientBW",
    "undefined NetConnection.Connect.ReconnectRequest",
    "to //b/live",
  ]);
});

test("what is published and taken away errors with the code", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const writer = (await client.publish("x")).getWriter();
  server.status(1, "error", "NetStream.Publish.BadName");
  const error = await failure(writer.closed);
  assert.ok(error instanceof ClosedError);
  assert.equal(error.code, "NetStream.Publish.BadName");
});

test("media of no kind errors the publication, and not the client", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const writer = (await client.publish("x")).getWriter();
  writer.closed.catch(() => {});
  const wrong = { kind: "smell", timestamp: 0, payload: new Uint8Array(1) } as unknown;
  assert.ok(await failure(writer.write(wrong as MediaMessage)) instanceof UsageError);
  await client.play("y");
});

test("calls go both ways with plain data", async () => {
  const server = new ScriptedServer();
  const client = await server.connect({
    onCall: (method, args) => {
      if (method === "fail") throw new Error("no");
      return Promise.resolve({ method, count: args.length });
    },
  });
  server.onCommand = (name, id) => {
    if (name === "add") server.command(0, "_result", id, null, { sum: 3 });
    if (name === "bad") {
      server.command(0, "_error", id, null, { code: "NetConnection.Call.Failed" });
    }
    return name === "add" || name === "bad";
  };
  assert.deepEqual({ ...await client.call("add", 1, { two: 2 }) as object }, { sum: 3 });
  const error = await failure(client.call("bad"));
  assert.ok(error instanceof RefusedError);
  assert.equal(error.code, "NetConnection.Call.Failed");
  server.messages.length = 0;
  server.command(0, "method", 5, null, 1, 2);
  server.command(0, "fail", 6, null);
  await settle();
  assert.deepEqual(server.takeCommands().sort(), ["_error:0", "_result:0"]);
  await client.close();
  assert.ok(await failure(client.call("add")) instanceof ClosedError);
});

test("close unpublishes, ends the plays, and resolves when the connection is gone", async () => {
  const server = new ScriptedServer();
  const client = await server.connect();
  const playback = await client.play("x");
  const writer = (await client.publish("y")).getWriter();
  writer.closed.catch(() => {});
  server.takeCommands();
  await client.close();
  assert.deepEqual(server.takeCommands(), ["deleteStream:0", "FCUnpublish:0", "deleteStream:0"]);
  assert.equal(server.connection.closing, "end");
  assert.equal((await playback.getReader().read()).done, true);
  assert.ok(await failure(writer.write(video(0, 1))) instanceof ClosedError);
  assert.equal(await client.closed, undefined);
  await client.close();
});

test("a server that takes nothing cannot hold up a close for longer than its time", async () => {
  const server = new ScriptedServer();
  const client = await server.connect({ closeTimeoutMs: 100 });
  const writer = (await client.publish("y")).getWriter();
  writer.closed.catch(() => {});
  server.connection.block();
  writer.write(video(0, ...new Array(500).fill(1))).catch(() => {});
  await settle();
  const closing = client.close();
  await settle();
  assert.equal(server.connection.closed, false);
  server.clock.advance(100);
  await closing;
  assert.equal(server.connection.closing, "destroy");
});

test("a signal ends the client at any time, with its own reason", async () => {
  const reason = new Error("enough");
  const before = new ScriptedServer();
  assert.equal(await failure(before.connect({ signal: AbortSignal.abort(reason) })), reason);
  assert.equal(before.dialled, undefined);

  for (const step of ["nothing", "handshake"] as const) {
    const server = new ScriptedServer(step);
    const stop = new AbortController();
    const connecting = server.connect({ signal: stop.signal });
    await settle();
    stop.abort(reason);
    assert.equal(await failure(connecting), reason);
    assert.equal(server.connection.closed, true);
    assert.equal(server.clock.pending, 0);
  }
  const server = new ScriptedServer();
  const stop = new AbortController();
  const client = await server.connect({ signal: stop.signal });
  const playback = await client.play("x");
  stop.abort(reason);
  assert.equal(await failure(playback.getReader().read()), reason);
  assert.equal(await client.closed, reason);
});

test("a signal of a request calls that off, and the connection stays", async () => {
  const server = new ScriptedServer("connect");
  const client = await server.connect();
  const reason = new Error("enough");
  const stop = new AbortController();
  const playing = client.play("x", { signal: stop.signal });
  await settle();
  stop.abort(reason);
  assert.equal(await failure(playing), reason);
  assert.equal(await failure(client.play("x", { signal: stop.signal })), reason);
  // Its stream comes after all, and is given up.
  server.command(0, "_result", 2, null, 1);
  await settle();
  assert.deepEqual(server.takeCommands(), ["connect:0", "createStream:0", "deleteStream:0"]);
});
