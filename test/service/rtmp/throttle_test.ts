import { test } from "node:test";
import assert from "node:assert/strict";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { Throttle } from "../../../src/service/rtmp/throttle.ts";
import { Turns } from "../../../src/service/rtmp/turns.ts";
import { FakeClock } from "../../support/clock.ts";
import { joined } from "../../support/chunks.ts";
import { audioFrame } from "../../support/media.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const COMMAND_EFFORT = 20;

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

/** A throttle by itself, of 160 effort a slice, on a clock that stands still. */
function throttled(perSecond = 1600) {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const client = {
    allowance: 0,
    allow: (effort: number) => void (client.allowance = effort),
  };
  let wakes = 0;
  const throttle = new Throttle(client, perSecond, clock, turns, { readOn: () => void wakes++ });
  return { clock, turns, client, throttle, wakes: () => wakes };
}

test("a turn begins with little effort, and more is granted as long as there is some and time", () => {
  const { clock, client, throttle } = throttled();
  throttle.begin(0);
  assert.equal(client.allowance, 16);
  assert.deepEqual([throttle.more(0), throttle.more(4)], [16, 20]);
  clock.sleep(4.9);
  assert.equal(throttle.more(0), 16);
  clock.sleep(0.1);
  assert.equal(throttle.more(0), 0, "the turn is over");
  throttle.begin(10);
  assert.equal(throttle.more(1000), 160 - 16 - 16 - 20 - 16, "what is left of the slice");
  assert.equal(throttle.more(0), 0);
});

test("a slice that is used up is waited for, and no more than one is saved up", () => {
  const { clock, client, throttle, wakes } = throttled();
  clock.sleep(1000);
  throttle.begin(1000);
  assert.equal(client.allowance + throttle.more(1000), 160);
  client.allowance = 1;
  assert.equal(throttle.end(), false, "there is something left");
  client.allowance = 0;
  assert.equal(throttle.end(), true);
  assert.deepEqual([throttle.waiting, throttle.end(), throttle.more(0)], [true, false, 0]);
  clock.advance(99);
  assert.equal(wakes(), 0);
  clock.advance(1);
  assert.deepEqual([wakes(), throttle.waiting], [1, false]);
  throttle.begin(1100);
  assert.equal(client.allowance, 16);
});

test("what is owed from one slice is taken from the next ones", () => {
  const { client, throttle } = throttled();
  throttle.begin(0);
  client.allowance = -200;
  throttle.begin(99);
  assert.equal(client.allowance, -200, "within the slice nothing is new");
  throttle.begin(100);
  assert.equal(client.allowance, -40);
  assert.equal(throttle.more(40), 0);
  throttle.begin(300);
  assert.equal(client.allowance + throttle.more(1000), 160);
});

test("a rate below one a slice is one a slice", () => {
  const { client, throttle } = throttled(3);
  throttle.begin(0);
  assert.deepEqual([client.allowance, throttle.more(10)], [1, 0]);
  const odd = throttled(1699);
  odd.throttle.begin(0);
  assert.equal(odd.client.allowance + odd.throttle.more(1000), 169, "whole effort");
});

test("who leaves is woken no more, whether it waits for its slice or for its turn", () => {
  const slice = throttled();
  slice.throttle.begin(0);
  slice.throttle.more(1000);
  slice.client.allowance = 0;
  slice.throttle.end();
  slice.throttle.stop();
  assert.deepEqual([slice.throttle.waiting, slice.clock.pending], [false, 0]);
  const turn = throttled();
  turn.throttle.begin(0);
  turn.client.allowance = -20;
  turn.clock.sleep(50);
  assert.equal(turn.throttle.end(), true);
  assert.deepEqual([turn.throttle.waiting, turn.turns.size], [true, 1]);
  turn.throttle.stop();
  assert.deepEqual([turn.throttle.waiting, turn.turns.size, turn.clock.pending], [false, 0, 0]);
});

test("who asks for much in a turn pays for all of it, what was granted on the way as well", () => {
  const { clock, client, throttle } = throttled();
  throttle.begin(0);
  client.allowance += throttle.more(0);
  client.allowance -= COMMAND_EFFORT;
  clock.sleep(50);
  assert.equal(throttle.end(), true);
});
