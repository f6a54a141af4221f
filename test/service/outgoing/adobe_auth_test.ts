/** The authentication of Flash Media Server as a client does it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { md5 } from "../../../src/core/bytes/md5.ts";
import { adobeAuthStep } from "../../../src/service/outgoing/adobe_auth.ts";

const WHO = { user: "me", password: "pass&word%20" };
const hash = (text: string) => createHash("md5").update(text).digest("base64");

test("MD5 is that of node:crypto, at every length around a block", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7 + length);
    assert.equal(
      Buffer.from(md5(bytes)).toString("hex"),
      createHash("md5").update(bytes).digest("hex"),
      `${length}`,
    );
  }
});

test("the user is named first, and then the challenge is answered", () => {
  const first = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
  assert.deepEqual(adobeAuthStep(first, WHO, false, "00c0ffee"), {
    query: "authmod=adobe&user=me",
  });
  const second = "[ AccessManager.Reject ] : [ authmod=adobe ] : " +
    "?reason=needauth&user=me&salt=SALT==&challenge=CHAL&opaque=OPAQ";
  const response = hash(hash("meSALT==pass&word%20") + "OPAQ" + "00c0ffee");
  assert.deepEqual(adobeAuthStep(second, WHO, true, "00c0ffee"), {
    query: `authmod=adobe&user=me&challenge=00c0ffee&response=${response}&opaque=OPAQ`,
  });
  const without = second.replace("&opaque=OPAQ", "");
  const other = hash(hash("meSALT==pass&word%20") + "CHAL" + "00c0ffee");
  assert.deepEqual(adobeAuthStep(without, WHO, true, "00c0ffee"), {
    query: `authmod=adobe&user=me&challenge=00c0ffee&response=${other}`,
  });
});

test("a challenge without salt is answered without it, and without challenge as well", () => {
  const said = "[ authmod=adobe ] : ?reason=needauth&user=me";
  const answer = (text: string) => ({
    query: `authmod=adobe&user=me&challenge=0f&response=${text}`,
  });
  assert.deepEqual(
    adobeAuthStep(said, WHO, false, "0f"),
    answer(hash(hash("mepass&word%20") + "0f")),
  );
});

test("what ends it is told, and what is about something else is not taken for it", () => {
  const said = (reason: string) => `[ authmod=adobe ] : ?reason=${reason}&user=me`;
  for (const reason of ["authfailed", "nosuchuser"]) {
    assert.ok("failed" in adobeAuthStep(said(reason), WHO, true, "0")!, reason);
  }
  const first = "[ code=403 need auth; authmod=adobe ]";
  assert.ok("failed" in adobeAuthStep(first, { user: "", password: "" }, false, "0")!);
  assert.ok("failed" in adobeAuthStep(first, WHO, true, "0")!);
  assert.ok("failed" in adobeAuthStep("[ authmod=llnw ]", WHO, false, "0")!);
  assert.equal(adobeAuthStep("The stream is taken", WHO, false, "0"), undefined);
});
