/** How much media may be held, and when room is made. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaBuffer, MediaMemory } from "../../src/hub/mod.ts";

const KiB = 1024;

test("all of the limit is handed out unless a share of it is named", () => {
  for (
    const [memory, bound] of [
      [new MediaMemory(1000), 1000],
      [new MediaMemory(1000, 0.5), 500],
    ] as const
  ) {
    assert.equal(memory.limit, 1000);
    memory.count(bound);
    assert.deepEqual([memory.exceeded, memory.excess], [false, 0]);
    memory.count(1);
    assert.deepEqual([memory.exceeded, memory.excess], [true, 1]);
  }
});

test("spare pages are forgotten for good", () => {
  const memory = new MediaMemory(1024 * KiB);
  const page = memory.page(KiB);
  memory.free(page);
  memory.dropSpare();
  assert.deepEqual([memory.spare, memory.used], [0, 0]);
  assert.notEqual(memory.page(KiB), page);
});

test("a page is kept only as long as both the share of spare ones and the bound allow it", () => {
  const memory = new MediaMemory(64 * KiB);
  const pages = Array.from({ length: 9 }, () => memory.page(KiB));
  // 8 KiB may be spare, but not where the bound is reached.
  memory.count(64 * KiB - memory.used + 1000);
  memory.free(pages.pop()!);
  assert.equal(memory.spare, 0);
  memory.count(-20 * KiB);
  for (const page of pages) memory.free(page);
  assert.equal(memory.spare, 8 * KiB);
});

test("what is on its way in counts when room is made, a quarter of the bound at most", () => {
  const memory = new MediaMemory(1600);
  let beside = 0;
  memory.beside = () => beside;
  memory.count(1300);
  assert.deepEqual([memory.over, memory.hasRoom], [false, true]);
  beside = 100;
  assert.deepEqual([memory.over, memory.hasRoom], [false, true]);
  beside = 101;
  assert.deepEqual([memory.over, memory.hasRoom], [false, false]);
  beside = 201;
  assert.equal(memory.over, true);
  memory.count(-400);
  beside = 1_000_000;
  assert.deepEqual([memory.over, memory.hasRoom], [false, true], "400 of it");
  // As much as could be was done at 1701: it is tried again 25 bytes later.
  memory.count(400);
  memory.relieved();
  assert.equal(memory.over, false);
  memory.count(26);
  assert.equal(memory.over, true);
  memory.count(-1);
  assert.equal(memory.over, false);
  memory.retry();
  assert.equal(memory.over, true);
});

test("who lets go of bytes twice gives them back once", () => {
  const memory = new MediaMemory();
  const buffer = new MediaBuffer(memory, new Uint8Array(100));
  const other = new MediaBuffer(memory, new Uint8Array(10));
  buffer.countMore(5);
  assert.equal(memory.used, 115);
  buffer.drop();
  buffer.drop();
  assert.equal(memory.used, 10);
  other.pin();
  other.drop();
  assert.equal(memory.used, 10, "a write of it may be under way");
  other.unpin();
  assert.equal(memory.used, 0);
});
