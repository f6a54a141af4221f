import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingClock } from "../../src/recordings/recording_clock.ts";

/** Times in the recording of messages, each a timestamp and when it came. */
function times(messages: readonly (readonly [timestamp: number, now: number])[], start?: number) {
  const clock = new RecordingClock(start);
  return messages.map(([timestamp, now]) => clock.of(timestamp, now));
}

test("a recording begins at 0, or where it goes on, whatever time its publisher has", () => {
  assert.deepEqual(times([[5000, 0], [5040, 40], [5020, 41]]), [0, 40, 20]);
  assert.deepEqual(times([[5000, 0], [5040, 40]], 700), [700, 740]);
  assert.deepEqual(
    times([[5000, 0], [4990, 0], [5040, 40]]),
    [0, 0, 40],
    "never before the beginning",
  );
});

test("time goes on behind 2^32, and back across it", () => {
  const near = 2 ** 32 - 20;
  assert.deepEqual(
    times([[near, 0], [20, 40], [near + 10, 41], [60, 80], [2 ** 31, 90]]).slice(0, 4),
    [
      0,
      40,
      10,
      80,
    ],
  );
});

test("a pause that really lasted stays, a leap does not", () => {
  assert.deepEqual(times([[0, 0], [60_000, 60_000]]), [0, 60_000]);
  assert.deepEqual(times([[0, 0], [10_000, 0]]), [0, 10_000]);
  assert.deepEqual(times([[0, 0], [10_001, 0], [10_041, 40]]), [0, 40, 80]);
  assert.deepEqual(times([[0, 0], [54_000_000, 1000], [54_000_040, 1040]]), [0, 40, 80]);
});

test("a step back of up to a second is one, more is a leap that goes on behind all before", () => {
  assert.deepEqual(times([[0, 0], [3000, 3000], [2000, 3001]]), [0, 3000, 2000]);
  assert.deepEqual(times([[0, 0], [3000, 3000], [1999, 3001], [2039, 3040]]), [
    0,
    3000,
    3040,
    3080,
  ]);
});

test("another publisher goes on behind the one before, however close their times are", () => {
  const clock = new RecordingClock();
  assert.deepEqual([clock.of(1000, 0), clock.of(1500, 500)], [0, 500]);
  clock.break();
  assert.deepEqual([clock.of(1400, 600), clock.of(1440, 640)], [540, 580]);
  assert.equal(clock.end, 580);
});
