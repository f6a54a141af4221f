import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameKind, MAX_STEP_AHEAD_MS, MAX_STEP_BACK_MS, Timeline } from "../../src/hub/mod.ts";

const { Audio, Video } = FrameKind;

test("times pass unchanged, and begin where the publisher begins", () => {
  const timeline = new Timeline();
  assert.equal(timeline.follow(Video, 5_000_000, 0), 5_000_000);
  assert.equal(timeline.follow(Audio, 5_000_010, 0), 5_000_010);
  assert.equal(timeline.follow(Video, 5_000_040, 40), 5_000_040);
  assert.equal(timeline.last, 5_000_040);
});

test("a step back gets the time before it, as long as it is short", () => {
  const timeline = new Timeline();
  timeline.follow(Video, 10_000, 0);
  assert.equal(timeline.follow(Video, 10_000 - MAX_STEP_BACK_MS, 10), 10_000);
  assert.equal(timeline.leaps, 0);
  assert.equal(timeline.follow(Video, 10_000 - MAX_STEP_BACK_MS - 1, 40), 10_040);
  assert.equal(timeline.leaps, 1);
  assert.equal(timeline.follow(Video, 10_000 - MAX_STEP_BACK_MS + 39, 80), 10_080, "and goes on");
});

test("a step ahead of the clock passes up to its limit", () => {
  const timeline = new Timeline();
  timeline.follow(Video, 0, 0);
  assert.equal(timeline.follow(Video, MAX_STEP_AHEAD_MS + 40, 40), MAX_STEP_AHEAD_MS + 40);
  assert.equal(timeline.follow(Video, 3 * MAX_STEP_AHEAD_MS, 80), MAX_STEP_AHEAD_MS + 80);
  assert.equal(timeline.leaps, 1);
});

test("what does not move time on has the time of what is around it", () => {
  const timeline = new Timeline();
  timeline.follow(Video, 1000, 0);
  timeline.restart(true);
  assert.equal(timeline.beside(77), 1000, "before the first message of a new publisher");
  assert.equal(timeline.follow(Audio, 0, 500), 1500);
  assert.equal(timeline.beside(20), 1520);
});

test("a new publisher without players begins with times of its own", () => {
  const timeline = new Timeline();
  timeline.follow(Video, 1_000_000, 0);
  timeline.restart(false);
  assert.equal(timeline.follow(Video, 30, 10), 30);
  assert.equal(timeline.leaps, 0);
});
