import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, resultOf, showSurvivor, summarize } from "../../../tools/mutate/report.ts";
import { mutationAt } from "./mutations.ts";

const KILLED = { outcome: "killed", by: "a claim", ran: ["test/a_test.ts"] } as const;
const SURVIVED = { outcome: "survived", ran: ["test/a_test.ts"] } as const;
const at = (line: number) => mutationAt("src/a.ts", line);
const entry = (line: number) => ({ ...at(line), reason: "the same either way" });

/** Results of `killed` mutations and `survived` others, none on the list. */
const results = (killed: number, survived: number) => [
  ...Array.from({ length: killed }, (_, index) => resultOf(at(index), KILLED, [])),
  ...Array.from({ length: survived }, (_, index) => resultOf(at(1000 + index), SURVIVED, [])),
];

test("nine of ten killed is enough, less is not", () => {
  assert.equal(judge(results(9, 1), []).good, true);
  assert.equal(judge(results(89, 11), []).good, false);
});

test("a survivor on the list is no survivor, and still none that was killed", () => {
  const report = judge([resultOf(at(1), SURVIVED, [entry(1)]), ...results(8, 0)], []);
  assert.deepEqual([report.killed, report.equivalent, report.survivors], [8, 1, []]);
  assert.equal(report.good, false);
});

test("a mutation on the list that a test kills is a mistake of the list", () => {
  const report = judge([...results(99, 0), resultOf(at(500), KILLED, [entry(500)])], []);
  assert.equal(report.good, false);
  assert.match(report.mistakes.join(), /not equivalent, a test sees it \(a claim\): src\/a.ts:500/);
});

test("a mistake of the list is one however many are killed", () => {
  assert.equal(judge(results(10, 0), ["stale"]).good, false);
  assert.match(summarize(judge(results(10, 0), ["stale"])), /^stale\n10 of 10 mutations killed/);
});

test("a survivor is shown with its place, its change and the tests that ran", () => {
  const text = showSurvivor(resultOf(mutationAt("src/a.ts", 7, "x"), SURVIVED, []));
  assert.match(text, /src\/a\.ts:7 f \(removed\)\n {2}- 7\n {2}\+ x\n {2}1 test files passed: /);
  const [, json] = /if equivalent: (.*)/.exec(text)!;
  assert.deepEqual(JSON.parse(json!), {
    file: "src/a.ts",
    within: "f",
    before: "7",
    after: "x",
    reason: "",
  });
});
