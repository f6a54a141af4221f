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

test("what is over stays counted, once, and with it who publishes the name anew", () => {
  const streams: LiveStream[] = [];
  const { totals, live, ended } = totalsOf(streams);
  const counts = { stats: { bytesBefore: 0, bytesIn: 10 }, bytesOut: 100, framesDropped: 1 };
  const stream = counts as unknown as LiveStream;
  streams.push(stream);
  live(stream);
  const first = { streams: 1, bytesIn: 10, bytesOut: 100, droppedFrames: 1 };
  assert.deepEqual(totals.totals(), first);
  ended(stream);
  // Its players wait: it is there still.
  assert.deepEqual(totals.totals(), first);
  live(stream);
  counts.stats = { bytesBefore: 10, bytesIn: 5 };
  counts.bytesOut = 150;
  const second = { streams: 2, bytesIn: 15, bytesOut: 150, droppedFrames: 1 };
  assert.deepEqual(totals.totals(), second);
  ended(stream);
  streams.length = 0;
  assert.deepEqual(totals.totals(), second);
});
