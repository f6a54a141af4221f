/** Whose turn it is to be sent a picture, and which wait for the next one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HalfTurns } from "../../../src/hub/fanout/half_turns.ts";

/** Pictures that have come every `gap` ms up to and with `now`. */
function paced(gap: number, now = 1000): HalfTurns {
  const turns = new HalfTurns();
  for (let at = now - 10 * gap; at <= now; at += gap) turns.picture(at);
  return turns;
}

test("a picture may wait where the next one comes in time, and not where none is due", () => {
  const turns = paced(40);
  assert.equal(turns.areShort(1000, 40), true);
  assert.equal(turns.areShort(1000, 39), false, "the next one is later");
  assert.equal(turns.areShort(1040, 40), true);
  assert.equal(turns.areShort(1041, 40), false, "it has not come");
  assert.equal(turns.areShort(1000, 0), false, "nothing waits");
  assert.equal(new HalfTurns().areShort(1000, 40), false, "nothing is known");
});

test("one picture is no rhythm, and behind a pause of a second there is none either", () => {
  const turns = new HalfTurns();
  turns.picture(0);
  assert.equal(turns.areShort(0, 500), false);
  turns.picture(40);
  assert.equal(turns.areShort(40, 40), true);
  turns.picture(1039);
  assert.equal(turns.areShort(1039, 1000), true, "not quite a second");
  turns.picture(2039);
  assert.equal(turns.areShort(2039, 1000), false);
  turns.picture(2079);
  assert.equal(turns.areShort(2079, 40), true, "it is learned anew");
});

test("the distance is learned an eighth at a time", () => {
  const turns = paced(40);
  turns.picture(1080); // 80 behind: 45 are expected now
  assert.deepEqual([turns.areShort(1080, 44), turns.areShort(1080, 45)], [false, true]);
  turns.picture(1085); // 5 behind: 40
  assert.deepEqual([turns.areShort(1085, 39), turns.areShort(1085, 40)], [false, true]);
});

/** Which half is sent each of `count` pictures. */
function halves(turns: HalfTurns, holdMs: number, count: number): (0 | 1 | undefined)[] {
  return Array.from({ length: count }, (_, index) => turns.next(1000 + index, holdMs));
}

test("both halves have their turn, half a round apart, and a round is what fits into the wait", () => {
  const none = undefined;
  assert.deepEqual(halves(paced(40), 40, 4), [0, 1, 0, 1]);
  assert.deepEqual(halves(paced(40), 79, 4), [0, 1, 0, 1]);
  assert.deepEqual(halves(paced(40), 80, 6), [0, 1, none, 0, 1, none]);
  assert.deepEqual(halves(paced(40), 120, 8), [0, none, 1, none, 0, none, 1, none]);
  const most = [0, none, none, none, 1, none, none, none];
  assert.deepEqual(halves(paced(1), 1000, 16), [...most, ...most], "eight pictures at the most");
});

test("it is known since when each half has been kept waiting", () => {
  const turns = paced(40);
  assert.equal(turns.heldSince, Infinity);
  assert.equal(turns.next(1000, 120), 0);
  assert.equal(turns.heldSince, 1000, "the second half waits for this one");
  turns.next(1040, 120);
  assert.equal(turns.heldSince, 1000);
  assert.equal(turns.next(1080, 120), 1);
  assert.equal(turns.heldSince, 1040, "the first half for the one before");
  turns.flushed();
  assert.equal(turns.heldSince, Infinity);
  turns.next(1120, 120);
  assert.equal(turns.heldSince, 1120);
  turns.next(1160, 120);
  turns.flushed();
  assert.equal(turns.heldSince, Infinity);
});
