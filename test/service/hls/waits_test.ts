/** Requests that wait: each is told once, and counted as long as it waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { WaitBudget, type WaitEnd, WaitList } from "../../../src/service/hls/waits.ts";
import { FakeClock } from "../../support/clock.ts";

function setUp(most = 10) {
  const budget = new WaitBudget(most, new FakeClock());
  const list = new WaitList<number, string>(budget);
  const told: string[] = [];
  const wait = (name: string, what: number, deadline = 100) =>
    list.add(String(what), what, {
      deadline,
      settle: (result: string | WaitEnd) => void told.push(`${name} ${result}`),
    });
  return { budget, list, told, wait };
}

test("those that wait for the same are one group, and all are told at once", () => {
  const { budget, list, told, wait } = setUp();
  for (const [name, what] of [["a", 1], ["b", 1], ["c", 2]] as const) wait(name, what);
  assert.deepEqual([list.size, budget.used], [2, 3]);
  const asked: number[] = [];
  list.settle((what) => {
    asked.push(what);
    return what === 1 ? "there" : undefined;
  });
  assert.deepEqual([asked, told], [[1, 2], ["a there", "b there"]]);
  assert.deepEqual([list.size, budget.used], [1, 1]);
  list.settle(() => "gone");
  list.settle(() => "gone");
  assert.deepEqual(told.slice(2), ["c gone"]);
  assert.deepEqual([list.size, budget.used], [0, 0]);
});

test("one that leaves is told nothing, and counts no more, however often it leaves", () => {
  const { budget, list, told, wait } = setUp();
  const leave = wait("a", 1);
  wait("b", 1);
  leave();
  leave();
  assert.deepEqual([list.size, budget.used], [1, 1]);
  list.settle(() => "there");
  leave();
  assert.deepEqual([told, list.size, budget.used], [["b there"], 0, 0]);
  const other = wait("c", 1);
  other();
  assert.deepEqual([list.size, budget.used], [0, 0], "nobody waits in its group any more");
});

test("one that leaves takes no group along that has come in place of its own", () => {
  const { budget, list, told, wait } = setUp();
  const leave = wait("a", 1);
  list.settle(() => "there");
  wait("b", 1);
  leave();
  assert.deepEqual([list.size, budget.used], [1, 1]);
  list.settle(() => "there");
  assert.deepEqual(told, ["a there", "b there"]);
});

test("who waits until its deadline is late, and nobody else is", () => {
  const { budget, list, told, wait } = setUp();
  for (const [name, deadline] of [["a", 100], ["b", 101]] as const) wait(name, 1, deadline);
  list.expire(99);
  assert.deepEqual(told, []);
  list.expire(100);
  assert.deepEqual([told, list.size, budget.used], [["a late"], 1, 1]);
  list.expire(101);
  list.expire(200);
  assert.deepEqual([told.slice(1), list.size, budget.used], [["b late"], 0, 0]);
});

test("who comes while others are told waits for the next time", () => {
  const { list, told, wait } = setUp();
  list.add("1", 1, {
    deadline: 9,
    settle: () => {
      told.push("first");
      wait("second", 1);
    },
  });
  list.settle(() => "there");
  assert.deepEqual([told, list.size], [["first"], 1]);
});

test("so many may wait, and no more", () => {
  const { budget, wait } = setUp(2);
  wait("a", 1);
  assert.equal(budget.full, false);
  const leave = wait("b", 2);
  assert.equal(budget.full, true);
  leave();
  assert.equal(budget.full, false);
});
