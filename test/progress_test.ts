import assert from "node:assert/strict";
import { test } from "node:test";
import { Progress } from "./progress.ts";

/** What Deno 2.9 writes, shortened; colours included. */
const DENO = `\x1b[0m\x1b[38;5;245mrunning 2 tests from ./test/a_test.ts\x1b[0m
one ...
------- output -------
said by a
----- output end -----
one ... \x1b[0m\x1b[32mok\x1b[0m \x1b[0m\x1b[38;5;245m(1ms)\x1b[0m
two ... ok (1s)
running 2 tests from ./test/b_test.ts
good ... ok (1ms)
said by b
bad ... FAILED (3ms)
running 1 test from ./test/c_test.ts
three ... ok (1ms)
Uncaught error from ./test/d_test.ts FAILED

 ERRORS 

bad => ./test/b_test.ts:4:1
error: AssertionError
`;

/** What Bun 1.4 writes, shortened. */
const BUN = `bun test v1.4.5 (a7733435c)

test/a_test.ts:
said by a
(pass) one [2.05ms]
(pass) two

test/b_test.ts:
(pass) good [0.20ms]
said by b
error: AssertionError
(fail) bad [8.92ms]

test/c_test.ts:
(pass) three

test/d_test.ts:

# Unhandled error between tests
error: load

test/e_test.ts:
(pass) five

1 tests failed:
(fail) bad [8.92ms]
`;

/** All that is shown of an output, fed in pieces of a length. */
function shown(text: string, name = "deno", step = text.length): string {
  let all = "";
  const progress = new Progress(name, { files: 4, through: 0 }, [], (lines) => {
    assert.ok(lines.endsWith("\n"), "whole lines");
    all += lines;
  });
  for (let at = 0; at < text.length; at += step) progress.write(text.slice(at, at + step));
  progress.end();
  return all;
}

for (const [name, text] of [["deno", DENO], ["bun", BUN]] as const) {
  test(`of ${name} a file that passes has a line, and one that fails all that it said`, () => {
    const all = shown(text, name);
    assert.match(all, new RegExp(`^${name.padEnd(4)} 1/4 test/a_test.ts: 2 passed$`, "m"));
    assert.doesNotMatch(all, /said by a/);
    assert.match(all, new RegExp(`^--- ${name} 2/4 test/b_test.ts: FAILED`, "m"));
    assert.match(all, /^said by b$/m);
    // What is said again at the end is no failure of the last file.
    assert.doesNotMatch(all, /e_test.ts: FAILED/);
    assert.match(all, /d_test\.ts/);
    for (const step of [1, 7]) assert.equal(shown(text, name, step), all, `pieces of ${step}`);
  });
}

test("a line is shown as soon as the next file begins, and the last one at the end", () => {
  const lines: string[] = [];
  const progress = new Progress("bun", { files: 2, through: 0 }, [], (text) => lines.push(text));
  progress.write("a_test.ts:\n(pass) one\n", "err");
  assert.deepEqual(lines, []);
  progress.write("\nb_test.ts:\n", "err");
  assert.deepEqual(lines, ["bun  1/2 a_test.ts: 1 passed\n"]);
  progress.write("(pass) two", "err");
  progress.end();
  assert.deepEqual(lines.slice(1), ["bun  2/2 b_test.ts: 1 passed\n"]);
});

test("lines of the two outputs are not mixed up", () => {
  const lines: string[] = [];
  const progress = new Progress("bun", { files: 2, through: 0 }, [], (text) => lines.push(text));
  progress.write("a_test.", "err");
  progress.write("something that a test says\n", "out");
  progress.write("ts:\n(pass) one\n", "err");
  progress.end();
  assert.deepEqual(lines, ["bun  1/2 a_test.ts: 1 passed\n"]);
});

test("a runtime that breaks down shows what it said last, however much that was", () => {
  let all = "";
  const progress = new Progress("deno", { files: 9, through: 0 }, [], (text) => all += text);
  progress.write("running 1 test from ./a_test.ts\nbeginning\n");
  for (let i = 0; i < 100; i++) progress.write("x".repeat(100_000) + (i % 2 === 0 ? "\n" : ""));
  progress.write("\nthe cause\n");
  progress.end(true);
  assert.match(all, /^--- deno 1\/9 a_test\.ts: FAILED/);
  assert.match(all, /the cause\n---\n$/);
  assert.doesNotMatch(all, /beginning/);
  assert.ok(all.length < 1_000_000, `${all.length} characters`);
});

test("files that Deno runs in one process have one line, and count as so many", () => {
  let all = "";
  const tally = { files: 9, through: 2 };
  const batch = ["test/a_test.ts", "test/b_test.ts", "test/c_test.ts"];
  const progress = new Progress("deno", tally, batch, (text) => all += text);
  progress.write("running 2 tests from ./test/batch.ts\none ... ok (1ms)\ntwo ... ok (1ms)\n");
  progress.end();
  assert.equal(all, "deno 5/9 test/a_test.ts and 2 more: 2 passed\n");
});
