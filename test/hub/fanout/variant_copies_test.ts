/** Copies of encoded media for players of a variant, and the headers that they are made of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag } from "../../../src/hub/frame.ts";
import { MediaLog } from "../../../src/hub/fanout/media_log.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";
import { Prelude } from "../../../src/hub/fanout/prelude.ts";
import { VariantCopies } from "../../../src/hub/fanout/variant_copies.ts";
import { plainEncoder } from "../support.ts";

const KiB = 1024;
const encoder = {
  ...plainEncoder,
  vary: (bytes: Uint8Array, offset: number, variant: number) => void (bytes[offset] = variant),
};

/** A log of messages of these sizes, whose bytes are 1. */
function setUp(sizes: readonly number[], memory = new MediaMemory()) {
  const log = new MediaLog(memory);
  log.reserve(sizes.reduce((sum, size) => sum + size, 0));
  for (const size of sizes) {
    log.tail.bytes.fill(1, log.reserve(size), log.tail.length + size);
    log.commit(size, FrameFlag.Inter, 0, 0);
  }
  return { memory, page: log.tail, copies: new VariantCopies(encoder, memory) };
}

test("each message of a copy begins as the variant wants it, and the log stays as it is", () => {
  const { page, copies } = setUp([2, 3, 2]);
  assert.deepEqual([...copies.of(page, 0, 7, 9).view], [9, 1, 9, 1, 1, 9, 1]);
  assert.deepEqual([...copies.of(page, 2, 5, 8).view], [8, 1, 1]);
  assert.deepEqual([...page.bytes.subarray(0, 7)], [1, 1, 1, 1, 1, 1, 1]);
});

test("the last copy of a variant serves all its players at the same place", () => {
  const { page, copies, memory } = setUp([2, 3, 2]);
  const { used } = memory;
  const copy = copies.of(page, 0, 5, 9);
  assert.equal(copies.of(page, 0, 5, 9), copy);
  for (const [from, to, variant] of [[2, 5, 9], [0, 7, 9], [0, 5, 8]] as const) {
    assert.notEqual(copies.of(page, from, to, variant), copy);
  }
  assert.notEqual(copies.of(setUp([2, 3]).page, 0, 5, 8), copies.of(page, 0, 5, 8));
  assert.ok(memory.used > used);
  copies.drop();
  assert.equal(memory.used - memory.spare, used);
  assert.notEqual(copies.of(page, 0, 5, 9), copy);
});

test("64 KiB are copied at once, and of what is longer whole messages, at least one", () => {
  const { page, copies } = setUp([30 * KiB, 30 * KiB, 4 * KiB, 1, 70 * KiB, 5]);
  assert.equal(copies.endOf(page, 0), 64 * KiB);
  assert.equal(copies.endOf(page, 30 * KiB), 64 * KiB + 1);
  assert.equal(copies.endOf(page, 64 * KiB + 1), 134 * KiB + 1);
  assert.equal(copies.endOf(page, 134 * KiB + 1), page.length);
  const exact = setUp([30 * KiB, 34 * KiB]);
  assert.equal(exact.copies.endOf(exact.page, 0), 64 * KiB);
  const over = setUp([30 * KiB, 34 * KiB + 1]);
  assert.equal(over.copies.endOf(over.page, 0), 30 * KiB);
});

test("where memory is tight long messages are not copied, and short ones are", () => {
  const memory = new MediaMemory(1024 * KiB);
  const { page, copies } = setUp([64 * KiB, 64 * KiB + 1], memory);
  assert.ok(copies.mayCopy(page, 0) && copies.mayCopy(page, 64 * KiB));
  memory.count(900 * KiB);
  assert.ok(memory.tight);
  assert.deepEqual([copies.mayCopy(page, 0), copies.mayCopy(page, 64 * KiB)], [true, false]);
});

test("headers know where each of them begins, and are varied there", () => {
  const memory = new MediaMemory();
  const parts = [[1, 1], [1, 1, 1], [1]].map((bytes) => Uint8Array.from(bytes));
  const prelude = new Prelude(memory, parts);
  assert.deepEqual([...prelude.starts], [0, 2, 5]);
  const { copies } = setUp([1], memory);
  const { used } = memory;
  const varied = copies.ofPrelude(prelude, 7);
  assert.deepEqual([...varied.bytes], [7, 1, 7, 1, 1, 7]);
  assert.deepEqual([...prelude.bytes], [1, 1, 1, 1, 1, 1]);
  assert.equal(memory.used, used, "it counts while it is written only");
  varied.pin();
  assert.equal(memory.used, used + 6);
});

test("a copy takes memory for itself, wherever in its page it begins", () => {
  const { page, copies, memory } = setUp([8 * KiB, KiB]);
  const { used } = memory;
  assert.equal(copies.of(page, 8 * KiB, 9 * KiB, 9).buffer.bytes.length, KiB);
  assert.ok(memory.used - used < 2 * KiB, `${memory.used - used}`);
});
