import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyClock } from "../../src/hub/key_clock.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const SELDOM_KEY_MS = 20_000;

test("pictures that go on for long by the clock make the next key frame overdue", () => {
  const keys = new KeyClock();
  keys.picture(0, SELDOM_KEY_MS);
  assert.equal(keys.isOverdue, false, "none has come");
  keys.key(0, 1000);
  assert.deepEqual([keys.at, keys.isOverdue], [1000, false]);
  keys.picture(0, 1000 + SELDOM_KEY_MS - 1);
  assert.equal(keys.isOverdue, false);
  keys.picture(0, 1000 + SELDOM_KEY_MS);
  assert.equal(keys.isOverdue, true);
  keys.key(0, 2 * SELDOM_KEY_MS);
  assert.equal(keys.isOverdue, false);
});

test("so do pictures that go on for long by their own time, also where that wraps", () => {
  for (const start of [0, 5000, 2 ** 32 - 3]) {
    const keys = new KeyClock();
    keys.key(start, 0);
    keys.picture((start + SELDOM_KEY_MS - 1) >>> 0, 0);
    assert.equal(keys.isOverdue, false);
    keys.picture((start + SELDOM_KEY_MS) >>> 0, 0);
    assert.equal(keys.isOverdue, true);
  }
});

test("a copy knows what the other knew, and goes on by itself", () => {
  const [one, other] = [new KeyClock(), new KeyClock()];
  one.key(700, 0);
  one.picture(700 + SELDOM_KEY_MS, 40);
  other.copy(one);
  assert.deepEqual([other.at, other.isOverdue], [0, true]);
  other.picture(740, 50);
  assert.deepEqual([other.isOverdue, one.isOverdue], [false, true]);
  one.picture(0, SELDOM_KEY_MS);
  other.copy(one);
  assert.equal(other.isOverdue, true);
  const third = new KeyClock();
  other.key(30_000, SELDOM_KEY_MS);
  third.copy(other);
  third.picture(30_000 + SELDOM_KEY_MS - 1, SELDOM_KEY_MS);
  assert.equal(third.isOverdue, false, "it counts from the same key frame");
  other.clear();
  assert.deepEqual([other.at, other.isOverdue], [undefined, false]);
});

test("the last distance of key frames is known by their own time, wraps included", () => {
  const keys = new KeyClock();
  keys.key(2 ** 32 - 500, 0);
  assert.equal(keys.gopMs, undefined, "there was one only");
  keys.key(1500, 900);
  assert.equal(keys.gopMs, 2000);
  keys.key(2500, 1000);
  const copy = new KeyClock();
  copy.copy(keys);
  assert.deepEqual([keys.gopMs, copy.gopMs], [1000, 1000]);
  keys.clear();
  assert.deepEqual([keys.at, keys.gopMs, copy.gopMs], [undefined, undefined, 1000]);
  keys.key(9000, 2000);
  assert.equal(keys.gopMs, undefined, "another publisher's");
});
