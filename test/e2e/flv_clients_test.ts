/** Streams as FLV over HTTP and over WebSocket, read by clients that others wrote, to a clean end. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WebSocket } from "ws";
import { clip } from "../support/clips.ts";
import { until, within } from "../support/deadline.ts";
import { framesOf, publish, published } from "../support/ffmpeg.ts";
import { FlvReader } from "../support/flv_reader.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { ANNOUNCE, startServer, type TestServer } from "../support/server.ts";
import { clientFrame, WebSocketClient } from "../support/websocket_client.ts";

const refuseNobody = [...ANNOUNCE];

/** A folder that goes with the test. */
function scratch(): { path: (name: string) => string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "sluice-e2e-"));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Publishes a clip whole, to as many players as wait for it. */
async function play(server: TestServer, players: number): Promise<string> {
  const path = await clip("av");
  await server.playRequested("live", "demo", players);
  await using publisher = publish(path, server.url("live", "demo"));
  await published(publisher);
  return path;
}

/** Asserts that a file holds the frames of the clip. */
async function assertFrames(file: string, path: string, track: "v" | "a"): Promise<void> {
  const [played, source] = [await framesOf(file, track), await framesOf(path, track)];
  assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
}

test(
  ...needs("curl", "curl gets the whole stream over HTTP 1.1 and 1.0, and knows that it has ended"),
  async () => {
    using folder = scratch();
    await using server = await startServer(refuseNobody);
    const url = `http://127.0.0.1:${server.httpPort}/live/demo.flv`;
    const curl = (version: string) =>
      new TestProcess("curl", ["-sS", "-i", version, "-o", folder.path(version), url]);
    await using modern = curl("--http1.1");
    await using old = curl("--http1.0");
    const path = await play(server, 2);
    for (const [version, one] of [["--http1.1", modern], ["--http1.0", old]] as const) {
      const { code, stderr } = await one.ended();
      assert.deepEqual([code, stderr], [0, ""]);
      const bytes = readFileSync(folder.path(version));
      const end = bytes.indexOf("\r\n\r\n") + 4;
      const head = bytes.subarray(0, end).toString("latin1");
      assert.match(head, /^HTTP\/1\.1 200 /);
      assert.match(head, /^content-type: video\/x-flv\r$/im);
      assert.match(head, /^access-control-allow-origin: \*\r$/im);
      assert.equal(/^transfer-encoding: chunked\r$/im.test(head), version === "--http1.1");
      const file = folder.path("out.flv");
      // curl takes the chunks apart itself.
      writeFileSync(file, bytes.subarray(end));
      await assertFrames(file, path, "v");
      await assertFrames(file, path, "a");
    }
    server.assertHealthy();
  },
);

test(...needs("gstHttp", "souphttpsrc and flvdemux get the whole stream, to the end"), async () => {
  using folder = scratch();
  await using server = await startServer(refuseNobody);
  const url = `http://127.0.0.1:${server.httpPort}/live/demo.flv`;
  const file = folder.path("out.h264");
  const text = `souphttpsrc location=${url} ! flvdemux name=d d.video ! queue ! ` +
    `h264parse ! video/x-h264,stream-format=byte-stream ! filesink location=${file} ` +
    "d.audio ! queue ! fakesink";
  await using player = new TestProcess("gst-launch-1.0", ["-q", ...text.split(" ")]);
  const path = await play(server, 1);
  const { code, stderr } = await player.ended();
  assert.equal(code, 0, stderr);
  await assertFrames(file, path, "v");
  server.assertHealthy();
});

test("a client of ws, and one by hand, get the whole stream and a goodbye", async () => {
  using folder = scratch();
  await using server = await startServer(refuseNobody);
  const { httpPort } = server;
  const socket = new WebSocket(`ws://127.0.0.1:${httpPort}/live/demo.flv`);
  socket.binaryType = "arraybuffer";
  const [reader, raw] = [new FlvReader(), [] as Uint8Array[]];
  socket.on("message", (data: ArrayBuffer) => reader.add(new Uint8Array(data)));
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  using byHand = new WebSocketClient(httpPort, "/live/demo.flv", { Origin: "http://a.example" });
  byHand.onPayload = (payload) => raw.push(payload);
  const path = await play(server, 2);
  assert.equal(await within(closed, "ws says that it was closed"), 1000);
  assert.deepEqual(await byHand.goodbye(), [1000, ""]);
  byHand.send(clientFrame(8, Uint8Array.of(3, 232)));
  await byHand.ended();
  assert.ok(reader.whole && reader.tags.length > 50);
  const file = folder.path("out.flv");
  writeFileSync(file, new Uint8Array(raw.flatMap((bytes) => [...bytes])));
  await assertFrames(file, path, "v");
  await assertFrames(file, path, "a");
  server.assertHealthy();
});

test("the control API lists who watches over a WebSocket, and closes it", async () => {
  await using server = await startServer();
  const path = await clip("av");
  await using _publisher = publish(path, server.url("live", "demo"), {
    loop: true,
    realTime: true,
  });
  await server.waitForLog("publishing");
  using viewer = await new WebSocketClient(server.httpPort, "/live/demo.flv", {
    "User-Agent": "Page/1",
  }).opened();
  await viewer.frame(2);
  type Listed = { sessions: { id: string; protocol: string; client: string; playing: string[] }[] };
  const listed = async () => (await server.api("/sessions")).body as Listed;
  const sessions = (await listed()).sessions.filter(({ protocol }) => protocol === "ws-flv");
  assert.deepEqual(sessions.map(({ client, playing }) => [client, playing]), [["Page/1", [
    "demo",
  ]]]);
  assert.equal(
    (await server.api(`/sessions/${sessions[0]!.id}`, { method: "DELETE" })).status,
    204,
  );
  await viewer.ended();
  await until(async () => (await listed()).sessions.length === 1, "only the publisher is listed");
  server.assertHealthy();
});
