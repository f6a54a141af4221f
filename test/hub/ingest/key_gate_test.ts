import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyGate } from "../../../src/hub/ingest/key_gate.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const HINT_AFTER_MS = 5000;
const HINT_AFTER_PICTURES = 250;

test("no picture passes before a key frame, and each that does not is counted", () => {
  const gate = new KeyGate();
  assert.deepEqual([gate.isOpen, gate.dropped, gate.isStuck(1e9)], [false, 0, false]);
  assert.equal(gate.passes(true, 0), false);
  assert.equal(gate.passes(false, 0), false);
  assert.equal(gate.dropped, 2);
  gate.open(true);
  assert.deepEqual([gate.passes(true, 0), gate.passes(false, 0)], [true, true]);
  assert.deepEqual([gate.isOpen, gate.dropped], [true, 2]);
});

test("a key frame of another track lets the other tracks pass, the default one not", () => {
  const gate = new KeyGate();
  gate.open(false);
  assert.equal(gate.isOpen, true);
  assert.deepEqual([gate.passes(false, 0), gate.passes(true, 0)], [true, false]);
  assert.equal(gate.dropped, 1);
});

test("a publisher is stuck after some seconds from the first picture that was dropped on", () => {
  const gate = new KeyGate();
  gate.passes(true, 7000);
  gate.passes(true, 9000);
  assert.equal(gate.isStuck(7000 + HINT_AFTER_MS - 1), false);
  assert.equal(gate.isStuck(7000 + HINT_AFTER_MS), true);
});

test("a single picture that was dropped long ago is enough, and none is not", () => {
  const gate = new KeyGate();
  assert.equal(gate.isStuck(1e9), false);
  gate.passes(true, 100);
  assert.deepEqual([gate.isStuck(5099), gate.isStuck(5100)], [false, true]);
});

test("or after so many pictures, however quickly they come", () => {
  const gate = new KeyGate();
  for (let count = 1; count < HINT_AFTER_PICTURES; count++) gate.passes(true, 0);
  assert.equal(gate.isStuck(0), false);
  gate.passes(true, 0);
  assert.equal(gate.isStuck(0), true);
});

test("a new publisher begins with a closed gate and nothing counted", () => {
  const gate = new KeyGate();
  for (const isMain of [true, false]) {
    gate.passes(true, 0);
    gate.open(isMain);
    gate.keys.key(0, 5);
    gate.clear();
    assert.deepEqual([gate.isOpen, gate.dropped, gate.keys.at], [false, 0, undefined]);
    assert.deepEqual([gate.passes(isMain, 8000), gate.isStuck(8001)], [false, false]);
  }
});
