/** The text that Prometheus reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { familyHead, sampleLine } from "../../../src/http/statistics/exposition.ts";

test("a family begins with what it is, on two lines, whatever is in them", () => {
  assert.equal(
    familyHead("a_total", "counter", "One \\ two\nthree."),
    "# HELP a_total One \\\\ two\\nthree.\n# TYPE a_total counter\n",
  );
  assert.equal(familyHead("b", "gauge", "B"), "# HELP b B\n# TYPE b gauge\n");
});

test("a sample has its labels in their order, and its number in full", () => {
  assert.equal(sampleLine("a", [], 5), "a 5\n");
  assert.equal(
    sampleLine("a", [["x", "1"], ["y", 'q"\\\n']], 0.5),
    'a{x="1",y="q\\"\\\\\\n"} 0.5\n',
  );
  assert.deepEqual(
    [NaN, Infinity, -Infinity, -1].map((value) => sampleLine("a", [], value)),
    ["a NaN\n", "a +Inf\n", "a -Inf\n", "a -1\n"],
  );
});
