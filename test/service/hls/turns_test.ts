/** Answers in turns, and lists of requests that wait for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../../src/ports.ts";
import { TURN_ANSWERS, Turns } from "../../../src/service/hls/turns.ts";
import { WaitBudget, WaitList } from "../../../src/service/hls/waits.ts";

/** A clock whose turns a test takes one by one. */
function steps(): { clock: Clock; turn(): boolean; now: number } {
  const due: (() => void)[] = [];
  const rig = {
    now: 0,
    turn: () => {
      const callback = due.shift();
      callback?.();
      return callback !== undefined;
    },
    clock: {
      now: () => rig.now,
      wall: () => rig.now,
      after: (_ms: number, callback: () => void) => {
        due.push(callback);
        return { cancel: () => {} };
      },
    },
  };
  return rig;
}

test("a few are told at once, many so many in a turn, and what is due meanwhile comes behind them", () => {
  const rig = steps();
  const turns = new Turns(rig.clock);
  const told: number[] = [];
  const numbers = (from: number, count: number) =>
    new Set(Array.from({ length: count }, (_, index) => from + index));
  turns.tell(numbers(0, 5), (one) => told.push(one));
  assert.equal(told.length, 5);
  assert.equal(rig.turn(), false);
  turns.tell(numbers(5, 250), (one) => told.push(one));
  assert.equal(told.length, 5 + TURN_ANSWERS);
  turns.tell(numbers(255, 5), (one) => told.push(one));
  const counts: number[] = [];
  while (rig.turn()) counts.push(told.length);
  assert.deepEqual(counts, [205, 260]);
  assert.deepEqual(told, [...numbers(0, 260)]);
});

test("a turn ends after a few milliseconds, however few were told", () => {
  const rig = steps();
  const turns = new Turns(rig.clock);
  let told = 0;
  turns.tell(new Set([1, 2, 3, 4, 5]), () => {
    told++;
    rig.now += 2;
  });
  assert.equal(told, 2);
  assert.ok(rig.turn());
  assert.equal(told, 4);
});

test("one that throws keeps the others from nothing", () => {
  const rig = steps();
  const turns = new Turns(rig.clock);
  const told: number[] = [];
  const tell = (one: number) => {
    if (one === 1) throw new Error("broken");
    told.push(one);
  };
  assert.throws(() => turns.tell(new Set([1, 2, 3]), tell), /broken/);
  assert.ok(rig.turn());
  assert.deepEqual(told, [2, 3]);
});

test("who leaves when it is late, or due, is not told, and leaves its place once", () => {
  const rig = steps();
  const budget = new WaitBudget(1000, rig.clock);
  const list = new WaitList<number, string>(budget);
  const told: string[] = [];
  const add = (deadline: number) =>
    list.add("key", 7, { deadline, settle: (result) => told.push(result) });
  const early = Array.from({ length: 150 }, () => add(10));
  const others = Array.from({ length: 150 }, () => add(20));
  list.expire(10);
  assert.deepEqual([told.length, budget.used, list.size], [100, 200, 1]);
  list.settle((what) => what === 7 ? "there" : undefined);
  assert.equal(list.size, 0);
  for (const leave of [early[149]!, early[149]!, others[149]!]) leave();
  while (rig.turn());
  assert.equal(budget.used, 0);
  assert.deepEqual([told.length, told.filter((one) => one === "late").length], [298, 149]);
});
