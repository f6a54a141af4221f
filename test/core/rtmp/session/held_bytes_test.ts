import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../../../src/core/errors.ts";
import { AssemblyBudget } from "../../../../src/core/rtmp/chunk/assembly_budget.ts";
import { HeldBytes } from "../../../../src/core/rtmp/session/held_bytes.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_HELD_BYTES = 1024 * 1024;

function setUp(maxBytes = Infinity) {
  const budget = new AssemblyBudget(maxBytes);
  return { budget, held: new HeldBytes(budget) };
}

test("what is pushed waits in its order, and is forgotten from its beginning", () => {
  const { budget, held } = setUp();
  assert.deepEqual([held.length, budget.used], [0, 0]);
  held.push(Uint8Array.of(1, 2, 3));
  assert.deepEqual([held.length, budget.used, [...held.bytes]], [3, 3, [1, 2, 3]]);
  held.drop(1);
  assert.deepEqual([held.length, [...held.bytes]], [2, [2, 3]]);
  held.push(Uint8Array.of(4));
  held.push(Uint8Array.of(5));
  assert.deepEqual([held.length, [...held.bytes]], [4, [2, 3, 4, 5]]);
  held.drop(4);
  assert.deepEqual([held.length, budget.used], [0, 0], "with the last byte its memory goes");
});

test("what waits is a copy", () => {
  const { held } = setUp();
  const bytes = Uint8Array.of(1, 2);
  held.push(bytes);
  bytes.fill(9);
  assert.deepEqual([...held.bytes], [1, 2]);
});

test("memory is at most twice what waits, and charged before it is there", () => {
  const { budget, held } = setUp();
  for (let count = 1; count <= 1000; count++) {
    held.push(new Uint8Array(10));
    assert.ok(budget.used >= held.length && budget.used <= 2 * held.length, `${budget.used}`);
  }
  held.clear();
  assert.equal(budget.used, 0);
  const short = setUp(99);
  assert.throws(() => short.held.push(new Uint8Array(100)), ProtocolError);
  assert.deepEqual([short.held.length, short.budget.used], [0, 0]);
});

test("a MiB may wait, and not a byte more, however it came", () => {
  const { held } = setUp();
  held.push(new Uint8Array(MAX_HELD_BYTES - 1));
  held.push(new Uint8Array(1));
  assert.equal(held.length, 1024 * 1024);
  assert.throws(() => held.push(new Uint8Array(1)), ProtocolError);
  held.drop(5);
  held.push(new Uint8Array(5));
  assert.equal(held.length, 1024 * 1024);
});

test("behind the last byte that was forgotten it begins anew", () => {
  const { held } = setUp();
  held.push(Uint8Array.of(1, 2, 3));
  held.drop(3);
  assert.equal(held.length, 0);
  held.push(Uint8Array.of(4, 5));
  assert.deepEqual([held.length, [...held.bytes]], [2, [4, 5]]);
});
