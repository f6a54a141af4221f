/** Where one player is in a log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaLog } from "../../../src/hub/fanout/media_log.ts";
import { ReadingPlace } from "../../../src/hub/fanout/reading_place.ts";
import { FrameFlag } from "../../../src/hub/frame.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";

const KiB = 1024;
const { Inter, Key } = FrameFlag;

function setUp() {
  const log = new MediaLog(new MediaMemory());
  const add = (size: number, flags: number) => {
    log.reserve(size);
    log.commit(size, flags, 0, 0);
  };
  const place = new ReadingPlace();
  const at = () => place.page!.start + place.offset;
  return { log, add, place, at };
}

test("a place goes on to the newest key frame, wherever it begins", () => {
  const { log, add, place, at } = setUp();
  place.goLive(log);
  add(10, Inter);
  add(20, Key);
  add(30, Inter);
  assert.equal(place.goToKey(log), true);
  assert.equal(at(), 10);
  assert.equal(place.goToKey(log), true, "it is there already");
  assert.equal(at(), 10);
  add(5, Key);
  assert.equal(place.goToKey(log), true);
  assert.equal(at(), 60);
});

test("a key frame that the log does not keep as the newest is found all the same, ahead and not behind", () => {
  const { log, add, place, at } = setUp();
  place.goLive(log);
  add(10, Key);
  add(20, Inter);
  log.forgetKey();
  place.goTo(log, 10);
  assert.equal(place.goToKey(log), false, "it is behind");
  assert.equal(at(), 10);
  add(7, Key);
  log.forgetKey();
  assert.equal(place.goToKey(log), true);
  assert.equal(at(), 30);
});

test("a key frame may be the first of its page, and of the log", () => {
  const { log, add, place, at } = setUp();
  place.goLive(log);
  add(16 * KiB, Inter);
  add(100, Key);
  log.forgetKey();
  assert.equal(place.goToKey(log), true);
  assert.deepEqual([place.offset, at(), place.page], [0, 16 * KiB, log.tail]);
});

test("a place goes where a message begins or ends, and nowhere else", () => {
  const { log, add, place, at } = setUp();
  place.goLive(log);
  add(10, Inter);
  add(16 * KiB, Inter);
  place.goTo(log, 5);
  assert.equal(at(), 0);
  place.goTo(log, 10);
  assert.equal(at(), 10);
  place.goTo(log, 10 + 16 * KiB);
  assert.equal(at(), 10 + 16 * KiB);
  place.goTo(log, 11 + 16 * KiB);
  assert.equal(at(), 10 + 16 * KiB, "there is nothing yet");
});
