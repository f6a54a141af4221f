import assert from "node:assert/strict";
import { test } from "node:test";
import { LagLimits } from "../../../src/hub/fanout/lag_limits.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const OVERFLOW_WINDOW_MS = 60_000;

const limits = (overflows = 0) => new LagLimits({ bytes: 1000, ms: 400, overflows });

test("a player may be as far behind as its limits say, and not a byte or millisecond further", () => {
  const lag = limits();
  assert.deepEqual(
    [lag.isOver(1000, 400), lag.isOver(1001, 0), lag.isOver(0, 401)],
    [false, true, true],
  );
});

test("what it was behind by when it joined does not count, until it has caught up", () => {
  const lag = limits();
  lag.joined(5000, 90);
  assert.deepEqual(
    [lag.isOver(6000, 490), lag.isOver(6001, 0), lag.isOver(0, 491)],
    [false, true, true],
  );
  lag.reset();
  assert.deepEqual([lag.isOver(1000, 400), lag.isOver(1001, 0), lag.isOver(0, 401)], [
    false,
    true,
    true,
  ]);
});

test("by what it has caught up less is allowed, and never more again", () => {
  const lag = limits();
  lag.joined(5000, 900);
  lag.caughtUpTo(3000);
  assert.deepEqual([lag.isOver(4000, 1300), lag.isOver(4001, 0), lag.isOver(0, 1301)], [
    false,
    true,
    true,
  ]);
  lag.caughtUpTo(4500, 700);
  assert.deepEqual([lag.isOver(4000, 1100), lag.isOver(4001, 0), lag.isOver(0, 1101)], [
    false,
    true,
    true,
  ]);
  lag.caughtUpTo(3000, 800);
  assert.deepEqual([lag.isOver(4000, 1100), lag.isOver(0, 1101)], [false, true]);
});

test("near a limit is where less than the share of it is left", () => {
  const lag = limits();
  assert.deepEqual([lag.nearBytes(750, 1 / 4), lag.nearBytes(751, 1 / 4)], [false, true]);
  assert.deepEqual([lag.nearMs(200, 1 / 2), lag.nearMs(201, 1 / 2)], [false, true]);
  lag.joined(5000, 900);
  assert.deepEqual([lag.nearBytes(5750, 1 / 4), lag.nearBytes(5751, 1 / 4)], [false, true]);
  assert.deepEqual([lag.nearMs(1100, 1 / 2), lag.nearMs(1101, 1 / 2)], [false, true]);
});

test("the overflow that is one too many within a minute ends a player", () => {
  const lag = limits(3);
  assert.equal(lag.overflow(0, 0), "new", "also one that was handed nothing yet");
  assert.equal(lag.overflow(10, 1000), "new");
  assert.equal(lag.overflow(20, OVERFLOW_WINDOW_MS - 1), "end");
});

test("overflows a minute apart are not held against a player", () => {
  const lag = limits(3);
  lag.overflow(1, 0);
  lag.overflow(2, 1000);
  assert.equal(lag.overflow(3, OVERFLOW_WINDOW_MS), "new");
  assert.equal(lag.overflow(4, OVERFLOW_WINDOW_MS + 999), "end");
});

test("one stall is one overflow however long it lasts", () => {
  const lag = limits(2);
  assert.deepEqual([0, 1, 2].map((now) => lag.overflow(7, now)), ["new", "same", "same"]);
  assert.equal(lag.overflow(8, 3), "end");
});

test("without a limit of overflows a player may go over for ever", () => {
  const lag = limits(0);
  for (let count = 0; count < 100; count++) assert.equal(lag.overflow(count, count), "new");
});
