/** Who is told what becomes of streams. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Observers } from "../../src/hub/observers.ts";

test("it is known whether anybody would answer, as long as he is there", () => {
  const observers = new Observers();
  const has = () => [observers.bringers, observers.claimants];
  assert.deepEqual(has(), [false, false]);
  observers.add({ onLive() {}, onLeft() {}, onEnded() {} });
  assert.deepEqual(has(), [false, false]);
  const bringer = observers.add({ onWanted() {} });
  assert.deepEqual(has(), [true, false]);
  const claimant = observers.add({ onClaimed() {} });
  assert.deepEqual(has(), [true, true]);
  bringer();
  assert.deepEqual(has(), [false, true]);
  claimant();
  assert.deepEqual(has(), [false, false]);
});

test("whoever fails when a claim is put to him has it refused, and the others are asked", () => {
  const observers = new Observers();
  const faults: unknown[] = [];
  observers.add({
    onClaimed() {
      throw new Error("a bug");
    },
    onFault: (error) => faults.push((error as Error).message),
  });
  let asked = 0;
  observers.add({ onClaimed: () => asked++ });
  const refused: string[] = [];
  const claim = {
    path: { app: "a", name: "b" },
    info: { sessionId: "s", address: "", client: "", since: 0 },
    refuse: (reason: string) => refused.push(reason),
    hold: () => () => {},
  };
  observers.claimed(claim, 0);
  assert.deepEqual([refused, faults, asked], [["A fault of the server."], ["a bug"], 1]);
});
