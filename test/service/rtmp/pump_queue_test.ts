import { test } from "node:test";
import assert from "node:assert/strict";
import { PumpQueue } from "../../../src/service/rtmp/pump_queue.ts";
import { FakeClock } from "../../support/clock.ts";
import { publishGop, Rig } from "../../support/rtmp_service.ts";

/** A way out whose writes take `ms`. */
class SlowWriter {
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
  const writers = Array.from({ length: 1000 }, () => new SlowWriter(clock, 0));
  for (const writer of writers.slice(0, 40)) queue.add(writer);
  assert.equal(queue.size, 0);
  for (const writer of writers.slice(40)) queue.add(writer);
  // Said twice before it is written to: one write.
  for (const writer of writers.slice(500)) queue.add(writer);
  const atOnce = writers.filter(({ pumped }) => pumped > 0).length;
  assert.ok(atOnce >= 40 && atOnce <= 100, `${atOnce} at once`);
  assert.equal(queue.size, 1000 - atOnce);
  clock.advance(50);
  assert.equal(queue.size, 0);
  assert.ok(writers.every(({ pumped }) => pumped === 1));
  assert.equal(clock.pending, 0);
});

test("a turn of writes ends after some time, and who left is not written to", () => {
  const clock = new FakeClock();
  const queue = new PumpQueue(clock);
  const writers = Array.from({ length: 500 }, () => new SlowWriter(clock, 0.2));
  for (const writer of writers) queue.add(writer);
  for (const writer of writers.slice(400)) queue.remove(writer);
  while (queue.size > 0) {
    const before = queue.size;
    clock.advance(1);
    assert.ok(before - queue.size <= 40, `${before - queue.size} in a turn`);
  }
  assert.equal(writers.filter(({ pumped }) => pumped === 1).length, 400);
  assert.equal(clock.pending, 0);
});

test("what is crowded is written to at once, so that waiting makes it no more", () => {
  const clock = new FakeClock();
  const queue = new PumpQueue(clock);
  for (let i = 0; i < 200; i++) queue.add(new SlowWriter(clock, 0));
  const crowded = new SlowWriter(clock, 0);
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

/** As many writers as are wanted, whose writes take `ms`, in a queue of their own. */
function queued(ms: number) {
  const clock = new FakeClock();
  const queue = new PumpQueue(clock);
  const writers: SlowWriter[] = [];
  const add = (count: number) => {
    const more = Array.from({ length: count }, () => new SlowWriter(clock, ms));
    writers.push(...more);
    for (const writer of more) queue.add(writer);
  };
  const pumped = () => writers.filter(({ pumped }) => pumped > 0).length;
  return { clock, queue, writers, add, pumped };
}

test("64 are written to at once, and two more for each millisecond since", () => {
  const { clock, queue, add, pumped } = queued(0);
  add(64);
  assert.deepEqual([pumped(), queue.size, clock.pending], [64, 0, 0]);
  clock.sleep(3);
  add(6);
  assert.deepEqual([pumped(), queue.size], [70, 0]);
  add(1);
  assert.deepEqual([pumped(), queue.size, clock.pending], [70, 1, 1]);
  clock.advance(1);
  assert.deepEqual([pumped(), queue.size, clock.pending], [71, 0, 0]);
  clock.sleep(1000);
  add(65);
  assert.deepEqual([pumped(), queue.size], [71 + 64, 1], "no more are saved up");
});

test("whoever comes while others wait goes behind them", () => {
  const { clock, queue, writers, add } = queued(0);
  add(65);
  clock.sleep(0.5);
  add(1);
  assert.deepEqual([writers[64]!.pumped, writers[65]!.pumped, queue.size], [0, 0, 2]);
  clock.advance(0.5);
  assert.deepEqual([writers[64]!.pumped, writers[65]!.pumped], [1, 1]);
});

test("a turn ends behind 256 writes, or the sixteen in which 2 ms were over", () => {
  const quick = queued(0);
  quick.add(64 + 300);
  quick.clock.advance(1);
  assert.equal(quick.pumped(), 64 + 256);
  quick.clock.advance(1);
  assert.equal(quick.pumped(), 64 + 300);
  for (const [ms, writes] of [[0.0625, 32], [0.125, 16], [0.0624, 48]] as const) {
    const slow = queued(0);
    slow.add(64);
    const before = slow.pumped();
    const writers = Array.from({ length: 100 }, () => new SlowWriter(slow.clock, ms));
    for (const writer of writers) slow.queue.add(writer);
    assert.equal(before, 64);
    slow.clock.advance(1);
    assert.equal(writers.filter(({ pumped }) => pumped > 0).length, writes, `${ms} ms each`);
  }
});

test("a queue that was left by all wakes nobody, one that was left by some goes on", () => {
  const { clock, queue, writers, add, pumped } = queued(0);
  add(66);
  queue.remove(writers[64]!);
  assert.deepEqual([queue.size, clock.pending], [1, 1]);
  queue.remove(writers[65]!);
  assert.deepEqual([queue.size, clock.pending], [0, 0]);
  queue.remove(writers[65]!);
  add(1);
  assert.equal(clock.pending, 1);
  clock.advance(1);
  assert.equal(pumped(), 65);
});

test("a write that leads to another one does not wake the queue twice", () => {
  const { clock, queue, add } = queued(0);
  add(64);
  let pumped = 0;
  const other = { crowded: false, pump: () => void pumped++ };
  const leading = { crowded: false, pump: () => queue.add(other) };
  queue.add(leading);
  // Behind it one waits, so that what it leads to waits as well.
  for (let count = 0; count < 300; count++) queue.add(new SlowWriter(clock, 0));
  clock.advance(1);
  assert.ok(queue.size > 0);
  assert.equal(clock.pending, 1);
  clock.advance(10);
  assert.deepEqual([queue.size, clock.pending, pumped], [0, 0, 1]);
});
