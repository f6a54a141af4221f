import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag } from "../../../src/hub/frame.ts";
import { MediaLog } from "../../../src/hub/fanout/media_log.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";

const KiB = 1024;
const { Header, Inter, Key, TrackKey } = FrameFlag;

function setUp() {
  const memory = new MediaMemory();
  const log = new MediaLog(memory);
  const add = (size: number, flags: number = 0, now = 0, timestamp = now) => {
    const offset = log.reserve(size);
    log.commit(size, flags, timestamp, now);
    return offset;
  };
  return { memory, log, add };
}

test("an empty log takes no memory; the first page is 16 KiB", () => {
  const { memory, log, add } = setUp();
  assert.deepEqual([memory.used, log.heldBytes, log.end, log.keyPosition], [0, 0, 0, -1]);
  assert.equal(add(1), 0);
  assert.deepEqual([log.heldBytes, log.tail.bytes.length, log.end], [16 * KiB, 16 * KiB, 1]);
  assert.equal(add(16 * KiB - 1), 1, "as long as there is room");
  assert.equal(log.heldBytes, 16 * KiB);
  assert.equal(add(1), 0, "and no byte more");
  assert.equal(log.tail.start, 16 * KiB);
});

test("pages that fill quickly grow up to 256 KiB, a larger message has one of its own size", () => {
  const { log, add } = setUp();
  const sizes = [];
  for (let count = 0; count < 6; count++) {
    add(1, 0, 0);
    add(log.tail.bytes.length - 1, 0, 1999);
    sizes.push(log.tail.bytes.length / KiB);
  }
  assert.deepEqual(sizes, [16, 32, 64, 128, 256, 256]);
  add(512 * KiB);
  assert.equal(log.tail.bytes.length, 512 * KiB);
});

test("pages that fill slowly shrink, those in between stay", () => {
  for (
    const [ms, next] of [[1999, 128], [2000, 64], [8000, 64], [8001, 32]] as const
  ) {
    const { log, add } = setUp();
    add(64 * KiB - 1, 0, 0);
    assert.equal(log.tail.bytes.length, 64 * KiB);
    add(1, 0, ms);
    add(1, 0, ms);
    assert.equal(log.tail.bytes.length, next * KiB, `${ms} ms`);
  }
  const { log, add } = setUp();
  add(16 * KiB - 1, 0, 0);
  add(1, 0, 9000);
  add(1, 0, 9000);
  assert.equal(log.tail.bytes.length, 16 * KiB, "and none below the first");
});

test("a page that nobody reads is given back, one that is held is kept with all behind it", () => {
  const { memory, log, add } = setUp();
  add(16 * KiB);
  const first = log.tail;
  log.hold(first);
  log.hold(first);
  add(32 * KiB);
  const second = log.tail;
  add(64 * KiB);
  assert.equal(log.heldBytes, 112 * KiB);
  log.release(first);
  assert.equal(log.heldBytes, 112 * KiB, "another one still reads it");
  log.hold(second);
  log.release(first);
  assert.equal(log.heldBytes, 96 * KiB);
  assert.equal(first.next, undefined);
  log.release(second);
  assert.equal(log.heldBytes, 64 * KiB);
  log.clear();
  assert.deepEqual([log.heldBytes, memory.used - memory.spare], [0, 0]);
});

test("messages are found by where they begin", () => {
  const { log, add } = setUp();
  for (const [size, flags] of [[10, Header], [20, Key], [30, Inter], [40, Key]] as const) {
    add(size, flags, size, 1000 + size);
  }
  const page = log.tail;
  const offsets = [0, 1, 10, 11, 30, 31, 60, 61, 100];
  assert.deepEqual(offsets.map((offset) => page.indexAt(offset)), [0, 1, 1, 2, 2, 3, 3, 4, 4]);
  assert.deepEqual(
    offsets.map((offset) => page.begins(offset)),
    [true, false, true, false, true, false, true, false, true],
  );
  assert.deepEqual([0, 10, 30, 60].map((offset) => page.stampAt(offset)), [1010, 1020, 1030, 1040]);
  assert.deepEqual(
    [0, 10, 11, 60, 61].map((offset) => page.indexOf(Key, offset)),
    [1, 1, 3, 3, -1],
  );
  assert.deepEqual(page.times, [10, 20, 30, 40]);
});

test("the newest GOP begins with its key frame, and is kept with all that follows", () => {
  const { log, add } = setUp();
  add(100, Header);
  assert.equal(log.headersEnd, 100);
  add(50, Key);
  assert.equal(log.keyPosition, 100);
  add(16 * KiB, Inter);
  add(32 * KiB, Inter);
  assert.equal(log.keyPosition, 100);
  assert.deepEqual([log.keyPage?.start, log.keyOffset], [0, 100]);
  assert.equal(log.headersEnd, 100);
  const held = log.heldBytes;
  add(7, Key);
  assert.equal(log.keyPosition, 150 + 48 * KiB);
  assert.ok(log.heldBytes < held, "the one before is given back");
  log.forgetKey();
  assert.equal(log.keyPosition, -1);
  log.clear();
  assert.deepEqual([log.headersEnd, log.heldBytes], [0, 0]);
});

test("a GOP begins with the first key frame of another track right ahead of it", () => {
  const { log, add } = setUp();
  add(10, Inter);
  add(20, TrackKey);
  add(30, TrackKey);
  add(40, Key);
  assert.equal(log.keyPosition, 10);
  add(50, TrackKey);
  log.endKeys();
  add(60, Inter);
  add(70, TrackKey);
  add(80, Key);
  assert.equal(log.keyPosition, 210, "a picture between them ends that");
  add(90, Key);
  assert.equal(log.keyPosition, 360);
});

test("key frames of other tracks on an earlier page keep that page", () => {
  const { log, add } = setUp();
  add(16 * KiB, TrackKey);
  add(32 * KiB, Key);
  assert.deepEqual([log.keyPosition, log.heldBytes], [0, 48 * KiB]);
  add(64 * KiB, TrackKey);
  assert.equal(log.heldBytes, 112 * KiB);
  log.forgetKey();
  assert.equal(log.heldBytes, 64 * KiB);
  add(1, Key);
  assert.equal(log.keyPosition, 112 * KiB, "what was forgotten is no part of the next one");
});

test("positions are counted from another beginning", () => {
  const { log, add } = setUp();
  add(16 * KiB - 5);
  add(5, Key);
  add(100, Inter);
  log.rebase(1_000_000);
  assert.deepEqual([log.keyPosition, log.end], [1_000_000, 1_000_105]);
  assert.deepEqual(log.tail.start, 1_000_005);
});

test("what is known of messages counts as memory beside their bytes, some 40 a message", () => {
  const { memory, add } = setUp();
  add(1);
  const { used } = memory;
  for (let count = 0; count < 1000; count++) add(1);
  assert.equal(memory.used - used, 40_000);
});
