import assert from "node:assert/strict";
import { test } from "node:test";
import { isThenable, whenSettled } from "../../src/plugin/thenable.ts";

/** What is told of a thenable that does `then`. */
function told(then: (fulfil: (value: unknown) => void, reject: (error: unknown) => void) => void) {
  const said: unknown[] = [];
  const thenable = { then } as unknown as PromiseLike<unknown>;
  whenSettled(
    thenable,
    (value) => said.push("fulfilled", value),
    (error) => said.push("rejected", error),
  );
  return said;
}

test("whatever a thenable does it is settled once, by what it did first", () => {
  assert.deepEqual(told((fulfil) => fulfil(1)), ["fulfilled", 1]);
  assert.deepEqual(told((_, reject) => reject(2)), ["rejected", 2]);
  assert.deepEqual(
    told((fulfil, reject) => {
      fulfil(1);
      fulfil(2);
      reject(3);
    }),
    ["fulfilled", 1],
  );
  assert.deepEqual(
    told((fulfil, reject) => {
      reject(3);
      fulfil(1);
      throw 4;
    }),
    ["rejected", 3],
  );
  assert.deepEqual(
    told(() => {
      throw 4;
    }),
    ["rejected", 4],
  );
  assert.deepEqual(told(() => {}), []);
});

test("what has a then that can be called is waited for, and nothing else", () => {
  for (const value of [Promise.resolve(), { then() {} }]) assert.ok(isThenable(value));
  for (const value of [undefined, null, 1, "then", {}, { then: 1 }]) assert.ok(!isThenable(value));
});
