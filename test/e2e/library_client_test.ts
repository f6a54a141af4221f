/** The client of the library, on the runtime that runs this file, with real servers. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  ClosedError,
  connect,
  DialError,
  type MediaMessage,
  RefusedError,
  type StatusEvent,
} from "../../src/client/mod.ts";
import { within } from "../support/deadline.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { TestNginx } from "../support/nginx.ts";
import { startPlayServer } from "../support/play_server.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { runtimeCommand, startServer } from "../support/server.ts";

/** Headers, then pictures and sound, `count` of each. */
function* clip(count: number, size = 5000): Generator<MediaMessage> {
  yield { kind: "video", timestamp: 0, payload: VIDEO_HEADER };
  yield { kind: "audio", timestamp: 0, payload: AUDIO_HEADER };
  for (let i = 0; i < count; i++) {
    const payload = i % 10 === 0 ? keyFrame(size, i & 255) : interFrame(size, i & 255);
    yield { kind: "video", timestamp: i * 40, payload };
    yield { kind: "audio", timestamp: i * 40 + 10, payload: audioFrame(20) };
  }
}

/** Whatever media is read from. */
interface MediaReader {
  read(): Promise<{ readonly done: boolean; readonly value?: MediaMessage | undefined }>;
}

/** The next picture or sound. */
async function next(reader: MediaReader): Promise<MediaMessage> {
  for (;;) {
    const { value, done } = await within(reader.read(), "media comes");
    assert.ok(!done && value !== undefined, "the play has ended");
    if (value.kind !== "data") return value;
  }
}

/** The next picture or sound that is no sequence header, which servers send as often as they like. */
async function nextFrame(reader: MediaReader): Promise<MediaMessage> {
  for (;;) {
    const message = await next(reader);
    if (message.payload[1] !== 0) return message;
  }
}

/**
 * Publishes by one client and plays by another: bytes and times come as they went. A server that
 * keeps no pictures has its player `before` they are sent.
 */
async function publishAndPlay(url: string, before = false): Promise<void> {
  await using source = await connect(url);
  await using player = await connect(url);
  const writer = (await source.publish()).getWriter();
  const media = [...clip(20)];
  const early = before ? await player.play() : undefined;
  for (const message of media.slice(0, 3)) await writer.write(message);
  const reader = (early ?? await player.play()).getReader();
  assert.deepEqual((await nextFrame(reader)).payload, media[2]!.payload);
  for (const sent of media.slice(3)) await writer.write(sent);
  for (const sent of media.slice(3)) {
    const { kind, timestamp, payload } = await nextFrame(reader);
    assert.deepEqual([kind, timestamp], [sent.kind, sent.timestamp]);
    assert.deepEqual(payload, sent.payload);
  }
  await reader.cancel();
  await writer.close();
}

test("what one client publishes to Sluice another plays, byte for byte", async () => {
  await using server = await startServer();
  await publishAndPlay(`rtmp://127.0.0.1:${server.rtmpPort}/live/test?key=value`);
  await publishAndPlay(`rtmp://localhost:${server.rtmpPort}/live/again`);
  server.assertHealthy();
});

test(...needs("nginxRtmp", "what one client publishes to nginx another plays"), async () => {
  await using nginx = await TestNginx.start();
  await publishAndPlay(`rtmp://127.0.0.1:${nginx.port}/live/test`, true);
});

test("the independent test client and the library's understand each other through a server", async () => {
  await using server = await startServer();
  await using ours = await connect(server.url("live", "one"));
  await using theirs = await RtmpClient.open(server.rtmpPort);
  const writer = (await ours.publish()).getWriter();
  for (const message of clip(1)) await writer.write(message);
  const id = await theirs.play("live", "one");
  const got = await theirs.waitFor(
    ({ type, payload }) => type === 9 && payload[1] === 1,
    "a picture",
  );
  assert.deepEqual(got.payload, keyFrame(5000));
  assert.equal(got.streamId, id);

  await using other = await RtmpClient.open(server.rtmpPort);
  const { id: published } = await other.publish("live", "two");
  other.send(9, published, 0, VIDEO_HEADER);
  other.send(9, published, 0, keyFrame(3000, 7));
  const reader = (await ours.play("two")).getReader();
  assert.deepEqual((await next(reader)).payload, VIDEO_HEADER);
  assert.deepEqual((await next(reader)).payload, keyFrame(3000, 7));
});

test("a play ends when its publisher leaves, with its statuses as events", async () => {
  await using server = await startServer();
  await using source = await connect(server.url("live", "test"));
  await using player = await connect(server.url("live", "test"));
  const codes: string[] = [];
  player.addEventListener("status", (event) => codes.push((event as StatusEvent).status.code));
  const writer = (await source.publish()).getWriter();
  for (const message of clip(1)) await writer.write(message);
  const reader = (await player.play()).getReader();
  await next(reader);
  await source.close();
  while (!(await within(reader.read(), "the play ends")).done);
  assert.ok(codes.includes("NetStream.Play.Start"));
  assert.ok(codes.includes("NetStream.Play.UnpublishNotify"));
  assert.equal(await source.closed, undefined);
});

test("a name in use, an unknown stream and a server that stops are told apart", async () => {
  await using server = await startServer(["--publish-policy", "reject", "--play-wait-ms", "100"]);
  await using first = await connect(server.url("live", "test"));
  await using second = await connect(server.url("live", "test"));
  const writer = (await first.publish()).getWriter();
  await assert.rejects(second.publish(), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, "NetStream.Publish.BadName");
    return true;
  });
  await assert.rejects(second.play("nobody"), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, "NetStream.Play.StreamNotFound");
    return true;
  });
  const ended = assert.rejects(writer.closed, ClosedError);
  await server.stop();
  await within(ended, "the publication errors");
  assert.ok(await within(first.closed, "the connection ends") instanceof ClosedError);
  await assert.rejects(connect(server.url("live", "test")), (error) => {
    assert.ok(error instanceof DialError);
    assert.equal(error.reason, "refused");
    return true;
  });
});

test("a reader that is slow slows the sender down, and loses nothing", async () => {
  // A server that only sends, far more than sockets hold: a play of a recording.
  const total = 600;
  const size = 60_000;
  await using server = await startPlayServer(total, size);
  await using client = await connect(`rtmp://127.0.0.1:${server.port}/vod/clip`);
  const reader = (await client.play(undefined, { queueBytes: 200_000 })).getReader();
  await server.stalled;
  assert.ok(server.sent < total, "the server could send everything to a client that reads nothing");
  for (let i = 0; i < total; i++) {
    const { value } = await within(reader.read(), "media comes");
    assert.equal(value!.timestamp, i);
    assert.equal(value!.payload.length, size);
  }
  assert.equal((await reader.read()).done, true);
});

test("a server that closes behind a recording leaves all of it to a reader that comes late", async () => {
  await using server = await startPlayServer(50, 60_000, true);
  await using client = await connect(`rtmp://127.0.0.1:${server.port}/vod/clip`);
  const playback = await client.play(undefined, { queueBytes: 200_000 });
  await within(server.all, "everything is sent");
  let read = 0;
  for await (const { timestamp } of playback) assert.equal(timestamp, read++);
  assert.equal(read, 50);
  assert.ok(await within(client.closed, "the end is noticed") instanceof ClosedError);
});

test("a server that accepts and says nothing fails in time, on a real socket", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.on("listening", resolve));
  const { port } = silent.address() as { port: number };
  await assert.rejects(
    connect(`rtmp://127.0.0.1:${port}/live/test`, { connectTimeoutMs: 100 }),
    /within 100 ms/,
  );
  silent.close();
});

for (const hostname of ["127.0.0.1", "localhost"]) {
  test(`whoever may connect to ${hostname} and nothing else can do so`, async () => {
    await using server = await startServer();
    const place = `${hostname}:${server.rtmpPort}`;
    const flags = ["--no-prompt", "--allow-env", `--allow-net=${place}`];
    const [program, args] = runtimeCommand("test/client/connect_program.ts", flags);
    await using child = new TestProcess(program, [...args, `rtmp://${place}/live/test`]);
    const { stdout, stderr } = await child.ended(30_000);
    assert.equal(stdout.trim(), "connected", stderr);
  });
}

test("the example in the documentation of the client runs", async () => {
  await using server = await startServer();
  const source = readFileSync(new URL("../../src/client/mod.ts", import.meta.url), "utf8");
  const example = /```ts\n([^]*?)```/.exec(source)![1]!.replaceAll(/^ \* ?/gm, "");
  const lines = example.trim().split("\n");
  assert.equal(lines.shift(), 'import { connect } from "./mod.ts";');
  const body = lines.join("\n").replaceAll("127.0.0.1/", `127.0.0.1:${server.rtmpPort}/`);
  await using camera = await connect(server.url("live", "camera"));
  const writer = (await camera.publish()).getWriter();
  for (const message of clip(1)) await writer.write(message);
  const AsyncFunction = (async () => {}).constructor as new (...code: string[]) => (
    value: typeof connect,
  ) => Promise<void>;
  const running = new AsyncFunction("connect", body)(connect);
  await using viewer = await connect(server.url("live", "copy"));
  const reader = (await viewer.play()).getReader();
  assert.deepEqual((await next(reader)).payload, VIDEO_HEADER);
  await writer.close();
  await within(running, "the example ends with its source");
});
