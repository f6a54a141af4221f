import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { describe } from "../../../tools/mutate/mutation.ts";
import { ScratchTrees } from "../../../tools/mutate/scratch.ts";
import { Trials } from "../../../tools/mutate/trial.ts";

const SOURCE = "export const isSmall = (size: number): boolean => size < 10;\n";
const TESTS = {
  good: "assert.deepEqual([9, 10].map(isSmall), [true, false]);",
  bad: "assert.deepEqual([0, 99].map(isSmall), [true, false]);",
  broken: "assert.fail();",
};
/** `<` becomes `<=`. */
const BOUNDARY = describe("src/size.ts", SOURCE, {
  start: SOURCE.indexOf("<"),
  end: SOURCE.indexOf("<") + 1,
  replacement: "<=",
  operator: "boundary",
}, "isSmall");
/** It never returns. */
const ENDLESS = describe("src/size.ts", SOURCE, {
  start: SOURCE.indexOf("size < 10"),
  end: SOURCE.indexOf(";"),
  replacement: "{ for (;;) size++; }",
  operator: "endless",
}, "isSmall");

/** A tree with one file and a good, a bad and a broken test of it. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), "sluice-mutate-"));
  for (const name of ["src", "test"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "src/size.ts"), SOURCE);
  for (const [name, body] of Object.entries(TESTS)) {
    const lines = [
      'import assert from "node:assert/strict";',
      'import { test } from "node:test";',
      'import { isSmall } from "../src/size.ts";',
      `test("what is ${name}", () => {\n  void isSmall;\n  ${body}\n});\n`,
    ];
    writeFileSync(join(folder, `test/${name}_test.ts`), lines.join("\n"));
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

const RUNTIME = { name: "Bun" in globalThis ? "bun" : "deno", path: process.execPath } as const;

/** Tries a mutation with the tests of these names. */
async function tried(
  mutation: typeof BOUNDARY,
  names: readonly (keyof typeof TESTS)[],
  { most, unknownMs, further = [] }: {
    most?: number;
    unknownMs?: number;
    further?: readonly (keyof typeof TESTS)[];
  } = {},
) {
  using tree = project();
  using scratch = new ScratchTrees(tree.folder, 1);
  const copy = scratch.trees[0]!;
  const path = (name: string) => `test/${name}_test.ts`;
  const trials = new Trials(RUNTIME, most ?? 12, unknownMs, () => false, further.length);
  const verdict = await trials.try(copy, mutation, names.map(path), further.map(path));
  const read = (folder: string) => readFileSync(join(folder, "src/size.ts"), "utf8");
  return { ...verdict, left: [read(tree.folder), read(copy)] };
}

test("a test that asks at the bound kills a moved bound, and is named", async () => {
  const { outcome, by, ran } = await tried(BOUNDARY, ["bad", "good"]);
  assert.deepEqual([outcome, by], ["killed", "what is good"]);
  assert.deepEqual(ran, ["test/bad_test.ts", "test/good_test.ts"]);
});

test("a moved bound survives a test that asks far from it", async () => {
  const { outcome, by } = await tried(BOUNDARY, ["bad"]);
  assert.deepEqual([outcome, by], ["survived", undefined]);
});

test("a test that fails without the mutation kills nothing", async () => {
  const { outcome, ran } = await tried(BOUNDARY, ["broken", "bad"]);
  assert.deepEqual([outcome, ran], ["survived", ["test/bad_test.ts"]]);
});

test("a mutation that hangs is ended and counts as killed", async () => {
  const { outcome, by } = await tried(ENDLESS, ["good"], { unknownMs: 3000 });
  assert.equal(outcome, "killed");
  assert.match(by ?? "", /^stopped after \d+ ms$/);
});

test("neither the tree nor the copy keeps the mutation", async () => {
  const { left } = await tried(BOUNDARY, ["good"]);
  assert.deepEqual(left, [SOURCE, SOURCE]);
});

test("only so many of the nearest test files run as are asked for", async () => {
  const { outcome, ran } = await tried(BOUNDARY, ["bad", "good"], { most: 1 });
  assert.deepEqual([outcome, ran], ["survived", ["test/bad_test.ts"]]);
});

test("tests behind the nearest ones run when those see nothing", async () => {
  const { outcome, ran } = await tried(BOUNDARY, ["bad", "bad", "bad", "good"]);
  assert.deepEqual([outcome, ran.length], ["killed", 4]);
});

test("what survives the tests of its file meets further ones", async () => {
  const { outcome, by, ran } = await tried(BOUNDARY, ["bad"], { further: ["broken", "good"] });
  assert.deepEqual([outcome, by], ["killed", "what is good"]);
  assert.deepEqual(ran, ["test/bad_test.ts", "test/good_test.ts"]);
});
