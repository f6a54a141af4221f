/** Samples of streams over the last minutes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_HISTORIES, SampleHistory, SAMPLES } from "../../../src/http/dashboard/history.ts";
import type { StreamSample } from "../../../src/http/mod.ts";

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
  for (let count = 0; count < 31; count++) history.add([sample("b", 1)]);
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
