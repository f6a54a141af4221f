/** How many frames make a part, and how long it may be. Times in ticks, 90,000 a second. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planParts, planPartsWithin, usualDuration } from "../../../src/core/hls/part_plan.ts";

test("a part has so many frames as come next to what is wished for, and 5 % more time for them", () => {
  // 300 ms of 25 and of 30 pictures a second, where eight frames are near enough.
  assert.deepEqual(planParts(3600, 27_000), { frames: 8, target: 30_240 });
  assert.deepEqual(planParts(3000, 27_000), { frames: 9, target: 28_350 });
  assert.deepEqual(planParts(1500, 27_000), { frames: 18, target: 28_350 });
  // Whole milliseconds, up.
  assert.deepEqual(planParts(1501, 27_000), { frames: 18, target: 28_440 });
});

test("a part has eight frames where these take up to half as long again as is wished for", () => {
  assert.equal(planParts(5062, 27_000).frames, 8);
  assert.equal(planParts(5063, 27_000).frames, 5);
  // Eight and more are left as they are.
  assert.equal(planParts(27_000 / 8, 27_000).frames, 8);
});

test("frames that are longer than any part make parts of one, and those without any duration many", () => {
  assert.deepEqual(planParts(90_000, 27_000), { frames: 1, target: 94_500 });
  assert.deepEqual(planParts(0, 27_000), { frames: 27_000, target: 28_350 });
  assert.deepEqual(planParts(1, 27_000), planParts(0, 27_000));
});

test("within a target that is known there are as many frames as fit, with their slack", () => {
  assert.deepEqual(planPartsWithin(3600, 30_240), { frames: 8, target: 30_240 });
  assert.deepEqual(planPartsWithin(3601, 30_240), { frames: 7, target: 30_240 });
  assert.deepEqual(planPartsWithin(0, 105), { frames: 100, target: 105 });
  // Not even one: the target becomes longer.
  assert.deepEqual(planPartsWithin(28_801, 30_240), { frames: 1, target: 30_330 });
});

test("the usual duration is the mean of those that are near the median", () => {
  assert.equal(usualDuration([], 7), 7);
  assert.equal(usualDuration([0, 0, -5], 7), 7);
  assert.equal(usualDuration([1], 7), 1);
  assert.equal(usualDuration([3000, 0, 3300, 2700], 7), 3000);
  // Twice and half of the median are near still, what is above and below is not.
  assert.equal(usualDuration([1000, 1000, 1000, 2000], 7), 1250);
  assert.equal(usualDuration([1000, 1000, 1000, 2001], 7), 1000);
  assert.equal(usualDuration([500, 1000, 1000, 1000], 7), 875);
  assert.equal(usualDuration([499, 1000, 1000, 1000], 7), 1000);
  // Of two in the middle the longer one.
  assert.equal(usualDuration([400, 1000], 7), 1000);
});
