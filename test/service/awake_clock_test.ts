/** A clock on which the sleep of the process takes no time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AwakeClock } from "../../src/service/awake_clock.ts";
import { FakeClock } from "../support/clock.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const SLEPT_MS = 2000;

/** A clock that is read four times a second, as the service does. */
function rig() {
  const base = new FakeClock();
  const clock = new AwakeClock(base);
  const tick = () => {
    clock.now();
    base.after(250, tick);
  };
  tick();
  return { base, clock };
}

test("time passes as on the machine's clock while the process is awake", () => {
  const { base, clock } = rig();
  base.advance(60_000);
  assert.equal(clock.now(), 60_000);
  assert.equal(clock.sleptMs, 0);
  assert.equal(clock.wall(), base.wall());
});

test("what the process slept takes a quarter of a second, whoever reads the clock first", () => {
  const { base, clock } = rig();
  base.advance(10_000);
  base.sleep(30_000);
  assert.equal(clock.now(), 10_250);
  base.advance(1000);
  assert.equal(clock.now(), 11_250);
  assert.equal(clock.sleptMs, 29_750);
});

test("a turn that takes long, but no longer than the limit, is no sleep", () => {
  const { base, clock } = rig();
  base.sleep(SLEPT_MS);
  assert.equal(clock.now(), SLEPT_MS);
});

test("a timer does not fire for sleep, but later by what was slept", () => {
  const { base, clock } = rig();
  const fired: number[] = [];
  clock.after(5000, () => fired.push(clock.now()));
  base.advance(1000);
  base.sleep(30_000);
  base.advance(3700);
  assert.deepEqual(fired, []);
  base.advance(50);
  assert.deepEqual(fired, [5000]);
});

test("a timer can be cancelled, before sleep and after", () => {
  const { base, clock } = rig();
  const never = () => assert.fail("it was cancelled");
  const first = clock.after(5000, never);
  const second = clock.after(5000, never);
  first.cancel();
  base.sleep(30_000);
  base.advance(0);
  second.cancel();
  base.advance(60_000);
});

test("a timer that fires a millisecond early has fired, and one that is earlier waits on", () => {
  const due: [ms: number, call: () => void][] = [];
  let now = 0;
  const clock = new AwakeClock({
    now: () => now,
    wall: () => now,
    after: (ms, call) => {
      due.push([ms, call]);
      return { cancel: () => {} };
    },
  });
  let fired = 0;
  clock.after(100, () => fired++);
  now = 98;
  due.shift()![1]();
  assert.deepEqual([fired, due.map(([ms]) => ms)], [0, [2]]);
  now = 99;
  due.shift()![1]();
  assert.deepEqual([fired, due.length], [1, 0]);
});
