import assert from "node:assert/strict";
import { test } from "node:test";
import { readTestOutput } from "../../../tools/mutate/test_output.ts";

const read = (...lines: string[]) => readTestOutput(lines.join("\n"));

test("what Deno prints says which test of which file failed first", () => {
  const lines = [
    "Check file:///a_test.ts",
    "running 2 tests from ./test/a_test.ts",
    "one (13ms) is no time ... ok (13ms)",
    "running 1 test from ./test/b_test.ts",
    "three ... FAILED (1m2s)",
  ];
  assert.deepEqual(read(...lines), { failed: "three", file: "test/b_test.ts" });
  const errors = [" ERRORS ", "three => ./test/c_test.ts:47:1", "four => ./test/d_test.ts:1:1"];
  assert.deepEqual(
    read(...lines, ...errors),
    { failed: "three", file: "test/c_test.ts" },
    "which another one imports",
  );
});

test("what Bun prints says the same", () => {
  assert.deepEqual(
    read("test/a_test.ts:", "(pass) one [2.50ms]", "", "test/b_test.ts:", "(fail) two [1.00ms]"),
    { failed: "two", file: "test/b_test.ts" },
  );
});

test("where no test failed there is none, and no file", () => {
  assert.deepEqual(read("running 1 test from ./test/a_test.ts", "one ... ok (1ms)"), {});
  assert.deepEqual(read("error: cannot load"), {});
});
