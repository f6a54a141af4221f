/** How far ahead of what a client shows a recording is sent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordedPace } from "../../../src/service/rtmp/recorded_pace.ts";
import { FakeClock } from "../../support/clock.ts";

function paceOf(bufferMs: number, maxAheadMs = 60_000) {
  const clock = new FakeClock();
  clock.advance(5000);
  const client = { bufferMs };
  return { clock, client, pace: new RecordedPace(clock, client, maxAheadMs) };
}

test("what is due is what the client shows, and ahead of it what it buffers", () => {
  const { clock, client, pace } = paceOf(3000);
  pace.begin(20_000);
  assert.deepEqual([pace.shown, pace.due], [20_000, 23_000]);
  clock.advance(250);
  assert.deepEqual([pace.shown, pace.due], [20_250, 23_250]);
  client.bufferMs = 500;
  assert.equal(pace.due, 20_750);
  pace.begin(1000, 400);
  assert.deepEqual([pace.shown, pace.due], [600, 1100]);
});

test("a client that does not say what it buffers has a second, and none has less than a tenth", () => {
  for (const [bufferMs, ahead] of [[0, 1000], [1, 100], [100, 100], [101, 101], [70_000, 60_000]]) {
    const { pace } = paceOf(bufferMs!);
    pace.begin(0);
    assert.equal(pace.due, ahead);
  }
});

test("what is not yet due goes out with what is: half of the buffer, and half a second at the most", () => {
  for (const [bufferMs, to] of [[600, 900], [1000, 1500], [1001, 1501], [8000, 8500]]) {
    const { pace } = paceOf(bufferMs!);
    pace.begin(0);
    assert.equal(pace.to(1e6), to);
  }
});

test("the rest of a block goes out if it is early by no more than the buffer or a second", () => {
  for (const [bufferMs, near] of [[600, 1200], [1000, 2000], [5000, 6000]]) {
    const { pace } = paceOf(bufferMs!);
    pace.begin(0);
    assert.deepEqual([pace.isNear(near!), pace.isNear(near! + 1)], [true, false]);
    assert.equal(pace.to(near!), near);
    assert.ok(pace.to(near! + 1) < near!);
    assert.equal(pace.to(-5), -5);
  }
});
