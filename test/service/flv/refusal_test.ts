import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "../../../src/service/flv/refusal.ts";
import { NOT_PUBLIC, REFUSALS } from "../../../src/service/refusals.ts";

test("a player behind HTTP is told in the same words as one of RTMP why the hub refused it", async () => {
  for (const [why, message] of Object.entries(REFUSALS)) {
    const answer = refusal(why as keyof typeof REFUSALS);
    assert.equal(answer.status, why === "not-found" ? 404 : 503, why);
    assert.deepEqual(await answer.json(), { error: { code: why, message } });
  }
});

test("a name that cannot be public is answered with the grammar of names, and a plugin's reason as it is", async () => {
  const bad = refusal("bad-name");
  assert.equal(bad.status, 400);
  assert.deepEqual(await bad.json(), { error: { code: "bad-name", message: NOT_PUBLIC } });
  const refused = refusal("refused", { "Vary": "Origin" }, "Members only");
  assert.deepEqual([refused.status, refused.headers.get("Vary")], [403, "Origin"]);
  assert.deepEqual(await refused.json(), { error: { code: "refused", message: "Members only" } });
});
