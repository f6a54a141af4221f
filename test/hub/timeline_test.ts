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

test("pictures that are stamped by when they are shown keep their times", () => {
  const timeline = new Timeline();
  for (const time of [0, 120, 40, 80, 240, 160, 200]) {
    assert.equal(timeline.follow(Video, 1000 + time, time), 1000 + time);
  }
  assert.equal(timeline.last, 1240, "the newest of them");
  assert.equal(timeline.leaps, 0);
});

test("a step back passes as long as it is short, counted from the newest time", () => {
  const timeline = new Timeline();
  timeline.follow(Video, 10_000, 0);
  assert.equal(timeline.follow(Video, 10_000 - 600, 10), 9400);
  assert.equal(timeline.follow(Video, 10_000 - MAX_STEP_BACK_MS, 10), 9000);
  assert.equal(timeline.leaps, 0);
  assert.equal(timeline.follow(Video, 10_000 - MAX_STEP_BACK_MS - 1, 40), 10_040);
  assert.equal(timeline.leaps, 1);
  assert.equal(timeline.follow(Video, 10_000 - MAX_STEP_BACK_MS + 39, 80), 10_080, "and goes on");
});

for (
  const [what, one, other] of [
    ["video and audio", [Video, 0], [Audio, 0]],
    ["two tracks of video", [Video, 0], [Video, 1]],
    ["two tracks of audio", [Audio, 3], [Audio, 7]],
    ["tracks of either kind with one id", [Video, 2], [Audio, 2]],
  ] as const
) {
  test(`${what} are followed apart: beginnings of their own, and steps back of their own`, () => {
    const timeline = new Timeline();
    for (let count = 0; count < 100; count++) {
      const now = count * 40;
      const time = now + (count % 4 === 0 ? 120 : 0);
      assert.equal(timeline.follow(one[0], time, now, one[1]), time);
      assert.equal(timeline.follow(other[0], 7_200_000 + now, now, other[1]), 7_200_000 + now);
    }
    assert.equal(timeline.leaps, 0);
  });
}

test("tracks that leap together stay together, those that begin behind the leap as well", () => {
  const timeline = new Timeline();
  for (let track = 0; track < 3; track++) timeline.follow(Video, 90_000 + track, 0, track);
  for (let track = 0; track < 4; track++) {
    assert.equal(timeline.follow(Video, track, 40, track), 90_040 + track);
  }
  assert.equal(timeline.follow(Audio, 5, 40), 90_045);
  assert.equal(timeline.leaps, 1);
});

test("for players that were kept the tracks of a new publisher go on together", () => {
  const timeline = new Timeline();
  for (let track = 0; track < 2; track++) timeline.follow(Video, 60_000, 0, track);
  timeline.restart(true);
  for (let track = 0; track < 3; track++) {
    assert.equal(timeline.follow(Video, 500 + track, 1000, track), 61_000 + track);
  }
  assert.equal(timeline.follow(Video, 460, 1000), 60_960, "a step back behind it passes, too");
  assert.equal(timeline.leaps, 0);
});

test("tracks without end share a follower, and what is followed goes on", () => {
  const timeline = new Timeline();
  for (let track = 0; track < 256; track++) timeline.follow(Audio, track, 0, track);
  assert.equal(timeline.follow(Audio, 300, 0, 9), 300);
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
