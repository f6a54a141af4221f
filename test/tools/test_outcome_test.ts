import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, missingTests, together } from "../../tools/test_outcome.ts";

/** What Deno 2.9 writes, shortened. */
const DENO = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="3" failures="1" errors="0" time="7.248">
    <testsuite name="./test/a_test.ts" tests="3" disabled="1" errors="0" failures="1">
        <testcase name="passes" classname="./test/a_test.ts" time="0.001" line="4" col="1">
        </testcase>
        <testcase name="fails &lt;&amp;&quot;&gt;&#39; now" classname="./test/a_test.ts" time="1.5" line="5" col="1">
            <failure message="Uncaught AssertionError: &lt;skipped/&gt; > 2
">AssertionError: 1 &lt; 2</failure>
        </testcase>
        <testcase name="left out" classname="./test/a_test.ts" time="0.000" line="6" col="1">
            <skipped/>
        </testcase>
    </testsuite>
</testsuites>`;

/** What Bun 1.4 writes, shortened. */
const BUN = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="3" assertions="0" failures="1" skipped="1" time="0.03">
  <testsuite name="tree/test/a_test.ts" file="tree/test/a_test.ts" tests="3" hostname="vm">
    <testcase name="passes" classname="" time="0.001273" file="tree/test/a_test.ts" line="4" assertions="0" />
    <testcase name="fails &lt;&amp;&quot;&gt;&#39; now" classname="" time="1.5" file="tree/test/a_test.ts" line="5">
      <failure type="AssertionError" message="Expected:&#10;&#10;1 !== 2&#10;">AssertionError: 1 &lt; 2</failure>
    </testcase>
    <testcase name="left out" classname="" time="0" file="tree/test/a_test.ts" line="6" assertions="0">
      <skipped />
    </testcase>
  </testsuite>
</testsuites>`;

const files = ["test/a_test.ts"];

for (const [name, report] of [["Deno", DENO], ["Bun", BUN]] as const) {
  test(`a report of ${name} is read`, () => {
    const { slowest, tests, errors, ...outcome } = judge({ files, report, code: 1 });
    assert.deepEqual(outcome, {
      passed: 1,
      failures: ["test/a_test.ts: fails <&\">' now"],
      skipped: ["test/a_test.ts: left out"],
    });
    assert.equal(slowest[0]?.seconds, 1.5);
    assert.deepEqual([...errors.keys()], outcome.failures);
    assert.match(errors.get(outcome.failures[0]!)!, /^AssertionError: 1 < 2$/);
    assert.deepEqual([...tests], [["test/a_test.ts", ["passes", "fails <&\">' now", "left out"]]]);
  });
}

/** A report in which all is well. */
const GOOD = BUN.replace(/<failure[\s\S]*<\/failure>/, "");

test("a run without failures passes", () => {
  const { passed, failures } = judge({ files, report: GOOD, code: 0 });
  assert.deepEqual([passed, failures], [2, []]);
});

test("a file that is missing from the report is a failure, even with exit code 0", () => {
  const { failures } = judge({ files: [...files, "test/b_test.ts"], report: GOOD, code: 0 });
  assert.equal(failures.length, 1);
  assert.match(failures[0]!, /^test\/b_test\.ts: no test of this file ran/);
});

test("a run without a report, or with a broken one, fails for each file", () => {
  assert.equal(judge({ files, report: "", code: 0 }).failures.length, 1);
  assert.equal(judge({ files, report: GOOD.slice(0, 200), code: 0 }).failures.length, 1);
});

test("an exit code without a failed test is a failure", () => {
  const { failures } = judge({ files, report: GOOD, code: 1 });
  assert.match(failures[0]!, /exit code 1/);
});

test("a runtime that was ended by a signal is a failure", () => {
  const { failures } = judge({ files, report: GOOD, code: undefined, failure: "ended by SIGSEGV" });
  assert.match(failures[0]!, /broke down: ended by SIGSEGV/);
});

test("tests that ran on one runtime only are missing on the other", () => {
  const whole = judge({ files, report: GOOD, code: 0 });
  const half = judge({ files, report: GOOD.replace('name="passes"', 'name="left out"'), code: 0 });
  assert.deepEqual(missingTests(whole, half), [
    "test/a_test.ts: passes: did not run here, only on the other runtime",
  ]);
  assert.deepEqual(missingTests(half, whole), [
    "test/a_test.ts: left out: did not run here, only on the other runtime",
  ]);
  assert.deepEqual(missingTests(whole, whole), []);
  assert.deepEqual(missingTests(whole, judge({ files, report: "", code: 1 })), []);
});

test("a name with a control character fails once, with the cause, though reports differ", () => {
  const here = judge({ files, report: GOOD.replace('"passes"', '"pas&#10;s\x7fes"'), code: 0 });
  const there = judge({ files, report: GOOD.replace('"passes"', '"pas\\ns\\x7fes"'), code: 0 });
  assert.equal(here.failures.length, 1);
  assert.match(here.failures[0]!, /^test\/a_test\.ts: pas\\ns\\x7fes: .* control character/);
  assert.deepEqual(there.failures, []);
  assert.deepEqual(missingTests(here, there), []);
  assert.deepEqual(missingTests(there, here), []);
});

test("runs of several processes add up to one", () => {
  const run = (file: string, report: string, code: number) =>
    judge({ files: [file], report, code });
  const one = run("test/a_test.ts", DENO, 1);
  const two = run("test/b_test.ts", GOOD.replaceAll("a_test", "b_test").replace("1.5", "2.5"), 0);
  const none = run("test/c_test.ts", "", 1);
  const all = together([one, two, none]);
  assert.equal(all.passed, one.passed + two.passed);
  assert.deepEqual(all.failures, [...one.failures, ...none.failures]);
  assert.deepEqual(all.skipped, [...one.skipped, ...two.skipped]);
  assert.deepEqual([...all.errors.keys()], one.failures);
  assert.deepEqual([...all.tests.keys()], ["test/a_test.ts", "test/b_test.ts"]);
  assert.deepEqual(all.slowest.slice(0, 2).map(({ seconds }) => seconds), [2.5, 1.5]);
  assert.equal(all.slowest.length, 5);
});
