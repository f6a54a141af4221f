import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameKind, Timeline } from "../../../src/hub/mod.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_STEP_AHEAD_MS = 10_000;
const MAX_STEP_BACK_MS = 1000;

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

test("32 tracks of a kind are followed apart, those beyond follow the first", () => {
  const timeline = new Timeline();
  for (let track = 0; track < 32; track++) {
    const begin = track * 100_000;
    assert.equal(timeline.follow(Audio, begin, 0, track), begin, `track ${track}`);
  }
  assert.equal(timeline.follow(Video, 7, 0, 32), 7, "the other kind has followers of its own");
  // Its own beginning would be a leap for the first track, and is brought to where a track is.
  const before = timeline.leaps;
  assert.notEqual(timeline.follow(Audio, 50_000_000, 0, 32), 50_000_000);
  assert.equal(timeline.leaps, before + 1);
});

test("what follows a leap goes on at least a millisecond later, and as the clock says", () => {
  const timeline = new Timeline();
  timeline.follow(Video, 50_000, 100);
  assert.equal(timeline.follow(Video, 0, 100), 50_001);
  assert.equal(timeline.follow(Video, 900_000, 100.4), 50_002);
  assert.equal(timeline.follow(Video, 0, 102.9), 50_005, "rounded");
  assert.equal(timeline.leaps, 3);
});

test("a track that leaps goes where another one has gone, as far as that is near its own time", () => {
  const landed = (beside: number) => {
    const timeline = new Timeline();
    timeline.follow(Video, 10_000, 0);
    timeline.follow(Audio, 10_000, 0);
    // Sound leaps, and goes on a second later.
    assert.equal(timeline.follow(Audio, 500_000, 1000), 11_000);
    return [timeline.follow(Video, 500_000 + beside, 1000), timeline.leaps];
  };
  assert.deepEqual(landed(0), [11_000, 1]);
  assert.deepEqual(landed(-1000), [10_000, 1], "not behind what it had");
  assert.deepEqual(landed(-1001), [11_000, 2]);
  assert.deepEqual(landed(1000), [12_000, 1]);
  assert.deepEqual(landed(1001), [11_000, 2]);
});

test("for kept players the first message is as much later as the clock says, at least 1 ms", () => {
  for (const [now, later] of [[0, 1], [0.4, 1], [1.6, 2], [700, 700]] as const) {
    const timeline = new Timeline();
    timeline.follow(Video, 60_000, 0);
    timeline.restart(true);
    assert.equal(timeline.follow(Audio, 5, now), 60_000 + later);
  }
});

test("there is a time once media came, and none after a publisher without players", () => {
  const timeline = new Timeline();
  assert.equal(timeline.hasBegun, false);
  timeline.beside(5);
  assert.equal(timeline.hasBegun, false);
  timeline.restart(true);
  assert.equal(timeline.follow(Audio, 70, 0), 70, "players that were kept had nothing yet");
  assert.equal(timeline.hasBegun, true);
  timeline.restart(true);
  assert.equal(timeline.hasBegun, true);
  timeline.restart(false);
  assert.equal(timeline.hasBegun, false);
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

test("without a track 0 those beyond the 32nd have times as well", () => {
  const timeline = new Timeline();
  for (let track = 1; track < 200; track++) {
    assert.equal(timeline.follow(Audio, 1000 + track, 0, track), 1000 + track);
    assert.equal(timeline.follow(Video, 1000 + track, 0, track), 1000 + track);
  }
});

test("a message that names no track is of track 0, and before the first one time is 0", () => {
  const timeline = new Timeline();
  assert.equal(timeline.last, 0);
  timeline.follow(Video, 100_000, 0);
  assert.equal(timeline.follow(Video, 0, 40, 0), 100_040, "it leapt");
});

test("a message that moves time on by nothing does not let the clock begin anew", () => {
  for (const back of [0, 1, 700]) {
    const timeline = new Timeline();
    timeline.follow(Video, 1000, 0);
    timeline.follow(Video, 1000 - back, 5000);
    assert.deepEqual(timeline.reached(Video), { time: 1000, at: 0 });
    const far = 1000 + 5000 + MAX_STEP_AHEAD_MS;
    assert.equal(timeline.follow(Video, far, 5000), far, "as far as since it went on last");
    assert.deepEqual(timeline.reached(Video), { time: far, at: 5000 });
  }
});

test("the newest time is that of the track which was heard of last, also by a step back", () => {
  const timeline = new Timeline();
  timeline.follow(Video, 1000, 0);
  timeline.follow(Audio, 5000, 0);
  assert.equal(timeline.last, 5000);
  timeline.follow(Video, 990, 10);
  assert.equal(timeline.last, 1000);
  assert.deepEqual(timeline.reached(Audio), { time: 5000, at: 0 });
});

test("a new publisher without players has no track of the one before", () => {
  for (const kind of [Audio, Video]) {
    const timeline = new Timeline();
    for (const track of [0, 3]) timeline.follow(kind, 1_000_000, 0, track);
    timeline.restart(false);
    assert.equal(timeline.last, 0);
    assert.equal(timeline.reached(kind), undefined);
    for (const track of [0, 3]) assert.equal(timeline.follow(kind, 30, 10, track), 30);
    assert.deepEqual(timeline.reached(kind), { time: 30, at: 10 });
    assert.equal(timeline.leaps, 0);
  }
});
