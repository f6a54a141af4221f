/** How clients of RTMP prove who they are; what a client says is made by the client side of this server. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { LoginAnswer } from "../../../src/plugin/mod.ts";
import { type LoginClaim, Logins, readLoginClaim } from "../../../src/service/rtmp/logins.ts";

const PASSWORD: LoginAnswer = { kind: "password", password: "correct horse" };

/** What Node makes of it, apart from the code that is tested. */
const digest = (text: string) => createHash("md5").update(text).digest("base64");

function setUp() {
  let byte = 0;
  return new Logins((length) => new Uint8Array(length).fill(++byte));
}

/** The claim of a client that was challenged. */
function answer(description: string, password: string, user = "ann"): LoginClaim {
  const query = new URLSearchParams(description.slice(description.indexOf("?") + 1));
  const opaque = query.get("opaque")!;
  const secret = digest(user + query.get("salt") + password);
  return { user, opaque, challenge: "c1", response: digest(`${secret}${opaque}c1`) };
}

const ASK: LoginClaim = { user: "ann", challenge: "", response: "", opaque: "" };

test("who answers a challenge with the password is let in, once and in time", () => {
  const logins = setUp();
  const { description, failed } = logins.step(ASK, PASSWORD, 1000)!;
  assert.ok(!failed);
  assert.match(
    description,
    /^\[ AccessManager\.Reject \] : \[ authmod=adobe \] : \?reason=needauth&user=ann&salt=[\w-]{8}&challenge=([\w-]{24})&opaque=\1$/,
  );
  const right = answer(description, "correct horse");
  assert.equal(logins.step(right, PASSWORD, 60_000), undefined);
  assert.equal(logins.step(right, PASSWORD, 60_000)?.failed, true, "not again");
  const late = answer(logins.step(ASK, PASSWORD, 1000)!.description, "correct horse");
  assert.equal(logins.step(late, PASSWORD, 61_000)?.failed, true, "not a minute later");
});

test("another password, challenge or user is refused, and a user who is not known like a wrong password", () => {
  const logins = setUp();
  const ask = () => logins.step(ASK, PASSWORD, 0)!.description;
  const wrong: LoginClaim[] = [
    answer(ask(), "wrong horse"),
    answer(ask(), ""),
    { ...answer(ask(), "correct horse"), challenge: "c2" },
    { ...answer(ask(), "correct horse"), user: "bob" },
    answer(ask().replace(/opaque=./, "opaque=_"), "correct horse"),
    // Another than ours, though of now.
    answer(
      ask().replace(/(opaque=.{7})(.)/, (_, before, one) => before + (one === "A" ? "B" : "A")),
      "correct horse",
    ),
    answer(ask().replace(/opaque=[^&]*/, "opaque="), "correct horse"),
    answer(ask().replace(/opaque=[^&]*/, `opaque=${"x".repeat(5000)}`), "correct horse"),
  ];
  for (const claim of wrong) {
    const step = logins.step(claim, PASSWORD, 0);
    assert.equal(step?.failed, true);
    assert.match(step!.description, /\?reason=authfailed&opaque=/);
  }
  const nobody: LoginAnswer = { kind: "unknown" };
  const [one, other] = [ASK, ASK].map((ask) => logins.step(ask, nobody, 0)!.description);
  const salt = (text: string) => /salt=([^&]*)/.exec(text)![1];
  assert.equal(salt(one!), salt(other!));
  assert.equal(salt(one!), salt(ask()));
  assert.equal(logins.step(answer(one!, ""), nobody, 0)?.failed, true);
});

test("of a password there may be no more than a digest, and a name may prove itself", () => {
  const logins = setUp();
  const known: LoginAnswer = {
    ...{ kind: "digest", salt: "s4lt" },
    digest: digest("ann" + "s4lt" + "correct horse"),
  };
  const { description } = logins.step(ASK, known, 0)!;
  assert.match(description, /&salt=s4lt&/);
  assert.equal(logins.step(answer(description, "correct horse"), known, 0), undefined);
  assert.equal(logins.step(answer(description, "wrong"), known, 0)?.failed, true);
  assert.equal(logins.step(ASK, { kind: "proven" }, 0), undefined);
});

test("a client names a user with authmod=adobe only", () => {
  const claim = (query: string) => readLoginClaim(new URLSearchParams(query))?.user;
  assert.equal(claim("authmod=adobe&user=ann"), "ann");
  for (
    const none of ["", "user=ann", "authmod=adobe", "authmod=llnw&user=ann", "authmod=adobe&user="]
  ) {
    assert.equal(claim(none), undefined, none);
  }
  assert.equal(claim(`authmod=adobe&user=${"x".repeat(5000)}`), undefined);
  // As librtmp 2.4 sends it, with what lay behind it in memory.
  const long = new URLSearchParams(
    "authmod=adobe&user=a&response=scZhSUUvxdYOBLRfcXoMrA==\ufffd-b",
  );
  assert.equal(readLoginClaim(long)?.response, "scZhSUUvxdYOBLRfcXoMrA==");
});
