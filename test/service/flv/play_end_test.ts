/** How players of FLV end: with their stream, by themselves, with the server, or by a fault. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import type { Plugin } from "../../../src/plugin/mod.ts";
import { HttpTakeover } from "../../../src/ports.ts";
import { FlvRig } from "../../support/flv_rig.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";
import { interFrame, keyFrame } from "../../support/media.ts";
import { publishGop, settle } from "../../support/rtmp_service.ts";

const { Video } = MessageType;

test("a player ends with its stream, once it has been sent all of it", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const player = await rig.flvPlayer();
  player.reader.take();
  player.connection.block();
  publisher.message(Video, 1, 400, interFrame(5000, 7));
  publisher.message(Video, 1, 440, interFrame(5000, 8));
  publisher.command(1, "deleteStream", 0, null, 1);
  assert.equal(player.connection.closed, false);
  player.connection.drain();
  assert.deepEqual(player.reader.take().slice(-2), ["9 400 7", "9 440 8"]);
  assert.ok(player.reader.whole);
  await settle();
  assert.equal(player.connection.closed, true);
  assert.equal(rig.flv.sessions.size, 0);
});

test("a stream that ends while its answer is on the way is ended like any other", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const ask = rig.ask("/live/test.flv");
  await settle();
  assert.ok(ask.answer instanceof HttpTakeover);
  publisher.command(1, "deleteStream", 0, null, 1);
  const player = await ask.opened();
  await settle();
  assert.deepEqual([player.connection.closed, rig.flv.sessions.size], [true, 0]);
  assert.equal(player.reader.flags, 5);
});

test("a peer that is gone before it is answered leaves nothing behind", async () => {
  const rig = new FlvRig();
  const gone = new AbortController();
  rig.ask("/live/test.flv", { signal: gone.signal });
  await settle();
  gone.abort();
  await settle();
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size, rig.registry.size], [0, 0, 0]);

  publishGop(rig.publisher(), 0, 1);
  const ask = rig.ask("/live/test.flv");
  await settle();
  assert.ok(ask.answer instanceof HttpTakeover);
  ask.answer.gone();
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size], [0, 0]);
  assert.equal(rig.registry.get({ app: "live", name: "test" })!.playerCount, 0);
});

test("who leaves while a plugin decides gives its place up at once, and is asked about no more", async () => {
  const asked: string[] = [];
  let decide = () => {};
  const slow: Plugin = {
    name: "slow",
    onConnect: () => new Promise<void>((resolve) => decide = resolve),
    onPlay: () => void asked.push("play"),
    onDisconnect: () => void asked.push("disconnect"),
  };
  const rig = new FlvRig({}, slow);
  publishGop(rig.publisher(), 0, 1);
  const gone = new AbortController();
  rig.ask("/live/test.flv", { signal: gone.signal });
  await settle();
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size], [1, 1]);
  gone.abort();
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size], [0, 0]);
  decide();
  await settle();
  assert.deepEqual(asked, [], "it was never let in");
});

test("a server that stops does not wait for plugins that decide", async () => {
  const rig = new FlvRig({}, { name: "never", onPlay: () => new Promise<void>(() => {}) });
  rig.ask("/live/test.flv");
  await settle();
  let stopped = false;
  void rig.flv.stop(5000).then(() => stopped = true);
  await settle();
  assert.deepEqual([stopped, rig.flv.sessions.size], [true, 0]);
});

test("a player that is ended is written to no more, though it was in step", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const player = await rig.flvPlayer();
  publisher.message(Video, 1, 400, interFrame(100, 5));
  [...rig.flv.sessions.values()][0]!.end("kicked");
  // Its connection says that it is gone in a turn of its own.
  publisher.message(Video, 1, 440, interFrame(100, 6));
  await settle();
  assert.deepEqual(player.reader.take().at(-1), "9 400 5");
  assert.deepEqual([rig.counted.list().length, rig.flv.sessions.size], [0, 0]);
  assert.deepEqual(rig.ends.map(({ reason }) => reason), ["kicked", "kicked"]);
});

test("a fault while writing ends that player and nobody else", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const [broken, healthy] = [await rig.flvPlayer(), await rig.flvPlayer()];
  healthy.reader.take();
  broken.connection.write = () => {
    throw new Error("broken");
  };
  publisher.message(Video, 1, 400, interFrame(100, 5));
  publisher.message(Video, 1, 440, interFrame(100, 6));
  await settle();
  assert.deepEqual(healthy.reader.take(), ["9 400 5", "9 440 6"]);
  assert.equal(rig.flv.sessions.size, 1);
  assert.equal(rig.counted.list().length, 1);
  assert.equal(publisher.connection.closed, false);
});

test("a server that stops takes nobody, ends all, and cuts off who does not take the end", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const [player, stuck] = [await rig.flvPlayer(), await rig.flvPlayer()];
  stuck.connection.block();
  publisher.message(Video, 1, 400, interFrame(5000, 7));
  rig.registry.shutdown(rig.clock.now());
  let stopped = false;
  void rig.flv.stop(5000).then(() => stopped = true);
  await settle();
  assert.deepEqual([player.connection.closed, stuck.connection.closed], [true, false]);
  assert.equal((await rig.ask("/live/test.flv").refused()).code, "stopping");
  rig.clock.advance(6000);
  await settle();
  assert.deepEqual([stopped, stuck.connection.closed, rig.flv.sessions.size], [true, true, 0]);
});

test("who was let in and leaves while a plugin decides what it may play is told of once", async () => {
  let decide = () => {};
  const rig = new FlvRig({}, {
    name: "slow",
    onPlay: () => new Promise<void>((resolve) => decide = resolve),
  });
  const gone = new AbortController();
  rig.ask("/live/test.flv", { signal: gone.signal });
  await settle();
  gone.abort();
  assert.deepEqual(rig.takeTold(), ["disconnect disconnected"]);
  decide();
  await settle();
  assert.deepEqual(rig.takeTold(), []);
});

test("a fault while what waited for a player is written ends that player, and is counted", async () => {
  const rig = new FlvRig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const player = await rig.flvPlayer();
  player.connection.block();
  publisher.message(Video, 1, 400, interFrame(100, 5));
  publisher.message(Video, 1, 440, interFrame(100, 6));
  player.connection.write = () => {
    throw new Error("broken");
  };
  player.connection.drain();
  await settle();
  assert.deepEqual([rig.flv.sessions.size, rig.counted.list().length], [0, 1]);
  assert.deepEqual(rig.ends.map(({ reason }) => reason), ["internal", "internal"]);
});

test("a player that takes nothing from the beginning has all of its time", async () => {
  const rig = new FlvRig({ playerStallMs: 10_000 });
  rig.clock.sleep(3_600_000);
  publishGop(rig.publisher(), 0, 1);
  const ask = rig.ask("/live/test.flv");
  await settle();
  assert.ok(ask.answer instanceof HttpTakeover);
  const connection = new MemoryConnection();
  connection.block();
  ask.answer.take(connection);
  rig.clock.advance(9000);
  await settle();
  assert.equal(connection.closed, false);
  rig.clock.advance(3000);
  await settle();
  assert.equal(connection.closing, "destroy");
});

test("players that take nothing are looked at once a second", async () => {
  const rig = new FlvRig({ playerStallMs: 3000 });
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const { connection } = await rig.flvPlayer();
  connection.block();
  publisher.message(Video, 1, 80, keyFrame(100, 2));
  rig.clock.advance(3999);
  assert.equal(connection.closing, undefined);
  rig.clock.advance(1);
  assert.equal(connection.closing, "destroy");
});

test("one timer looks after all players, and none when there are none", async () => {
  const rig = new FlvRig();
  publishGop(rig.publisher(), 0, 1);
  const { pending } = rig.clock;
  const players = [await rig.flvPlayer(), await rig.flvPlayer()];
  assert.equal(rig.clock.pending, pending + 1);
  for (const { connection } of players) connection.hangUp();
  await settle();
  rig.clock.advance(1000);
  assert.equal(rig.clock.pending, pending);
  await rig.flvPlayer();
  const stopped = rig.flv.stop(1000);
  rig.registry.shutdown(rig.clock.now());
  await stopped;
  assert.equal(rig.clock.pending, pending, "nor once it has stopped");
});
