/** Waits between attempts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../../src/service/outgoing/backoff.ts";

test("waits are by chance within bounds that double up to the most", () => {
  let random = 0.5;
  const backoff = new Backoff(1000, 6000, () => random);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => backoff.next()), [500, 1000, 2000, 3000, 3000]);
  random = 0.9999;
  assert.equal(backoff.next(), 5999);
  backoff.reset();
  assert.equal(backoff.failures, 0);
  random = 0.2506;
  assert.equal(backoff.next(), 251, "the nearest whole millisecond");
  assert.equal(backoff.failures, 1);
});

test("chance never makes a wait none, and a thousand failures make none too long", () => {
  const backoff = new Backoff(1000, 30_000, () => 0);
  for (let count = 0; count < 1000; count++) assert.equal(backoff.next(), 100);
  const most = new Backoff(1000, 30_000, () => 1);
  for (let count = 0; count < 2000; count++) most.next();
  assert.equal(most.next(), 30_000);
});
