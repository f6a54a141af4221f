/** Those who wait for their next media are woken in time, all by one timer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Paced, PaceWheel } from "../../../src/service/rtmp/pace_wheel.ts";
import { FakeClock } from "../../support/clock.ts";

class Waiter implements Paced {
  readonly woken: number[] = [];
  readonly faults: unknown[] = [];
  readonly #clock: FakeClock;
  readonly #act: () => void;

  constructor(clock: FakeClock, act = () => {}) {
    this.#clock = clock;
    this.#act = act;
  }

  wake(): void {
    this.woken.push(this.#clock.now());
    this.#act();
  }

  fault(error: unknown): void {
    this.faults.push(error);
  }
}

test("each is woken once, at its time or one turn later", () => {
  const clock = new FakeClock();
  const wheel = new PaceWheel(clock);
  const start = clock.now();
  const waits = [1, 7, 10, 55, 250, 250, 499];
  const waiters = waits.map((ms) => {
    const waiter = new Waiter(clock);
    wheel.wait(waiter, ms);
    return waiter;
  });
  for (let ms = 0; ms < 600; ms++) clock.advance(1);
  for (const [index, { woken }] of waiters.entries()) {
    assert.equal(woken.length, 1);
    const late = woken[0]! - start - waits[index]!;
    assert.ok(late >= 0 && late <= 20, `${waits[index]}: ${late} ms`);
  }
  assert.equal(wheel.size, 0);
});

test("who is put off or taken out is not woken, and who waits again is", () => {
  const clock = new FakeClock();
  const wheel = new PaceWheel(clock);
  const [out, off] = [new Waiter(clock), new Waiter(clock)];
  const again: Waiter = new Waiter(clock, () => {
    if (again.woken.length < 3) wheel.wait(again, 20);
  });
  wheel.wait(out, 20);
  wheel.wait(off, 20);
  wheel.wait(again, 20);
  wheel.wait(off, 100);
  wheel.cancel(out);
  for (let ms = 0; ms < 90; ms++) clock.advance(1);
  assert.deepEqual([out.woken.length, off.woken.length, again.woken.length], [0, 0, 3]);
  for (let ms = 0; ms < 40; ms++) clock.advance(1);
  assert.equal(off.woken.length, 1);
});

test("a fault with one is its own", () => {
  const clock = new FakeClock();
  const wheel = new PaceWheel(clock);
  const bad = new Waiter(clock, () => {
    throw new Error("bad");
  });
  const good = new Waiter(clock);
  wheel.wait(bad, 10);
  wheel.wait(good, 10);
  for (let ms = 0; ms < 40; ms++) clock.advance(1);
  assert.equal(bad.faults.length, 1);
  assert.equal(good.woken.length, 1);
});

test("there is one timer, whoever waits again while he is woken, and none when nobody waits", () => {
  const clock = new FakeClock();
  const wheel = new PaceWheel(clock);
  const again: Waiter = new Waiter(clock, () => wheel.wait(again, 20));
  const once = new Waiter(clock);
  wheel.wait(again, 20);
  wheel.wait(once, 45);
  assert.equal(clock.pending, 1);
  for (let ms = 0; ms < 100; ms++) {
    clock.advance(1);
    assert.equal(clock.pending, 1);
  }
  wheel.cancel(again);
  assert.equal(clock.pending, 0);
  assert.equal(wheel.size, 0);
});

test("who is taken out, or put off, by one that is woken in the same turn is not woken in it", () => {
  const clock = new FakeClock();
  const wheel = new PaceWheel(clock);
  const [out, off] = [new Waiter(clock), new Waiter(clock)];
  const first = new Waiter(clock, () => {
    wheel.cancel(out);
    wheel.wait(off, 50);
  });
  for (const who of [first, out, off]) wheel.wait(who, 10);
  for (let ms = 0; ms < 30; ms++) clock.advance(1);
  assert.deepEqual([first.woken.length, out.woken.length, off.woken.length], [1, 0, 0]);
  for (let ms = 0; ms < 60; ms++) clock.advance(1);
  assert.deepEqual([out.woken.length, off.woken.length, wheel.size], [0, 1, 0]);
});

test("who is due at a turn is woken in it, and who is due a moment later in the next one", () => {
  for (const [ms, at] of [[0, 10], [10, 10], [10.5, 20], [20, 20]] as const) {
    const clock = new FakeClock();
    const wheel = new PaceWheel(clock);
    const waiter = new Waiter(clock);
    wheel.wait(waiter, ms);
    clock.advance(100);
    assert.deepEqual(waiter.woken, [at], `${ms} ms`);
  }
});
