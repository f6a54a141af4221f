import { test } from "node:test";
import assert from "node:assert/strict";
import { timestampDelta } from "../../../src/core/rtmp/timestamp.ts";

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
    // The example of [RTMP 1.0 §4]: with 10000 as reference, 4000000000 was before it.
    [4000000000, 10000, 294977296],
  ];
  for (const [earlier, later, delta] of cases) {
    assert.equal(timestampDelta(earlier, later), delta);
  }
});
