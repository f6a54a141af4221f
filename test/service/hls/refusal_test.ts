/** What a viewer is told that gets nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type HlsRefusal, refusal } from "../../../src/service/hls/refusal.ts";

const told = (why: HlsRefusal, headers = {}, reason?: string) => {
  const { status, headers: head, chunks } = refusal(why, headers, reason);
  return { status, head, body: JSON.parse(new TextDecoder().decode(chunks[0])) };
};

test("who is refused for now is told when to ask again, and nobody else", () => {
  const after = (why: HlsRefusal) => [told(why).status, told(why).head["Retry-After"]];
  assert.deepEqual(after("crowded"), [503, "5"]);
  assert.deepEqual(after("stopping"), [503, "5"]);
  assert.deepEqual(after("late"), [503, "1"]);
  for (const why of ["refused", "not-found", "too-far", "no-session", "unplayable"] as const) {
    assert.equal(told(why).head["Retry-After"], undefined, why);
  }
});

test("a refusal has a code, is kept by no cache, and says a plugin's reason instead of its own", () => {
  const { status, head, body } = told("refused", { "Access-Control-Allow-Origin": "*" });
  assert.equal(status, 403);
  assert.deepEqual(body, { error: { code: "refused", message: "You may not play this stream." } });
  assert.deepEqual(head, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",
  });
  assert.equal(told("refused", {}, "Pay first.").body.error.message, "Pay first.");
});
