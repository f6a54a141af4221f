import assert from "node:assert/strict";
import { test } from "node:test";
import { batchesOf, inLanes, isSlow } from "./batches.ts";

const files = [
  ...Array.from({ length: 90 }, (_, at) => `test/hub/${at}_test.ts`),
  ...Array.from({ length: 10 }, (_, at) => `test/e2e/${at}_test.ts`),
];

test("every file is in one batch, what waits in front and in smaller ones", () => {
  const batches = batchesOf(files);
  assert.deepEqual(batches.flat().toSorted(), files.toSorted());
  const slow = batches.map((batch) => batch.some(isSlow));
  assert.deepEqual(slow, [true, true, true, true, false, false, false]);
  assert.ok(batches.every((batch) => batch.every(isSlow) || !batch.some(isSlow)));
  assert.deepEqual(batches.map(({ length }) => length), [3, 3, 3, 1, 40, 40, 10]);
  assert.deepEqual(batchesOf([]), []);
});

test("lanes run every batch once, so many at a time, from both ends", async () => {
  const begun: number[] = [];
  let [running, most] = [0, 0];
  const results = await inLanes([0, 1, 2, 3, 4, 5], 2, async (batch) => {
    begun.push(batch);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return batch * 10;
  });
  assert.deepEqual(begun, [5, 0, 4, 1, 3, 2]);
  assert.equal(most, 2);
  assert.deepEqual(results, [0, 10, 20, 30, 40, 50]);
});

test("one lane, or more than there are batches, run each once", async () => {
  for (const lanes of [1, 9]) {
    assert.deepEqual(await inLanes(["a", "b"], lanes, (batch) => Promise.resolve(batch)), [
      "a",
      "b",
    ]);
  }
});
