/** Where one player is in a log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaLog } from "../../../src/hub/fanout/media_log.ts";
import { Prelude } from "../../../src/hub/fanout/prelude.ts";
import { ReadingPlace } from "../../../src/hub/fanout/reading_place.ts";
import { FrameFlag } from "../../../src/hub/frame.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";

const KiB = 1024;
const { Inter, Key } = FrameFlag;

function setUp() {
  const memory = new MediaMemory();
  const log = new MediaLog(memory);
  const add = (size: number, flags: number) => {
    log.reserve(size);
    log.commit(size, flags, 0, 0);
  };
  const place = new ReadingPlace();
  const at = () => place.page!.start + place.offset;
  return { log, add, place, at, memory };
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

test("what is read next has waited since it came, and nothing has where nothing is read", () => {
  const { log, place } = setUp();
  assert.equal(place.lagMs(5000), 0);
  place.goLive(log);
  assert.equal(place.lagMs(5000), 0, "there is nothing yet");
  for (const now of [100, 140]) {
    log.reserve(10);
    log.commit(10, Inter, 0, now);
  }
  assert.equal(place.lagMs(5000), 5000 - 100);
  place.goTo(log, 10);
  assert.equal(place.lagMs(5000), 5000 - 140);
  place.goTo(log, 20);
  assert.equal(place.lagMs(5000), 0);
  log.reserve(16 * KiB);
  log.commit(16 * KiB, Inter, 0, 180);
  assert.equal(place.lagMs(5000), 5000 - 180, "it is in the next page");
});

test("what is owed, and what was handed out, is held until the place has other business", () => {
  const { log, add, place, memory } = setUp();
  const headers = [1, 2].map((count) => new Prelude(memory, [new Uint8Array(100 * count)]));
  const [first, second] = headers;
  for (const each of headers) place.owe(each);
  for (const each of headers) each.drop();
  assert.equal(memory.used, second!.bytes.length, "the first one is owed no longer");
  place.hand(first);
  place.owe(undefined);
  assert.equal(memory.used, first!.bytes.length);
  assert.equal(place.handedBytes, 100);
  place.hand(first);
  place.hand(undefined);
  assert.deepEqual([memory.used, place.handedBytes], [0, 0]);

  const third = new Prelude(memory, [new Uint8Array(50)]);
  add(10, Key);
  const { used } = memory;
  place.goLive(log);
  place.owe(third);
  place.hand(third);
  third.drop();
  const sink = { busy: true };
  place.leave(log, sink);
  assert.deepEqual([place.page, place.prelude, place.handedBytes], [undefined, undefined, 0]);
  assert.equal(memory.used, used, "a write of it may be under way");
  sink.busy = false;
  memory.sweep();
  assert.equal(memory.used, used - 50);
  place.owe(new Prelude(memory, [new Uint8Array(70)]));
  place.prelude!.drop();
  place.leave(undefined, sink);
  assert.equal(memory.used, used - 50, "what was still owed goes at once");
});
