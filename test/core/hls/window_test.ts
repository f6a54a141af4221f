/** What a media playlist lists and keeps: at each bound, and one above. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../src/core/errors.ts";
import { MediaWindow, type WindowLimits } from "../../../src/core/hls/mod.ts";

const SECOND = 90_000;

const LIMITS: WindowLimits = {
  targetDuration: 2 * SECOND,
  partTarget: SECOND,
  listed: 8 * SECOND,
  bytes: 1000,
  segments: 50,
};

/** A window of bodies that are their own sizes. */
function setUp(limits: Partial<WindowLimits> = {}, first = 0) {
  const window = new MediaWindow<number>({ ...LIMITS, ...limits }, (size) => size, first);
  const dropped: number[] = [];
  window.onDrop = ({ msn }) => dropped.push(msn);
  /** A segment of two parts, each of half of `seconds` and `size`. */
  const segment = (seconds = 2, size = 2, discontinuity = false) => {
    window.begin({ uri: `s${window.nextMsn}`, programTime: "", discontinuity, map: undefined });
    for (const independent of [true, false]) {
      window.add({ uri: "p", duration: seconds * SECOND / 2, independent, body: size / 2 });
    }
    return window.close()!;
  };
  return { window, dropped, segment };
}

test("an empty window holds nothing, and begins with the number it was given", () => {
  const { window } = setUp({}, 7);
  assert.deepEqual(
    [window.bytes, window.duration, window.version, window.discontinuitySequence],
    [0, 0, 0, 0],
  );
  assert.deepEqual([window.mediaSequence, window.nextMsn, window.ended], [7, 7, false]);
  assert.equal(window.open, undefined);
});

test("segments are listed for as long as what is behind them is too short, then kept for a while", () => {
  const { window, dropped, segment } = setUp();
  for (let count = 0; count < 4; count++) segment();
  assert.deepEqual([window.mediaSequence, window.duration], [0, 8 * SECOND]);
  segment();
  assert.deepEqual([window.mediaSequence, window.duration], [1, 8 * SECOND], "8 s are listed");
  assert.deepEqual(window.kept.map(({ msn }) => msn), [0, 1, 2, 3, 4]);
  for (let count = 0; count < 2; count++) segment();
  assert.deepEqual(dropped, [], "three Target Durations more are kept");
  segment();
  assert.deepEqual(dropped, [0]);
  assert.equal(window.bytes, 2 * window.kept.length);
});

test("at least three Target Durations are listed, whatever is wished", () => {
  const { window, segment } = setUp({ listed: 0 });
  for (let count = 0; count < 9; count++) segment();
  assert.equal(window.duration, 6 * SECOND);
  assert.equal(window.segments.length, 3);
});

test("over the bytes and over the number the oldest go, but for the last one", () => {
  const bytes = setUp({ bytes: 20 });
  for (let count = 0; count < 2; count++) bytes.segment(2, 10);
  assert.deepEqual(bytes.dropped, [], "20 bytes are as many as may be");
  bytes.segment(2, 2);
  assert.deepEqual(bytes.dropped, [0]);
  assert.deepEqual([bytes.window.bytes, bytes.window.mediaSequence], [12, 1]);
  bytes.segment(2, 5000);
  assert.deepEqual(bytes.dropped, [0, 1, 2]);
  assert.deepEqual([bytes.window.kept.length, bytes.window.bytes], [1, 5000]);

  const number = setUp({ segments: 3, listed: Infinity });
  for (let count = 0; count < 3; count++) number.segment();
  assert.deepEqual(number.dropped, []);
  number.segment();
  assert.deepEqual(number.dropped, [0]);
});

test("discontinuities are counted once they are not listed any more, however they went", () => {
  const { window, segment } = setUp({ segments: 5 });
  segment(2, 2, true);
  for (let count = 0; count < 3; count++) segment();
  assert.equal(window.discontinuitySequence, 0);
  segment();
  assert.equal(window.discontinuitySequence, 1, "it slid out");
  const other = setUp({ segments: 2, listed: Infinity });
  for (let count = 0; count < 4; count++) other.segment(2, 2, count < 2);
  assert.equal(other.window.discontinuitySequence, 2, "they were dropped");
});

test("the segment that grows is seen from its first part on, and is as independent as that", () => {
  const { window } = setUp();
  const start = { uri: "s0", programTime: "t", discontinuity: false, map: "m" };
  window.begin(start);
  assert.equal(window.open, undefined);
  assert.throws(() => window.begin(start), UsageError);
  for (const independent of [false, true]) {
    window.add({ uri: "p", duration: SECOND, independent, body: 3 });
  }
  assert.deepEqual(
    [window.open!.independent, window.open!.duration, window.bytes, window.version],
    [false, 2 * SECOND, 6, 2],
  );
  assert.equal(window.close()!.msn, 0);
  assert.deepEqual([window.version, window.nextMsn], [3, 1]);
  assert.throws(
    () => window.add({ uri: "p", duration: 1, independent: true, body: 1 }),
    UsageError,
  );
});

test("a segment without a part is none, and its number is for the next one", () => {
  const { window } = setUp();
  window.begin({ uri: "s0", programTime: "", discontinuity: false, map: undefined });
  assert.equal(window.close(), undefined);
  assert.deepEqual([window.nextMsn, window.version], [0, 0]);
  window.end();
  assert.deepEqual([window.ended, window.version], [true, 1]);
});

test("bytes that are kept elsewhere are let go of, and are not counted again when it is dropped", () => {
  const { window, dropped, segment } = setUp();
  const [first] = [segment(), segment()];
  window.release(first);
  assert.deepEqual([window.bytes, first.parts.length, window.segments.length], [2, 0, 2]);
  assert.ok(window.dropOldest());
  assert.deepEqual([window.bytes, dropped], [2, [0]]);
  assert.ok(window.dropOldest());
  assert.deepEqual([window.dropOldest(), window.bytes, window.version], [false, 0, 8]);
});

test("what is cleared is told of, the segment that grows as well", () => {
  const { window, dropped, segment } = setUp();
  segment();
  window.begin({ uri: "s1", programTime: "", discontinuity: false, map: undefined });
  window.add({ uri: "p", duration: SECOND, independent: true, body: 3 });
  window.clear();
  assert.deepEqual(dropped, [0, 1]);
  assert.deepEqual([window.bytes, window.duration, window.kept.length], [0, 0, 0]);
  assert.equal(window.open, undefined);
  segment();
  assert.deepEqual(window.segments.map(({ msn }) => msn), [1]);
});

test("what is hidden goes by how long it is itself, and by what is hidden behind it", () => {
  const { window, dropped, segment } = setUp({ listed: 0, targetDuration: 10 * SECOND });
  for (const seconds of [5, 30, 10, 30]) segment(seconds);
  // 5, 30 and 10 seconds are hidden: without the first 40 are left, without the second 10.
  assert.deepEqual([window.mediaSequence, dropped], [3, [0]]);
});

test("the end makes a segment of what has come of it", () => {
  const { window } = setUp();
  window.begin({ uri: "s0", programTime: "", discontinuity: false, map: undefined });
  window.add({ uri: "p", duration: SECOND, independent: true, body: 1 });
  window.end();
  assert.deepEqual([window.ended, window.open, window.segments.length], [true, undefined, 1]);
});
