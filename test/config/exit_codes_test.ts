import { test } from "node:test";
import assert from "node:assert/strict";
import { ExitCode, exitCodeMeanings, exitCodeOfListen } from "../../src/config/exit_codes.ts";

test("exit codes are those of sysexits", () => {
  // EX_OK, EX_SOFTWARE, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG of <sysexits.h>.
  assert.deepEqual(Object.values(ExitCode), [0, 70, 75, 77, 78]);
});

test("every exit code has a meaning", () => {
  assert.deepEqual(exitCodeMeanings.map(([code]) => code), Object.values(ExitCode));
});

test("why a port cannot be listened on decides the exit code", () => {
  assert.equal(exitCodeOfListen("in-use"), 75);
  assert.equal(exitCodeOfListen("not-permitted"), 77);
  assert.equal(exitCodeOfListen("bad-address"), 78);
  assert.equal(exitCodeOfListen("other"), 70);
});
