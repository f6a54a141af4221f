/** Waits between attempts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../../src/service/outgoing/backoff.ts";

test("waits are by chance within bounds that double up to the most", () => {
  let random = 0.5;
  const backoff = new Backoff(1000, 6000, () => random);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => backoff.next()), [500, 1000, 2000, 3000, 3000]);
  random = 0.999;
  assert.equal(backoff.next(), 5994);
  backoff.reset();
  assert.equal(backoff.failures, 0);
  random = 0.25;
  assert.equal(backoff.next(), 250);
  assert.equal(backoff.failures, 1);
});

test("chance never makes a wait none, and a thousand failures make none too long", () => {
  const backoff = new Backoff(1000, 30_000, () => 0);
  for (let count = 0; count < 1000; count++) assert.equal(backoff.next(), 100);
});
