/** RTMFP with the real program: an independent client in both roles, over links that lose and re-order. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { clip } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { FlvReader, type FlvTag } from "../support/flv_reader.ts";
import { RtmfpClient } from "../support/rtmfp/client.ts";
import type { PeerOptions } from "../support/rtmfp/peer.ts";
import { LossyRelay } from "../support/rtmfp/relay.ts";
import { ANNOUNCE, startServer, type TestServer } from "../support/server.ts";

const RTMFP = ["--rtmfp-port", "0"];

/** The port of UDP of a server. */
async function portOf(server: TestServer): Promise<number> {
  const { properties } = await server.waitForLog("listening");
  return Number(String(properties.rtmfp).split(":").at(-1));
}

async function tagsOf(path: string): Promise<FlvTag[]> {
  const reader = new FlvReader();
  reader.add(new Uint8Array(readFileSync(path)));
  await Promise.resolve();
  return reader.tags;
}

/** A hash of what is in order of each track. */
function hashes(messages: Iterable<{ type: number; body: Uint8Array }>): Record<number, string> {
  const tracks = new Map([[8, createHash("sha256")], [9, createHash("sha256")]]);
  const counts = new Map([[8, 0], [9, 0]]);
  for (const { type, body } of messages) {
    // FFmpeg ends a file with the end of its sequence, which has no picture.
    if (!tracks.has(type) || (type === 9 && body[1] === 2)) continue;
    tracks.get(type)!.update(body);
    counts.set(type, counts.get(type)! + 1);
  }
  return Object.fromEntries(
    [...tracks].map(([type, hash]) => [type, `${counts.get(type)} ${hash.digest("hex")}`]),
  );
}

/** Publishes a file over RTMFP as fast as its times say, `speed` times as fast. */
async function publishFile(client: RtmfpClient, path: string, speed = 4): Promise<void> {
  const stream = await client.publish("live", "a");
  const start = performance.now();
  for (const { type, timestamp, body } of await tagsOf(path)) {
    const wait = timestamp / speed - (performance.now() - start);
    if (wait > 5) await new Promise((resolve) => setTimeout(resolve, wait));
    client.message(stream, type, timestamp, body);
  }
  await client.flushed();
  client.command(stream, "closeStream", null);
  await client.flushed();
}

/** Plays until the publisher is gone, and gives the media that came. */
async function played(client: RtmfpClient): Promise<{ type: number; body: Uint8Array }[]> {
  await client.statusOf("NetStream.Play.UnpublishNotify", 60_000);
  // What is on other flows may come behind it.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return client.messages.filter(({ type }) => type === 8 || type === 9)
    .map(({ type, payload }) => ({ type, body: payload }));
}

for (
  const [how, options] of [
    ["plain packets", {}],
    ["packets with codes and numbers", { codeLength: 16, numbered: true }],
  ] as [string, PeerOptions][]
) {
  test(`published over RTMFP with ${how} and a lossy link, played over RTMP: the same frames`, async () => {
    await using server = await startServer([...ANNOUNCE, ...RTMFP]);
    await using relay = await LossyRelay.open(await portOf(server));
    const path = await clip("av");
    await using player = new Decoder(server.url("live", "a"));
    await server.playRequested("live", "a");
    await using client = await RtmfpClient.open(relay.port, options);
    await publishFile(client, path);
    const [frames, source] = [await player.frames(), await framesOf(path)];
    assert.deepEqual(
      frames.map(({ md5 }) => md5),
      source.map(({ md5 }) => md5),
      `the seed of the link is ${relay.seed}`,
    );
    assert.ok(relay.lost > 0);
    server.assertHealthy();
  });

  test(`published over RTMP, played over RTMFP with ${how} and a lossy link: the same frames`, async () => {
    await using server = await startServer([...ANNOUNCE, ...RTMFP]);
    await using relay = await LossyRelay.open(await portOf(server));
    const path = await clip("av");
    await using client = await RtmfpClient.open(relay.port, options);
    await client.play("live", "a");
    await server.playRequested("live", "a");
    const { body } = await server.api("/sessions");
    assert.match(JSON.stringify(body), /"protocol":"rtmfp"/);
    await using publisher = publish(path, server.url("live", "a"));
    await published(publisher);
    const came = hashes(await played(client));
    const source = hashes((await tagsOf(path)).map(({ type, body }) => ({ type, body })));
    assert.deepEqual(came, source, `the seed of the link is ${relay.seed}`);
    assert.ok(relay.lost > 0);
    server.assertHealthy();
  });
}

test("published and played over RTMFP, with an address that changes in the middle: no gap of a second", async () => {
  await using server = await startServer([...ANNOUNCE, ...RTMFP]);
  const port = await portOf(server);
  const path = await clip("av");
  await using player = await RtmfpClient.open(port);
  await player.play("live", "a");
  await server.playRequested("live", "a");
  await using publisher = await RtmfpClient.open(port);
  const done = publishFile(publisher, path, 1);
  await player.waitFor(({ type, timestamp }) => type === 9 && timestamp > 600, "pictures");
  player.move();
  publisher.move();
  await done;
  const came = await played(player);
  assert.deepEqual(
    hashes(came),
    hashes((await tagsOf(path)).map(({ type, body }) => ({ type, body }))),
  );
  const times = player.messages.filter(({ type }) => type === 9).map(({ at }) => at);
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  assert.ok(Math.max(...gaps) < 1000, `a gap of ${Math.max(...gaps)} ms`);
  server.assertHealthy();
});

test("a session is nobody else's: packets seen on the way and sent from elsewhere move nothing", async () => {
  await using server = await startServer([...ANNOUNCE, ...RTMFP]);
  const port = await portOf(server);
  const path = await clip("av");
  await using player = await RtmfpClient.open(port);
  await player.play("live", "a");
  await server.playRequested("live", "a");
  const thief = createSocket("udp4");
  let stolen = 0;
  let bytes = 0;
  thief.on("message", (datagram) => {
    stolen++;
    bytes += datagram.length;
    // What he is asked he sends back, and forward.
    thief.send(datagram, port, "127.0.0.1");
  });
  const seen = player.peer.sealed(Uint8Array.of(0x01, 0, 0), performance.now());
  const timer = setInterval(() => thief.send(seen, port, "127.0.0.1"), 20);
  await using publisher = publish(path, server.url("live", "a"));
  await published(publisher);
  const came = hashes(await played(player));
  clearInterval(timer);
  thief.close();
  assert.deepEqual(
    came,
    hashes((await tagsOf(path)).map(({ type, body }) => ({ type, body }))),
  );
  assert.ok(stolen < 200 && bytes < 20_000, `${stolen} datagrams of ${bytes} bytes`);
  server.assertHealthy();
});

test("clients of RTMFP are sent elsewhere where the settings say so", async () => {
  await using server = await startServer([...RTMFP, "--rtmfp-redirect", "192.0.2.7:1935"]);
  await using client = await RtmfpClient.open(await portOf(server));
  assert.equal(client.peer.state, "closed");
  assert.equal(client.peer.redirectedAt!.toString("hex"), "02c0000207078f");
});

test("a server that stops says goodbye to clients of RTMFP, and so do they to it", async () => {
  await using server = await startServer([...ANNOUNCE, ...RTMFP]);
  const port = await portOf(server);
  await using first = await RtmfpClient.open(port);
  await first.play("live", "a");
  await server.playRequested("live", "a");
  const second = await RtmfpClient.open(port);
  await second.play("live", "a");
  await server.playRequested("live", "a", 2);
  await second[Symbol.asyncDispose]();
  await until(async () => {
    const { body } = await server.api("/sessions");
    return JSON.stringify(body).split('"rtmfp"').length === 2;
  }, "one client is left");
  const { code } = await server.stop();
  assert.equal(code, 0);
  await first.until(() => first.peer.state === "closed", "a goodbye");
});
