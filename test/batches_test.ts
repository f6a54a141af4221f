import assert from "node:assert/strict";
import { test } from "node:test";
import { batchesOf, inLanes, isSlow } from "./batches.ts";

const some = (folder: string, count: number) =>
  Array.from({ length: count }, (_, at) => `test/${folder}/${at}_test.ts`);

test("every file is in one batch, what waits in front and in smaller ones", () => {
  const files = [
    ...some("hub", 230),
    ...some("tools", 15),
    ...some("hostile", 7),
    ...some("e2e", 12),
  ];
  const batches = batchesOf(files);
  assert.deepEqual(batches.flat().toSorted(), files.toSorted());
  const folders = batches.map((batch) => [...new Set(batch.map((file) => file.split("/")[1]))]);
  const [e2e, hostile, tools, hub] = [["e2e"], ["hostile"], ["tools"], ["hub"]];
  assert.deepEqual(folders, [e2e, e2e, e2e, hostile, hostile, tools, tools, hub, hub, hub]);
  assert.deepEqual(batches.map(({ length }) => length), [4, 4, 4, 4, 3, 8, 7, 77, 77, 76]);
  assert.ok(batches.slice(0, 7).flat().every(isSlow));
  assert.deepEqual(batchesOf([]), []);
});

test("browsers come first on one runtime, and behind other programs on the other", () => {
  const files = [...some("browser", 2), ...some("e2e", 2), ...some("hostile", 1)];
  const [browser, e2e, hostile] = [files.slice(0, 2), files.slice(2, 4), files.slice(4)];
  assert.deepEqual(batchesOf(files), [browser, e2e, hostile]);
  assert.deepEqual(batchesOf(files, true), [e2e, browser, hostile]);
});

test("neighbours, which are alike, are not in one batch", () => {
  const files = some("e2e", 7);
  assert.deepEqual(batchesOf(files), [
    [files[0], files[2], files[4], files[6]],
    [files[1], files[3], files[5]],
  ]);
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
