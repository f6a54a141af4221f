import assert from "node:assert/strict";
import { test } from "node:test";
import { readTestOutput } from "../../../tools/mutate/test_output.ts";

const read = (...lines: string[]) => {
  const { ms, ...rest } = readTestOutput(lines.join("\n"));
  return { ...rest, ms: Object.fromEntries(ms) };
};

test("what Deno prints says which test of which file failed, and how long the files took", () => {
  assert.deepEqual(
    read(
      "Check file:///a_test.ts",
      "running 2 tests from ./test/a_test.ts",
      "one (13ms) is no time ... ok (13ms)",
      "two ... ok (500µs)",
      "running 1 test from ./test/b_test.ts",
      "three ... FAILED (1m2s)",
      "four ... FAILED (1ms)",
    ),
    {
      failed: "three",
      file: "test/b_test.ts",
      ms: { "test/a_test.ts": 13.5, "test/b_test.ts": 62_000 },
    },
  );
});

test("what Bun prints says the same", () => {
  assert.deepEqual(
    read(
      "test/a_test.ts:",
      "(pass) one [2.50ms]",
      "",
      "test/b_test.ts:",
      "(fail) two [1.00ms]",
    ),
    { failed: "two", file: "test/b_test.ts", ms: { "test/a_test.ts": 2.5, "test/b_test.ts": 1 } },
  );
});

test("where no test failed the file is the last one that began, if any did", () => {
  assert.deepEqual(
    read("running 1 test from ./test/a_test.ts", "running 9 tests from ./test/b_test.ts"),
    { file: "test/b_test.ts", ms: { "test/a_test.ts": 0, "test/b_test.ts": 0 } },
  );
  assert.deepEqual(read("error: cannot load"), { ms: {} });
});
