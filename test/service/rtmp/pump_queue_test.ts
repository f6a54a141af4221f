import { test } from "node:test";
import assert from "node:assert/strict";
import { PumpQueue } from "../../../src/service/rtmp/pump_queue.ts";
import { FakeClock } from "../../support/clock.ts";
import { publishGop, Rig } from "../../support/rtmp_service.ts";

/** A way out whose writes take `ms`. */
class SlowOutlet {
  crowded = false;
  pumped = 0;
  readonly #clock: FakeClock;
  readonly #ms: number;

  constructor(clock: FakeClock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  pump(): void {
    this.pumped++;
    this.#clock.sleep(this.#ms);
  }
}

test("few are written to at once; many some at a time, each of them once", () => {
  const clock = new FakeClock();
  const queue = new PumpQueue(clock);
  const outlets = Array.from({ length: 1000 }, () => new SlowOutlet(clock, 0));
  for (const outlet of outlets.slice(0, 40)) queue.add(outlet);
  assert.equal(queue.size, 0);
  for (const outlet of outlets.slice(40)) queue.add(outlet);
  // Said twice before it is written to: one write.
  for (const outlet of outlets.slice(500)) queue.add(outlet);
  const atOnce = outlets.filter(({ pumped }) => pumped > 0).length;
  assert.ok(atOnce >= 40 && atOnce <= 100, `${atOnce} at once`);
  assert.equal(queue.size, 1000 - atOnce);
  clock.advance(50);
  assert.equal(queue.size, 0);
  assert.ok(outlets.every(({ pumped }) => pumped === 1));
  assert.equal(clock.pending, 0);
});

test("a turn of writes ends after some time, and who left is not written to", () => {
  const clock = new FakeClock();
  const queue = new PumpQueue(clock);
  const outlets = Array.from({ length: 500 }, () => new SlowOutlet(clock, 0.2));
  for (const outlet of outlets) queue.add(outlet);
  for (const outlet of outlets.slice(400)) queue.remove(outlet);
  while (queue.size > 0) {
    const before = queue.size;
    clock.advance(1);
    assert.ok(before - queue.size <= 40, `${before - queue.size} in a turn`);
  }
  assert.equal(outlets.filter(({ pumped }) => pumped === 1).length, 400);
  assert.equal(clock.pending, 0);
});

test("what is crowded is written to at once, so that waiting makes it no more", () => {
  const clock = new FakeClock();
  const queue = new PumpQueue(clock);
  for (let i = 0; i < 200; i++) queue.add(new SlowOutlet(clock, 0));
  const crowded = new SlowOutlet(clock, 0);
  crowded.crowded = true;
  queue.add(crowded);
  assert.equal(crowded.pumped, 1);
});

test("hundreds of players are told of another publisher, none of them twice", () => {
  const rig = new Rig({ maxConnections: 1000, maxConnectionsPerAddress: 1000 });
  const first = rig.publisher();
  const players = Array.from({ length: 300 }, () => rig.player());
  publishGop(first, 0);
  rig.clock.advance(100);
  for (const player of players) player.take();
  rig.publisher();
  const told = players.filter((player) => player.codes().length > 0).length;
  assert.ok(told < 100, `${told} at once`);
  rig.clock.advance(20);
  const later = players.map((player) => player.codes()).filter((codes) => codes.length > 0);
  assert.deepEqual(later, Array(300 - told).fill(["NetStream.Play.PublishNotify"]));
});

test("a takeover is charged by the players that are told of it", () => {
  const read: number[] = [];
  for (const count of [1, 90]) {
    const rig = new Rig({ maxMessagesPerSecond: 10_000 });
    publishGop(rig.publisher(), 0);
    for (let i = 0; i < count; i++) rig.player();
    const taker = rig.client().connected(2);
    rig.clock.advance(100);
    // From one NetStream to the other and back.
    for (let i = 0; i < 60; i++) taker.publish(1 + i % 2, "test");
    read.push(taker.codes().filter((code) => code === "NetStream.Publish.Start").length);
    assert.equal(taker.connection.paused, true);
  }
  assert.ok(read[0]! > 20 && read[1]! < read[0]! / 4, `${read} takeovers in a slice`);
});
