/** The time of pictures: how long each lasts, and where there is a gap. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { VideoTimeline } from "../../../src/core/samples/video_timeline.ts";

const DATA = Uint8Array.of(1);

/** Pushes pictures at these times; what comes out as [decode time, composition, duration, gap]. */
function pushed(timeline: VideoTimeline, ...times: (number | [number, number])[]) {
  return times.map((time) => {
    const [ms, composition] = typeof time === "number" ? [time, 0] : time;
    const out = timeline.push(ms, composition, true, DATA);
    return out && [out.dts, out.composition, out.duration, timeline.gapTicks];
  });
}

test("a picture comes out with the next one, and lasts until then", () => {
  const timeline = new VideoTimeline(1000);
  assert.deepEqual(pushed(timeline, 0, 40, 73), [
    undefined,
    [0, 0, 3600, 0],
    [3600, 0, 2970, 0],
  ]);
  const last = timeline.flush();
  assert.deepEqual([last?.dts, last?.duration, last?.key, last?.data], [6570, 2970, true, DATA]);
  assert.equal(timeline.flush(), undefined);
  assert.deepEqual(pushed(timeline, 100), [undefined]);
});

test("behind a longer time than may be there is a gap, and the picture lasts as long as usual", () => {
  const timeline = new VideoTimeline(1000);
  assert.deepEqual(pushed(timeline, 0, 20, 1020, 2021, 2022), [
    undefined,
    [0, 0, 1800, 0],
    [1800, 0, 90_000, 0],
    [91_800, 0, 90_000, 90],
    [181_890, 0, 90, 0],
  ]);
  assert.equal(timeline.usualMs, 1);
});

test("no picture comes before 0, and before the first one there is no gap", () => {
  const timeline = new VideoTimeline(1000);
  assert.equal(timeline.gapTicks, 0);
  assert.deepEqual(pushed(timeline, -40, 40), [undefined, [0, -3600, 3600, 0]]);
});

test("before it was seen how long pictures last they last as the configuration says, or 40 ms", () => {
  assert.equal(new VideoTimeline(1000).usualMs, 40);
  assert.equal(new VideoTimeline(1000, 50).usualMs, 20);
  assert.equal(new VideoTimeline(1000, 29.97).usualMs, 3003 / 90);
  assert.equal(new VideoTimeline(1000, 23.976).usualMs, 3754 / 90);
  const timeline = new VideoTimeline(1000, 50);
  assert.deepEqual(pushed(timeline, 0, 5000), [undefined, [0, 0, 1800, 448_200]]);
  const single = new VideoTimeline(1000, 50);
  pushed(single, 0);
  assert.equal(single.flush()!.duration, 1800);
});

test("a picture never comes before the one before it, which says nothing of how long they last", () => {
  const timeline = new VideoTimeline(1000, 25);
  assert.deepEqual(pushed(timeline, 40, [40, 20], [30, 60], 80), [
    undefined,
    [3600, 0, 1, 0],
    // It is shown when it was to be shown.
    [3601, 1799, 1, 0],
    [3602, 4498, 3598, 0],
  ]);
  assert.equal(timeline.usualMs, 3598 / 90);
});

test("the first picture may be at 0, and one a millisecond later says how long they last", () => {
  const timeline = new VideoTimeline(1000);
  assert.deepEqual(pushed(timeline, 0, 1), [undefined, [0, 0, 90, 0]]);
  assert.equal(timeline.usualMs, 1);
});
