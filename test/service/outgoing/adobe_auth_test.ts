/** The client's part of authmod=adobe, step by step. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { adobeAuthStep } from "../../../src/service/outgoing/adobe_auth.ts";

const WHO = { user: "me", password: "secret" };
const NEED = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
const ASK = "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=me&salt=Zm9v";

const b64 = (text: string) => createHash("md5").update(text).digest("base64");

/** What the query of a step has, by name. */
function query(step: ReturnType<typeof adobeAuthStep>): Record<string, string> {
  assert.ok(step !== undefined && "query" in step, JSON.stringify(step));
  return Object.fromEntries(
    step.query.split("&").map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}

test("a refusal for another reason is none of its business", () => {
  for (
    const text of ["", "No such application", "authmod", "[ AccessManager.Reject ] : [ full ]"]
  ) {
    assert.equal(adobeAuthStep(text, WHO, false, "01"), undefined, text);
  }
});

test("first the user is named, and then the answer to the challenge, with and without opaque", () => {
  assert.deepEqual(query(adobeAuthStep(NEED, WHO, false, "01")), { authmod: "adobe", user: "me" });
  const opaque = adobeAuthStep(`${ASK}&challenge=abc==&opaque=xyz==`, WHO, true, "0102");
  assert.deepEqual(query(opaque), {
    authmod: "adobe",
    user: "me",
    challenge: "0102",
    response: b64(b64("meZm9vsecret") + "xyz==" + "0102"),
    opaque: "xyz==",
  });
  const plain = adobeAuthStep(`${ASK}&challenge=abc==`, WHO, true, "0102");
  assert.deepEqual(query(plain), {
    authmod: "adobe",
    user: "me",
    challenge: "0102",
    response: b64(b64("meZm9vsecret") + "abc==" + "0102"),
  });
});

test("what is of no use is said", () => {
  const failed = (text: string, who = WHO, tried = true) => {
    const step = adobeAuthStep(text, who, tried, "01");
    return step !== undefined && "failed" in step ? step.failed : "";
  };
  assert.match(failed("[ authmod=llnw ]"), /another authentication/);
  assert.match(failed("[ authmod=adobe ] : ?reason=authfailed"), /password/);
  assert.match(failed("[ authmod=adobe ] : ?reason=nosuchuser"), /user/);
  assert.match(failed(NEED, { user: "", password: "" }, false), /put them into the URL/);
  assert.match(failed(NEED), /does not say/);
});
