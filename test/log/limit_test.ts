import assert from "node:assert/strict";
import { test } from "node:test";
import { LogLimit } from "../../src/log/limit.ts";

test("each cause has so many lines a second, and what was left out is told once", () => {
  const limit = new LogLimit(2);
  const admitted = (cause: string, now: number) => limit.admits(cause, now);
  assert.deepEqual([0, 1, 2, 3].map((now) => admitted("a", now)), [true, true, false, false]);
  assert.equal(admitted("b", 3), true);
  assert.deepEqual(limit.takeLeftOut(999), []);
  assert.deepEqual(limit.takeLeftOut(1000), [{ cause: "a", lines: 2 }]);
  assert.deepEqual(limit.takeLeftOut(5000), []);
  assert.equal(admitted("a", 1000), true);
});

test("a clock that is set back silences nobody", () => {
  const limit = new LogLimit(1);
  assert.equal(limit.admits("a", 1_000_000), true);
  assert.equal(limit.admits("a", 1_000_000), false);
  assert.equal(limit.admits("a", 0), true);
});

test("0 is no limit, and endlessly many causes take a bounded place", () => {
  const unlimited = new LogLimit(0);
  for (let index = 0; index < 1000; index++) assert.ok(unlimited.admits("a", 0));
  const limit = new LogLimit(1);
  let admitted = 0;
  for (let index = 0; index < 10_000; index++) if (limit.admits(`cause ${index}`, 0)) admitted++;
  assert.equal(admitted, 501);
  assert.deepEqual(limit.takeLeftOut(1000), [{ cause: "other", lines: 9499 }]);
});
