import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareTimestamps,
  timestampDelta,
  TimestampUnwrapper,
} from "../../../src/core/rtmp/timestamp.ts";
import { check } from "../../support/property.ts";

test("timestampDelta is the shorter way around", () => {
  const cases: [number, number, number][] = [
    [0, 0, 0],
    [10, 30, 20],
    [30, 10, -20],
    [0xffffff, 0x1000000, 1],
    [0xfffffff0, 0x10, 0x20],
    [0x10, 0xfffffff0, -0x20],
    [0, 0x7fffffff, 0x7fffffff],
    [0, 0x80000000, -0x80000000],
    [0x7fffffff, 0x80000000, 1],
  ];
  for (const [earlier, later, delta] of cases) {
    assert.equal(timestampDelta(earlier, later), delta);
  }
});

test("compareTimestamps orders the example of [RTMP 1.0 §4]", () => {
  // With 10000 as reference, 4000000000 was before it.
  assert.ok(compareTimestamps(10000, 4000000000) > 0);
  assert.ok(compareTimestamps(4000000000, 10000) < 0);
  assert.equal(compareTimestamps(5, 5), 0);
  const sorted = [0x10, 0xfffffff0, 0, 0xffffffff].sort(compareTimestamps);
  assert.deepEqual(sorted, [0xfffffff0, 0xffffffff, 0, 0x10]);
});

test("unwrap counts on across 2^24, 2^31 and 2^32", () => {
  const unwrapper = new TimestampUnwrapper();
  const step = 0x12345678;
  for (let time = 0xfffffe, i = 0; i < 100; i++, time += step) {
    assert.equal(unwrapper.unwrap(time % 2 ** 32), time);
  }
});

test("unwrap follows jumps backwards, across 0 too", () => {
  const unwrapper = new TimestampUnwrapper();
  assert.equal(unwrapper.unwrap(0xfffffff0), 0xfffffff0);
  assert.equal(unwrapper.unwrap(5), 2 ** 32 + 5);
  assert.equal(unwrapper.unwrap(0xfffffff0), 0xfffffff0);
  assert.equal(unwrapper.unwrap(0x90000000), 0x90000000);
  const fromZero = new TimestampUnwrapper();
  assert.equal(fromZero.unwrap(0), 0);
  assert.equal(fromZero.unwrap(0xffffffff), -1);
});

test("unwrap restores any sequence with steps below half a period", () => {
  const step = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
  check(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.array(step), (first, moves) => {
    const unwrapper = new TimestampUnwrapper();
    let time = first;
    assert.equal(unwrapper.unwrap(time), time);
    for (const move of moves) {
      time += move;
      assert.equal(unwrapper.unwrap(((time % 2 ** 32) + 2 ** 32) % 2 ** 32), time);
    }
  }));
});
