/** Counters of one stream, and its rates. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameKind } from "../../src/hub/mod.ts";
import { StreamStats } from "../../src/hub/stream_stats.ts";

const { Audio, Data, Video } = FrameKind;

const counters = (stats: StreamStats) => [
  stats.bytesIn,
  stats.videoBytes,
  stats.audioBytes,
  stats.videoFrames,
  stats.audioFrames,
];

const rates = ({ videoRate, audioRate, frameRate }: StreamStats) =>
  [videoRate, audioRate, frameRate].map(({ perSecond }) => perSecond);

test("messages are counted by their kind, data among all bytes only", () => {
  const stats = new StreamStats(500);
  assert.deepEqual([stats.publishedAt, ...counters(stats)], [500, 0, 0, 0, 0, 0]);
  for (const [kind, bytes] of [[Video, 100], [Audio, 7], [Video, 50], [Data, 3]] as const) {
    stats.count(kind, bytes);
  }
  assert.deepEqual(counters(stats), [160, 150, 7, 2, 1]);
});

test("rates are of what came since the publisher began, and begin anew with the next one", () => {
  const stats = new StreamStats(1000);
  assert.deepEqual(rates(stats), [0, 0, 0]);
  for (let count = 0; count < 50; count++) stats.count(Video, 1000);
  for (let count = 0; count < 86; count++) stats.count(Audio, 10);
  stats.sample(3000);
  assert.deepEqual(rates(stats), [25_000, 430, 25]);
  stats.restart(10_000);
  assert.deepEqual([stats.publishedAt, ...counters(stats)], [10_000, 0, 0, 0, 0, 0]);
  assert.deepEqual(rates(stats), [0, 0, 0]);
  stats.count(Video, 400);
  stats.count(Audio, 40);
  stats.sample(10_500);
  assert.deepEqual(rates(stats), [800, 80, 2]);
});
