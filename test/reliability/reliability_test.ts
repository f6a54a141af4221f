import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, typescriptFiles } from "../../tools/root.ts";
import { figure as record } from "../support/figure.ts";
import { BAR, GROUPS } from "./bar.ts";
import { constantLimits } from "./constants.ts";
import { reliabilityDocument, shown } from "./document.ts";
import { testFiles } from "./measure.ts";
import { type BarResult, compareIds, namesOf, type Results, worst } from "./results.ts";

const result = (more: Partial<BarResult>): BarResult => ({
  date: "2026-01-02",
  version: "1.2.3",
  passed: 1,
  failed: [],
  skipped: [],
  figures: [],
  ...more,
});
const results = (tests: Results["tests"]): Results => ({
  machine: { cpu: "some processor", cores: 2, memoryGB: 8, kernel: "Linux 6 x64" },
  tests,
});
const figure = { id: "A1", what: "bytes held per byte sent", unit: "times", atMost: 4 };

test("tests belong to the id that their names begin with, wherever they are", () => {
  const sources: Record<string, string> = {
    "a_test.ts": 'test("A1: holds", f); test(`A1: ${x} holds`, f); test("A10: x", f);',
    "b_test.ts": 'test(\n  "A1: too long for a line",\n f); test("C1, C12: both", f);',
    "d_test.ts": 'test(\n  ...needs("chromium", "W1: plays"),\n f);',
    "c_test.ts": 'test("AMF0: is read", f); test("C1 of a handshake", f); best("B1: no test", f)',
  };
  const found = testFiles((file) => sources[file]!, Object.keys(sources));
  assert.deepEqual([...found].map(([id, files]) => [id, [...files]]), [
    ["A1", ["a_test.ts", "b_test.ts"]],
    ["A10", ["a_test.ts"]],
    ["C1", ["b_test.ts"]],
    ["C12", ["b_test.ts"]],
    ["W1", ["d_test.ts"]],
  ]);
  const mine = ["A1: x", "A1, A2: x", "C9, A1: x", "A10: x", "A10, A2: x", "A1 of a handshake"];
  assert.deepEqual(mine.filter((name) => namesOf("A1").test(name)), mine.slice(0, 3));
});

test("every id that a test of the bar names is explained, and belongs to a group", () => {
  const files = typescriptFiles("test/hostile", "test/browser", "test/e2e").filter((file) =>
    file.endsWith("_test.ts")
  );
  const found = testFiles((file) => readFileSync(join(ROOT, file), "utf8"), files);
  for (const id of found.keys()) {
    assert.ok(Object.hasOwn(BAR, id), `${id} is not in test/reliability/bar.ts`);
  }
  for (const id of Object.keys(BAR)) assert.ok(GROUPS[id[0]!] !== undefined, id);
});

test("of what is measured often the worst is kept, by the gate", () => {
  const most = [3, 5, 4].map((value) => ({ ...figure, value }));
  const least = [3, 1, 2].map((value) => ({
    id: "A1",
    what: "rate",
    unit: "/s",
    atLeast: 1,
    value,
  }));
  const free = [3, 5, 4].map((value) => ({ id: "A1", what: "cases", unit: "", value }));
  assert.deepEqual(worst([...most, ...least, ...free]).map(({ value }) => value), [5, 1, 4]);
});

test("a gate on real time holds in the full form only, and one on time says by which clock", () => {
  const slow = { ...figure, unit: "ms", value: 5 };
  record({ ...slow, by: "wall" }, false);
  assert.throws(() => record({ ...slow, by: "wall" }, true), /over 4/);
  for (const by of ["cpu", "model"] as const) {
    assert.throws(() => record({ ...slow, by }, false), /over 4/);
    record({ ...slow, by, slack: 2 }, false);
    assert.throws(() => record({ ...slow, by, slack: 2 }, true), /over 4/);
  }
  for (const unit of ["ms", "µs", "s", "inputs/s"]) {
    assert.throws(() => record({ ...figure, unit, value: 1 }, false), /by which clock/, unit);
    record({ ...figure, unit, value: 1, atMost: undefined }, false);
  }
  assert.throws(() => record({ ...figure, value: 5 }, false), /over 4/);
});

test("a figure over its gate and a failed test stand out", () => {
  const text = reliabilityDocument(results({
    A1: {
      deno: result({ figures: [{ ...figure, value: 4.5 }] }),
      bun: result({ figures: [{ ...figure, value: 1.5 }], failed: ["a_test.ts: A1: holds"] }),
    },
  }));
  assert.ok(
    text.includes("| A1 | bytes held per byte sent | **4.5 times** | 1.5 times | ≤ 4 times |"),
  );
  assert.ok(text.includes("| A1 | tests | 1 passed | 1 passed, **1 failed** |"));
  assert.ok(text.includes("- failed on bun: a_test.ts: A1: holds"));
  assert.ok(text.includes("`deno task reliability A1`"));
  assert.ok(text.includes("some processor, 2 cores"));
});

test("what was not run is listed as not covered, with the reason", () => {
  const text = reliabilityDocument(results({ A1: { deno: result({}) } }));
  const missing = text.slice(text.indexOf("## What is not covered"));
  assert.ok(missing.includes("- A2. "));
  assert.ok(!missing.includes("- A1. "));
  assert.ok(missing.includes("`deno task bench`"));
});

test("ids are in the order of their numbers, and figures are short", () => {
  assert.deepEqual(["B1", "A10", "A2"].sort(compareIds), ["A2", "A10", "B1"]);
  assert.deepEqual([0, 0.012345, 3.14159, 999.96, 20000, 1234567.8].map(shown), [
    "0",
    "0.01235",
    "3.142",
    "1,000",
    "20,000",
    "1,234,568",
  ]);
});

test("limits that are constants are found with the first sentence of their comments", () => {
  const source = [
    "/** Most of it. More words. */",
    "export const MAX_A = 64 * 1024;",
    "/**",
    " * Most of {@link MAX_A} on",
    " * two lines.",
    " */",
    "export const MAX_B: number = 1_000;",
    "/** No limit. */",
    "export const OTHER = 3;",
    "/** No number. */",
    'export const MAX_C = "x";',
    "export const MAX_D = 4;",
  ].join("\n");
  assert.deepEqual(constantLimits(source), [
    { name: "MAX_A", meaning: "Most of it.", value: 65536 },
    { name: "MAX_B", meaning: "Most of `MAX_A` on two lines.", value: 1000 },
  ]);
});

test("docs/reliability.md is what its program makes of the figures kept and of the limits", () => {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const kept = JSON.parse(read("docs/reliability.json")) as Results;
  const current = read("docs/reliability.md") === reliabilityDocument(kept);
  assert.ok(current, "docs/reliability.md is stale: deno task reliability --render");
});
