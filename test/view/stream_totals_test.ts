/** What all streams have counted only grows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamTotals } from "../../src/view/stream_totals.ts";
import type { Hub, HubObserver, LiveStream } from "../../src/hub/mod.ts";

/** Totals of a hub of streams that are only counters, and its observer. */
function totalsOf(streams: LiveStream[]) {
  let observer: HubObserver = {};
  const hub = {
    observe: (given: HubObserver) => observer = given,
    registry: { list: () => streams },
  } as unknown as Hub;
  const totals = new StreamTotals(hub);
  return {
    totals,
    live: (stream: LiveStream) => observer.onLive!(stream, 0),
    ended: (stream: LiveStream) => observer.onEnded!(stream, "unpublished" as never),
  };
}

/** All steps of a count, at once. */
function all(totals: StreamTotals) {
  const steps = totals.totals();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

test("what is over stays counted, once, and with it who publishes the name anew", () => {
  const streams: LiveStream[] = [];
  const { totals, live, ended } = totalsOf(streams);
  const counts = { stats: { bytesBefore: 0, bytesIn: 10 }, bytesOut: 100, framesDropped: 1 };
  const stream = counts as unknown as LiveStream;
  streams.push(stream);
  live(stream);
  const first = { streams: 1, bytesIn: 10, bytesOut: 100, droppedFrames: 1 };
  assert.deepEqual(all(totals), first);
  ended(stream);
  // Its players wait: it is there still.
  assert.deepEqual(all(totals), first);
  live(stream);
  counts.stats = { bytesBefore: 10, bytesIn: 5 };
  counts.bytesOut = 150;
  const second = { streams: 2, bytesIn: 15, bytesOut: 150, droppedFrames: 1 };
  assert.deepEqual(all(totals), second);
  ended(stream);
  streams.length = 0;
  assert.deepEqual(all(totals), second);
});

test("thousands of streams are counted some at a time, and those that end meanwhile once and never backwards", () => {
  const streams = Array.from({ length: 100 }, () => {
    const counts = { stats: { bytesBefore: 0, bytesIn: 1 }, bytesOut: 2, framesDropped: 3 };
    return counts as unknown as LiveStream;
  });
  const { totals, live, ended } = totalsOf(streams);
  streams.forEach(live);
  const every = { streams: 100, bytesIn: 100, bytesOut: 200, droppedFrames: 300 };
  assert.deepEqual(all(totals), every);
  const steps = totals.totals();
  assert.equal(steps.next().done, false, "not all in one step");
  ended(streams[0]!);
  ended(streams[99]!);
  let step = steps.next();
  while (!step.done) step = steps.next();
  assert.deepEqual(step.value, every);
  streams.pop();
  streams.shift();
  assert.deepEqual(all(totals), every);
});
