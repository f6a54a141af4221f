/** Where segments end. Times in ticks, 90,000 a second. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { endsAtKey, isTooLong, planSegments } from "../../../src/core/hls/mod.ts";

const S = 90_000;
const target = (wish: number, gop?: number) => planSegments(wish * S, gop && gop * S).target / S;

test("the Target Duration holds as many GOPs as the wish takes, to the whole second", () => {
  assert.deepEqual(planSegments(2 * S, 2 * S), { wish: 2 * S, target: 2 * S });
  assert.equal(target(2, 1), 2);
  assert.equal(target(2, 0.9), 3, "three of them");
  assert.equal(target(2, 0.95), 2, "two are near enough");
  assert.equal(target(2, 1.9), 2);
  assert.equal(target(2, 1.89), 4);
  assert.equal(target(1, 2.2), 2, "what is rounded down");
  assert.equal(target(1, 2.3), 3);
  assert.equal(target(0.1, 0.1), 1);
});

test("of a GOP that is not known there is half as much again as is wished for", () => {
  assert.equal(target(2), 3);
  assert.equal(target(2, 0), 3);
  assert.equal(planSegments(2 * S, -1).target, 3 * S);
  assert.equal(planSegments(2 * S, 1).target, 2 * S);
});

test("the Target Duration is ten seconds at the most, unless more is wished for", () => {
  assert.equal(target(2, 10), 10);
  assert.equal(target(2, 11), 10);
  assert.equal(target(2, 300), 10);
  assert.equal(target(12, 11), 12);
  assert.equal(target(11.5, 20), 12);
});

test("a segment ends at a key frame when it is nearly as long as wished, or has begun without one", () => {
  const plan = { wish: 2 * S, target: 3 * S };
  assert.equal(endsAtKey(plan, 1.9 * S, true), true);
  assert.equal(endsAtKey(plan, 1.9 * S - 1, true), false);
  assert.equal(endsAtKey(plan, 1, false), true);
  const long = { wish: 20 * S, target: 10 * S };
  assert.equal(endsAtKey(long, 10 * S - 1, true), false);
  assert.equal(endsAtKey(long, 10 * S, true), true);
});

test("a segment is too long when it would be rounded to more than the Target Duration", () => {
  const plan = { wish: 2 * S, target: 3 * S };
  assert.equal(isTooLong(plan, 3.5 * S - 1), false);
  assert.equal(isTooLong(plan, 3.5 * S), true);
});

test("a last GOP that was far longer than the wish makes the room larger, a shorter one changes nothing", () => {
  const room = (gop: number | undefined, last: number) =>
    planSegments(2 * S, gop && gop * S, last * S).target / S;
  assert.deepEqual([room(undefined, 1), room(undefined, 2.9)], [3, 3]);
  assert.deepEqual([room(undefined, 4), room(undefined, 5.6)], [4, 6]);
  assert.deepEqual([room(1, 5), room(5, 4)], [5, 5]);
});
