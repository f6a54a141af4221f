import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaClock, TrackTime } from "../../../src/core/samples/media_clock.ts";

/** Places timestamps of one track; a leap is marked with its length. */
function place(timestamps: readonly number[], clock = new MediaClock(0), track = new TrackTime()) {
  return timestamps.map((timestamp) => {
    const { leaps } = clock;
    const time = clock.place(timestamp, track, 40);
    return clock.leaps > leaps ? `${time} leapt ${clock.leapMs}` : time;
  });
}

test("a step of a second back, or of ten seconds forward, is none that leaps", () => {
  assert.deepEqual(place([5000, 9000, 8000, 9040]), [0, 4000, 3000, 4040]);
  assert.deepEqual(place([5000, 9000, 7999, 8039]), [0, 4000, "4040 leapt -1041", 4080]);
  assert.deepEqual(place([0, 10_000, 20_000]), [0, 10_000, 20_000]);
  assert.deepEqual(place([0, 10_001, 10_041]), [0, "40 leapt 9961", 80]);
});

test("a track may be ten seconds behind the others, and before the beginning", () => {
  const behind = (ms: number) => {
    const clock = new MediaClock(0);
    place([0, 5000], clock);
    return place([5000 - ms], clock);
  };
  assert.deepEqual(behind(10_000), [-5000]);
  assert.deepEqual(behind(10_001), ["5000 leapt -10001"]);
});

test("a track that is quiet while others go on has not leapt when it comes back", () => {
  const clock = new MediaClock(0);
  const sound = new TrackTime();
  place([0], clock, sound);
  const video = new TrackTime();
  for (let ms = 0; ms <= 60_000; ms += 5000) place([ms], clock, video);
  assert.deepEqual(place([60_020], clock, sound), [60_020]);
});

test("time goes on through several wraps", () => {
  const clock = new MediaClock(7);
  const track = new TrackTime();
  const start = 2 ** 32 - 4000;
  let expected = 7;
  // Some ten billion milliseconds, more than twice round.
  for (let sent = start; sent < start + 10 ** 10; sent += 9999) {
    if (clock.place(sent % 2 ** 32, track, 40) !== expected) assert.fail(`at ${sent}`);
    expected += 9999;
  }
  assert.deepEqual([clock.newest, clock.leaps], [expected - 9999, 0]);
});
