import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag } from "../../../src/hub/frame.ts";
import { KeyClock } from "../../../src/hub/key_clock.ts";
import { LagLimits } from "../../../src/hub/fanout/lag_limits.ts";
import { MediaLog } from "../../../src/hub/fanout/media_log.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";
import { Omissions } from "../../../src/hub/fanout/omissions.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const KEY_WAIT_MS = 2000;
const SELDOM_KEY_MS = 20_000;
const MAX_STEP_BACK_MS = 1000;

const { Key, Header, Inter, Disposable } = FrameFlag;
/** Letters of messages by their flags. */
const FLAGS: Readonly<Record<string, number>> = {
  K: Key,
  H: Header,
  i: Inter,
  d: Inter | Disposable,
  a: 0,
};

/** A log of one page with ten bytes for each letter, a millisecond apart. */
function setUp(letters: string, { limit = 1000 } = {}) {
  const log = new MediaLog(new MediaMemory());
  [...letters].forEach((letter, index) => {
    log.reserve(10);
    log.commit(10, FLAGS[letter]!, index, index);
  });
  const omissions = new Omissions();
  const limits = new LagLimits({ bytes: limit, ms: 1e9, overflows: 0 });
  const keys = new KeyClock();
  /** The letters that are taken at once from a letter on, and how many were dropped before. */
  const next = (index: number, lag = 0) => {
    omissions.next(log.tail, 10 * index, lag, limits, keys);
    return [letters.slice(omissions.start / 10, omissions.end / 10), omissions.dropped];
  };
  return { log, omissions, keys, next };
}

test("nothing is left out of a player that keeps up", () => {
  const { omissions, next } = setUp("KiadH");
  assert.equal(omissions.any, false);
  assert.deepEqual(next(0), ["KiadH", 0]);
  assert.deepEqual(next(2), ["adH", 0]);
});

test("up to the next key frame inter frames are left out, and what is taken ends behind that", () => {
  const { omissions, next } = setUp("aiaddaKia");
  omissions.awaitKey(0, false);
  assert.equal(omissions.any, true);
  assert.deepEqual(next(0), ["a", 0], "they do not count as dropped");
  assert.deepEqual(next(1), ["a", 0]);
  assert.deepEqual(next(3), ["aK", 0]);
  assert.equal(omissions.awaitsKey, false);
  assert.deepEqual(next(7), ["ia", 0]);
});

test("a key frame right ahead is taken with what follows, in step with the others", () => {
  const { omissions, next } = setUp("iKi");
  omissions.awaitKey(0, false);
  assert.deepEqual(next(0), ["", 0], "it goes on without a view of its own");
  assert.deepEqual([omissions.awaitsKey, omissions.end], [false, 10]);
});

test("of a player over half of its limit disposable frames are dropped and counted", () => {
  const { next } = setUp("ddiadK", { limit: 100 });
  assert.deepEqual(next(0, 50), ["ddiadK", 0]);
  assert.deepEqual(next(0, 51), ["ia", 2]);
  assert.deepEqual(next(4, 51), ["K", 1]);
});

test("over three quarters inter frames are, up to a key frame, and sound and headers go on", () => {
  const { omissions, next } = setUp("ididaHiKi", { limit: 100 });
  assert.deepEqual(next(0, 76), ["aH", 4]);
  assert.equal(omissions.awaitsKey, true);
  assert.deepEqual(next(6, 76), ["K", 1], "and no more at once of what might be too late");
  assert.equal(omissions.awaitsKey, false);
  const near = setUp("ii", { limit: 100 });
  assert.deepEqual(near.next(0, 75), ["ii", 0]);
});

test("a late player is not sent disposable frames until it has caught up", () => {
  const { omissions, next } = setUp("didid");
  omissions.isLate = true;
  assert.equal(omissions.any, true);
  assert.deepEqual(next(0), ["i", 1]);
  omissions.caughtUp();
  assert.deepEqual([omissions.isLate, omissions.any], [false, false]);
  assert.deepEqual(next(2), ["did", 0]);
  omissions.isLate = true;
  omissions.awaitKey(0, true);
  omissions.leaveOutUpTo(3);
  omissions.leaveOutHeadersUpTo(10);
  omissions.clear();
  assert.equal(omissions.any, false);
});

test("where key frames are overdue one is waited for as long as that is worth, then no more", () => {
  const waited = (ms: number, overdue: boolean) => {
    const { omissions, next, keys } = setUp("");
    const log = new MediaLog(new MediaMemory());
    void next;
    log.reserve(10);
    log.commit(10, Inter, 0, 1000 + ms);
    keys.key(0, 0);
    if (overdue) keys.picture(0, SELDOM_KEY_MS);
    omissions.awaitKey(1000, false);
    // Asked for again, it is still the same wait.
    omissions.awaitKey(1500, false);
    const limits = new LagLimits({ bytes: 1000, ms: 1e9, overflows: 0 });
    omissions.next(log.tail, 0, 0, limits, keys);
    return omissions.awaitsKey;
  };
  assert.equal(waited(KEY_WAIT_MS - 1, true), true);
  assert.equal(waited(KEY_WAIT_MS, true), false);
  assert.equal(waited(KEY_WAIT_MS, false), true, "there is one every now and then");
});

test("media up to a time that was seen is left out, headers are not, until time has gone on", () => {
  const { omissions, next } = setUp("aiHaia");
  omissions.leaveOutUpTo(3);
  assert.equal(omissions.any, true);
  assert.deepEqual(next(0), ["H", 0]);
  assert.deepEqual(next(3), ["ia", 0]);
  const far = setUp("a");
  far.omissions.leaveOutUpTo(2 ** 32 - MAX_STEP_BACK_MS);
  assert.deepEqual(far.next(0), ["a", 0]);
  assert.equal(far.omissions.any, true, "a step back may still come");
  const further = setUp("a");
  further.omissions.leaveOutUpTo(2 ** 32 - MAX_STEP_BACK_MS - 1);
  assert.deepEqual(further.next(0), ["a", 0]);
  assert.equal(further.omissions.any, false);
});

test("headers that are older than those sent first are left out, later ones are not", () => {
  const { omissions, next } = setUp("aHaHa");
  omissions.leaveOutHeadersUpTo(20);
  assert.equal(omissions.any, true);
  assert.deepEqual(next(0), ["a", 0]);
  assert.deepEqual(next(1), ["aHa", 0]);
  assert.equal(omissions.any, true);
  next(2);
  assert.equal(omissions.any, false, "behind them there is nothing to leave out");
});

test("a player that is behind is handed 64 KiB at once, give or take a message", () => {
  const log = new MediaLog(new MediaMemory());
  log.reserve(1000 * 100);
  for (let count = 0; count < 100; count++) log.commit(1000, 0, 0, 0);
  const omissions = new Omissions();
  omissions.isLate = true;
  const limits = new LagLimits({ bytes: 1e6, ms: 1e9, overflows: 0 });
  omissions.next(log.tail, 0, 0, limits, new KeyClock());
  assert.deepEqual([omissions.start, omissions.end], [0, 66_000]);
});

test("what is skipped counts, but headers, of which it is told whether there were any", () => {
  const { log, omissions } = setUp("KiHai");
  assert.equal(omissions.skip(log.tail, 0, 20), false);
  assert.equal(omissions.dropped, 2);
  assert.equal(omissions.skip(log.tail, 10, 50), true);
  assert.equal(omissions.dropped, 3);
  assert.equal(omissions.skip(log.tail, 30, 50), false);
  assert.equal(omissions.dropped, 2);
  const { tail } = log;
  log.hold(tail);
  log.reserve(16 * 1024);
  log.commit(16 * 1024, 0, 0, 0);
  assert.equal(omissions.skip(tail, 30, log.end), false);
  assert.equal(omissions.dropped, 3, "over pages");
  assert.equal(omissions.skip(tail, 30, 50), false);
  assert.equal(omissions.dropped, 2);
});
