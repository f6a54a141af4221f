import assert from "node:assert/strict";
import { test } from "node:test";
import { drawOrder, randomFrom } from "../../../tools/mutate/draw.ts";
import { mutationAt } from "./mutations.ts";

/** A table of 50 numbers in one line, and 50 lines with one mutation each. */
const MUTATIONS = [
  ...Array.from({ length: 50 }, (_, index) => mutationAt("src/table.ts", 1, `${index}`)),
  ...Array.from({ length: 50 }, (_, index) => mutationAt("src/lines.ts", index + 1)),
];

test("the same seed draws the same mutations in the same order", () => {
  assert.deepEqual(drawOrder(MUTATIONS, 7), drawOrder(MUTATIONS, 7));
});

test("another seed draws other mutations first", () => {
  const firsts = new Set(
    [1, 2, 3, 4, 5].map((seed) => JSON.stringify(drawOrder(MUTATIONS, seed).slice(0, 5))),
  );
  assert.equal(firsts.size, 5);
});

test("every mutation is drawn, and none twice", () => {
  const order = drawOrder(MUTATIONS, 1);
  assert.equal(order.length, MUTATIONS.length);
  assert.deepEqual(new Set(order), new Set(MUTATIONS));
});

test("a line with many mutations is not drawn again before every line has been", () => {
  const first = drawOrder(MUTATIONS, 3).slice(0, 51);
  assert.equal(first.filter(({ file }) => file === "src/table.ts").length, 1);
});

test("a seed draws the same next year: its numbers are those of Mulberry32", () => {
  const random = randomFrom(0);
  assert.deepEqual([random(), random()], [0.26642920868471265, 0.0003297457005828619]);
});
