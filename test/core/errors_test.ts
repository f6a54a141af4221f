import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError, UsageError } from "../../src/core/errors.ts";

test("an error is named by who is to blame, also where only its text is seen", () => {
  const cause = new Error("cut");
  const theirs = new ProtocolError("limit", "Too much", { cause });
  assert.equal(`${theirs}`, "ProtocolError: Too much");
  assert.deepEqual([theirs.code, theirs.cause], ["limit", cause]);
  assert.equal(`${new UsageError("No such thing")}`, "UsageError: No such thing");
});
