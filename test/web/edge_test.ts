/** How playback is kept near the newest picture. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webModule } from "../support/web_module.ts";

interface View {
  readonly time: number;
  readonly ranges: readonly (readonly [number, number])[];
  readonly target: number;
  readonly rate: number;
  readonly fresh?: boolean;
}

const { steer, afterStall, isLeftBehind, TARGET, MAX_TARGET } = await webModule<{
  isLeftBehind(view: { latency: number; target: number; targetDuration: number }): boolean;
  steer(view: View): { rate: number; seek?: number };
  afterStall(target: number): number;
  TARGET: number;
  MAX_TARGET: number;
}>("edge.js");

const view = (time: number, ...ranges: [number, number][]): View => ({
  time,
  ranges,
  target: TARGET,
  rate: 1,
});

test("playback at the edge is left alone", () => {
  assert.deepEqual(steer(view(9.9, [0, 10])), { rate: 1 });
  assert.deepEqual(steer(view(0)), { rate: 1 });
});

test("playback that is a little late hurries until it is where it should be", () => {
  const late = steer(view(9, [0, 10]));
  assert.deepEqual(late, { rate: 1.1 });
  assert.deepEqual(steer({ ...view(9.8, [0, 10]), rate: 1.1 }), { rate: 1.1 });
  assert.deepEqual(steer({ ...view(9.9, [0, 10]), rate: 1.1 }), { rate: 1 });
  assert.deepEqual(steer(view(9.8, [0, 10])), { rate: 1 }, "no hurry begins there");
});

test("playback that is far behind skips", () => {
  assert.deepEqual(steer(view(2, [0, 10])), { rate: 1, seek: 10 - TARGET });
});

test("playback that begins with a whole group of pictures skips to its end", () => {
  const fresh = { ...view(9, [9, 10]), fresh: true };
  assert.deepEqual(steer(fresh), { rate: 1, seek: 10 - TARGET });
  assert.deepEqual(steer({ ...fresh, time: 9.7 }), { rate: 1.1 });
});

test("playback in front of a gap skips it", () => {
  assert.deepEqual(steer(view(4.99, [0, 5], [9, 10])), { rate: 1, seek: 10 - TARGET });
  assert.deepEqual(steer(view(0, [3, 3.1])), { rate: 1, seek: 3 });
  assert.equal(steer(view(4, [0, 5], [9, 10])).seek, 10 - TARGET, "and what is old");
});

test("who runs dry is given more time, up to a bound", () => {
  let target = TARGET;
  for (let count = 0; count < 100; count++) target = afterStall(target);
  assert.equal(target, MAX_TARGET);
  assert.ok(afterStall(TARGET) > TARGET);
});

test("a player of HLS is left behind where its library would not hurry any more", () => {
  const view = { target: 1, targetDuration: 3 };
  assert.equal(isLeftBehind({ ...view, latency: 4 }), false);
  assert.equal(isLeftBehind({ ...view, latency: 4.1 }), true);
  assert.equal(isLeftBehind({ ...view, latency: 0.5 }), false);
});
