import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../../../src/core/errors.ts";
import { Transactions } from "../../../../../src/core/rtmp/session/client/transactions.ts";

test("ids count from 1, and each is answered once", () => {
  const transactions = new Transactions<string>(3);
  assert.deepEqual([transactions.open("a"), transactions.next(), transactions.open("b")], [
    1,
    2,
    3,
  ]);
  assert.equal(transactions.size, 2);
  assert.deepEqual([transactions.take(3), transactions.take(3), transactions.take(2)], [
    "b",
    undefined,
    undefined,
  ]);
  assert.equal(transactions.size, 1);
  transactions.clear();
  assert.deepEqual([transactions.size, transactions.take(1)], [0, undefined]);
});

test("as many wait as may, and no more", () => {
  const transactions = new Transactions<number>(2);
  transactions.open(1);
  transactions.open(2);
  assert.throws(() => transactions.open(3), UsageError);
  transactions.take(1);
  assert.equal(transactions.open(3), 3);
});
