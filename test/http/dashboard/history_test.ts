/** Samples of streams over the last minutes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SampleHistory } from "../../../src/http/dashboard/history.ts";
import type { StreamSample } from "../../../src/http/mod.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const SAMPLES = 150;
const MAX_HISTORIES = 1000;

const sample = (name: string, videoBitrate: number, droppedFrames = 0): StreamSample => ({
  app: "live",
  name,
  videoBitrate,
  audioBitrate: 1,
  frameRate: 29.97,
  droppedFrames,
});

test("the samples of a stream are kept in their order, and no more than five minutes of them", () => {
  const history = new SampleHistory();
  for (let index = 1; index <= SAMPLES + 7; index++) history.add([sample("a", index)]);
  const { video, frameRate } = history.recent(sample("a", 0));
  assert.deepEqual(video, Array.from({ length: SAMPLES }, (_, index) => index + 8));
  assert.equal(frameRate[0], 30);
});

test("a stream that is away has a gap, and is forgotten after a minute", () => {
  const history = new SampleHistory();
  history.add([sample("a", 5, 3)]);
  history.add([]);
  history.add([sample("a", 6, 4)]);
  assert.deepEqual(history.recent(sample("a", 0)).video, [5, 0, 6]);
  assert.deepEqual(history.recent(sample("a", 0)).dropped, [3, 3, 4]);
  for (let count = 0; count < 30; count++) history.add([sample("b", 1)]);
  assert.equal(history.recent(sample("a", 0)).video.length, 33);
  assert.equal(history.size, 2);
  history.add([sample("b", 1)]);
  assert.deepEqual(history.recent(sample("a", 0)).video, []);
  assert.equal(history.size, 1);
});

test("streams beyond the bound are not kept, and have no chart", () => {
  const history = new SampleHistory();
  const all = Array.from({ length: MAX_HISTORIES + 5 }, (_, index) => sample(`s${index}`, 1));
  history.add(all);
  assert.equal(history.size, MAX_HISTORIES);
  assert.deepEqual(history.recent(all.at(-1)!).video, []);
});

test("a stream that comes back within a minute begins anew to be away", () => {
  const history = new SampleHistory();
  for (let round = 0; round < 3; round++) {
    history.add([sample("a", 5, round)]);
    for (let count = 0; count < 30; count++) history.add([]);
  }
  assert.equal(history.size, 1);
});

test("what was lost stays so while a stream is away, also where the oldest samples go", () => {
  const history = new SampleHistory();
  for (let count = 0; count < SAMPLES; count++) history.add([sample("a", 1, count)]);
  assert.equal(history.recent(sample("a", 0)).video.length, SAMPLES);
  history.add([]);
  const { dropped, audio } = history.recent(sample("a", 0));
  assert.deepEqual([dropped[0], dropped.at(-2), dropped.at(-1)], [1, 149, 149]);
  assert.deepEqual([audio[0], audio.at(-1), audio.length], [1, 0, SAMPLES]);
});

test("streams of one name in two applications are two", () => {
  const history = new SampleHistory();
  history.add([sample("a", 1), { ...sample("a", 2), app: "other" }]);
  assert.deepEqual(history.recent({ app: "other", name: "a" }).video, [2]);
  assert.deepEqual(history.recent({ app: "live", name: "a" }).video, [1]);
});
