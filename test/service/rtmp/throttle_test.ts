import { test } from "node:test";
import assert from "node:assert/strict";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { COMMAND_EFFORT } from "../../../src/core/rtmp/session/effort.ts";
import { joined } from "../../support/chunks.ts";
import { audioFrame } from "../../support/media.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

/** Writes `count` commands at once, each of which is answered. */
function flood(client: RigClient, count: number): void {
  const one = () => client.encode(MessageType.CommandAmf0, 0, 0, CHECK);
  client.write(joined(Array.from({ length: count }, one)));
}

/** `_checkbw` with the transaction id 9. */
const CHECK = Uint8Array.of(
  ...[2, 0, 8, 95, 99, 104, 101, 99, 107, 98, 119],
  ...[0, 64, 34, 0, 0, 0, 0, 0, 0, 5],
);

/** Effort of 1000 a slice. */
const SETTINGS = { maxMessagesPerSecond: 10_000 };
const PER_SLICE = 1000 / COMMAND_EFFORT;

test("a flood of commands is read a slice at a time, and the connection is not read meanwhile", () => {
  const rig = new Rig(SETTINGS);
  const client = rig.client().connected();
  rig.clock.advance(100);
  flood(client, 10 * PER_SLICE);
  assert.equal(client.take().length, PER_SLICE);
  assert.equal(client.connection.paused, true);
  for (let slice = 1; slice < 10; slice++) {
    rig.clock.advance(99);
    assert.equal(client.take().length, 0);
    rig.clock.advance(1);
    assert.equal(client.take().length, PER_SLICE);
  }
  rig.clock.advance(100);
  assert.equal(client.connection.paused, false);
  assert.equal(client.session.core.phase, "connected");
});

test("a publisher faster than real time is slowed, and loses nothing", () => {
  const rig = new Rig(SETTINGS);
  const publisher = rig.publisher();
  const player = rig.player();
  rig.clock.advance(100);
  player.take();
  for (let i = 0; i < 3000; i++) {
    publisher.message(MessageType.Audio, 1, i, audioFrame(20));
  }
  assert.equal(publisher.connection.paused, true);
  rig.clock.advance(1000);
  assert.equal(publisher.connection.paused, false);
  rig.clock.advance(100);
  const times = player.takeMessages().filter(({ type }) => type === MessageType.Audio)
    .map(({ timestamp }) => timestamp);
  assert.deepEqual(times, Array.from({ length: 3000 }, (_, i) => i));
});

test("while a plugin decides and the rate is used up, both must end before more is read", async () => {
  let decide: (() => void) | undefined;
  const rig = new Rig(SETTINGS, {
    name: "slow",
    onPublish: () => new Promise<void>((resolve) => decide = resolve),
  });
  const client = rig.client().connected();
  rig.clock.advance(100);
  flood(client, PER_SLICE - 1);
  client.take();
  client.publish(1, "test");
  flood(client, 2 * PER_SLICE);
  assert.equal(client.connection.paused, true);
  rig.clock.advance(500);
  assert.equal(client.connection.paused, true);
  assert.deepEqual(client.take(), []);
  decide!();
  await settle();
  // The slice after the decision, then the next one.
  rig.clock.advance(1000);
  assert.equal(client.take().filter((reply) => reply.includes("_result")).length, 2 * PER_SLICE);
  assert.equal(client.connection.paused, false);
});

test("a client that leaves while it waits leaves no timer behind", async () => {
  const rig = new Rig(SETTINGS);
  const before = rig.clock.pending;
  const client = rig.client().connected();
  rig.clock.advance(100);
  flood(client, 10 * PER_SLICE);
  assert.ok(rig.clock.pending > before);
  client.connection.hangUp();
  await settle();
  assert.equal(rig.clock.pending, before);
});

test("a client that leaves replies unread is not read either, until it takes them", () => {
  const rig = new Rig();
  const client = rig.client().connected();
  client.connection.block();
  let sent = 0;
  while (!client.connection.paused && sent < 1000) {
    flood(client, 1);
    sent++;
  }
  // One of 33 bytes is in flight, 16 KiB of them wait.
  assert.ok(sent > 300 && sent < 700, `${sent} answers are kept`);
  flood(client, 100);
  assert.equal(client.connection.paused, true);
  assert.equal(client.session.core.phase, "connected");
  client.connection.drain();
  assert.equal(client.connection.paused, false);
  assert.equal(client.take().length, sent + 100);
});
