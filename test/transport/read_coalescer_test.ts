import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadCoalescer } from "../../src/transport/read_coalescer.ts";

function setUp() {
  let now = 0;
  let rests = 0;
  const turns: (() => void)[] = [];
  const coalescer = new ReadCoalescer(() => now, () => rests++, (call) => turns.push(call));
  /** Turns of the event loop, `ms` apart, each with `reads` reads; tells how often it rested. */
  const run = (count: number, ms: number, reads: number) => {
    const before = rests;
    for (let turn = 0; turn < count; turn++) {
      for (let read = 0; read < reads; read++) coalescer.read();
      assert.ok(turns.length <= 1, "it asks for the end of a turn once");
      turns.pop()?.();
      now += ms;
    }
    return rests - before;
  };
  return { run };
}

test("with few reads a second the event loop never rests", () => {
  const { run } = setUp();
  assert.equal(run(1000, 10, 1), 0);
  assert.equal(run(1000, 100, 50), 0);
});

test("woken very often, the event loop rests after each turn, until it is quiet again", () => {
  const { run } = setUp();
  const rests = run(1000, 0.3, 1);
  assert.ok(rests > 900, `${rests} rests`);
  run(64, 10, 1);
  assert.equal(run(1000, 10, 1), 0);
});

test("it does not rest when many sockets are read in one turn anyway", () => {
  const { run } = setUp();
  run(10, 1, 64);
  assert.equal(run(100, 1, 64), 0);
});
