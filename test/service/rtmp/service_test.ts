/** The service as a whole: who is let in, who is watched, how it stops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { MemoryConnection } from "../../support/memory_connection.ts";
import { keyFrame } from "../../support/media.ts";
import { Rig, settle } from "../../support/rtmp_service.ts";

const { Video } = MessageType;

test("connections over the limit are closed at once, and there is room again when one leaves", async () => {
  const rig = new Rig({ maxConnections: 2 });
  const first = rig.publisher();
  rig.player();
  const third = new MemoryConnection();
  rig.service.accept(third);
  assert.equal(third.closing, "destroy");
  assert.equal(rig.service.sessions.size, 2);
  first.connection.hangUp();
  await settle();
  assert.equal(rig.service.sessions.size, 1);
  assert.equal(rig.client().connection.closing, undefined);
});

test("sessions have ids of their own", () => {
  const rig = new Rig();
  const ids = [rig.client(), rig.client(), rig.client()].map(({ session }) => session.id);
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.match(id, /^[0-9a-f]{12}$/);
});

test("a fault while one session is watched does not keep the others from it", () => {
  const rig = new Rig({ openingTimeoutMs: 1000 });
  const broken = rig.client();
  const silent = rig.client();
  broken.session.deadlines.tick = () => {
    throw new Error("a bug of ours");
  };
  rig.clock.advance(2000);
  assert.equal(silent.session.core.phase, "closed");
});

test("a fault of one player reaches neither its publisher nor the other players", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const [broken, player] = [rig.player(), rig.player()];
  player.take();
  broken.connection.write = () => {
    throw new Error("a bug of ours");
  };
  publisher.message(Video, 1, 0, keyFrame(100, 4));
  assert.deepEqual(player.media(), ["9 0 4"]);
  await settle();
  assert.deepEqual(rig.takeTold(), ["stop test internal", "disconnect internal"]);
  publisher.message(Video, 1, 40, keyFrame(100, 5));
  assert.deepEqual(player.media(), ["9 40 5"]);
});

test("a stop waits for clients that take their time, and no longer than it may", async () => {
  const rig = new Rig();
  const slow = rig.publisher();
  slow.connection.block();
  slow.command(0, "_checkbw", 9, null);
  let stopped = false;
  const stop = rig.stop(2000).then(() => stopped = true);
  assert.ok(rig.service.stopping);
  await settle();
  assert.ok(!stopped);
  rig.clock.advance(1900);
  await settle();
  assert.ok(!stopped);
  rig.clock.advance(200);
  await stop;
  assert.equal(slow.connection.closing, "destroy");
  assert.equal(rig.clock.pending, 0, "no timer is left");
});

test("a stop is over as soon as the last client is gone", async () => {
  const rig = new Rig();
  const slow = rig.publisher();
  slow.connection.block();
  slow.command(0, "_checkbw", 9, null);
  const stop = rig.stop(60_000);
  slow.connection.drain();
  await stop;
  assert.equal(slow.connection.closing, "end");
  assert.equal(rig.service.sessions.size, 0);
  assert.equal(rig.clock.pending, 0, "no timer is left");
});

test("a stop without clients is over at once, and lets nobody in after", async () => {
  const rig = new Rig();
  await rig.stop(60_000);
  const late = new MemoryConnection();
  rig.service.accept(late);
  assert.equal(late.closing, "destroy");
  assert.equal(rig.clock.pending, 0);
});

test("ten thousand messages of a client that reads its replies are all answered", () => {
  const rig = new Rig();
  const client = rig.client().connected();
  for (let id = 1; id <= 10_000; id++) client.command(0, "_checkbw", id, null);
  assert.equal(client.take().length, 10_000);
});

test("a peer that makes room is gone at once, for its time is over, and writes nothing more", () => {
  const rig = new Rig();
  const client = rig.client().connected();
  client.session.evict("Others needed its place");
  assert.equal(client.session.core.phase, "closed");
  assert.equal(client.session.endReason, "timeout");
  assert.match(client.session.core.error?.message ?? "", /Others needed its place/);
  assert.equal(client.connection.closing, "destroy");
});

test("a stop leaves nothing of what the hub still had to do", async () => {
  const rig = new Rig({ maxConnections: 1000, maxConnectionsPerAddress: 1000, maxWaits: 1000 });
  for (let count = 0; count < 300; count++) rig.player("test");
  rig.publisher("test");
  assert.ok(rig.registry.waits.size > 0, "there are too many to be let in at once");
  await rig.stop(0);
  assert.equal(rig.clock.pending, 0);
});

test("a service without anybody keeps nothing, takes whoever comes, and says so", async () => {
  const rig = new Rig();
  const { stopping, sharedObjectCount, gauges } = rig.service;
  assert.deepEqual([stopping, sharedObjectCount], [false, 0]);
  const none = { sessions: 0, connections: 0, pending: 0, addresses: 0, assembly: 0 };
  assert.deepEqual(gauges, none);
  const client = rig.client();
  assert.deepEqual(rig.service.gauges, {
    ...none,
    sessions: 1,
    connections: 1,
    pending: 1,
    addresses: 1,
  });
  client.connection.hangUp();
  await settle();
  assert.deepEqual(rig.service.gauges, none);
  await rig.service.stop(0);
  assert.equal(rig.service.stopping, true);
});

test("a connection that cannot be taken is destroyed, and counts nowhere", () => {
  const rig = new Rig();
  const connection = new MemoryConnection();
  let destroyed = 0;
  connection.start = () => {
    throw new Error("a bug of ours");
  };
  connection.destroy = () => void destroyed++;
  rig.service.accept(connection);
  assert.deepEqual([destroyed, rig.service.sessions.size], [1, 0]);
  assert.deepEqual(rig.counted.list().map(({ subsystem, count }) => [subsystem, count]), [
    ["tick", 1],
  ]);
});

test("who came least far makes room for whoever comes, and its connection is closed", () => {
  const full = new Rig({ maxConnections: 2 });
  full.publisher();
  const silent = full.client();
  const next = full.client();
  assert.equal(silent.connection.closing, "destroy", "there are as many as there may be");
  assert.deepEqual([next.connection.closing, full.service.gauges.connections], [undefined, 2]);
  const pending = new Rig({ maxPendingConnections: 1 });
  const [first, second] = [pending.client(), pending.client()];
  assert.equal(first.connection.closing, undefined, "its first bytes may be on the way");
  pending.clock.advance(1000);
  const third = pending.client();
  assert.deepEqual(
    [first, second, third].map(({ connection }) => connection.closing),
    ["destroy", "destroy", undefined],
  );
});

test("out of descriptors half of those make room that do nothing, and for ten seconds few may come", async () => {
  const rig = new Rig({ openingTimeoutMs: 60_000, maxPendingConnections: 100 });
  const publisher = rig.publisher();
  const silent = Array.from({ length: 40 }, () => rig.client());
  const closed = () => silent.filter(({ connection }) => connection.closing === "destroy").length;
  rig.service.onExhausted();
  assert.equal(closed(), 20);
  assert.ok(silent.slice(0, 20).every(({ connection }) => connection.closing === "destroy"));
  assert.deepEqual(rig.service.gauges.pending, 20);
  rig.clock.advance(10_000);
  rig.client();
  assert.deepEqual([closed(), rig.service.gauges.pending], [21, 20]);
  rig.clock.advance(250);
  for (let count = 0; count < 30; count++) rig.client();
  assert.deepEqual([closed(), rig.service.gauges.pending], [21, 50]);
  assert.equal(publisher.connection.closing, undefined);
  await settle();
});

test("without anybody who does nothing nobody has to go, however few descriptors there are", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  rig.service.onExhausted();
  assert.equal(publisher.connection.closing, undefined);
});
