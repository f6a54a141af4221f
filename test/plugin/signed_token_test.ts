/** Signed tokens: beside what another implementation makes, and at their bounds. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { checkOptions } from "../../src/plugin/mod.ts";
import {
  type SignedGrant,
  SignedTokens,
  SignedUrlOptionsShape,
  signQuery,
} from "../../src/plugin/signed_token.ts";

const SECRET = "a secret of the tests";
const EXPIRES = 2_000_000_000;

const macOf = (...lines: string[]) =>
  createHmac("sha256", SECRET).update(lines.join("\n")).digest("base64url");

const grant = (more: Partial<SignedGrant> = {}): SignedGrant => ({
  ...{ action: "play", scope: "live/cam", expires: EXPIRES },
  ...more,
});

/** What is said of a query, by default at the last moment of its token. */
const check = (
  query: string,
  {
    action = "play" as SignedGrant["action"],
    path = "live/cam",
    address = "192.0.2.1",
    ms = EXPIRES * 1000 - 1,
  } = {},
  secrets = [SECRET],
) => new SignedTokens(secrets).check(action, path, address, new URLSearchParams(query), ms);

test("a token is what HMAC-SHA-256 makes of its lines, with what else the query has to say", () => {
  const mac = macOf("play", "live/cam", `${EXPIRES}`);
  assert.equal(signQuery(SECRET, grant()), `token=${EXPIRES}.${mac}`);
  assert.equal(
    signQuery(SECRET, grant({ action: "publish", scope: "live/*", from: "192.0.2.0/24" })),
    `token=${EXPIRES}.${macOf("publish", "live/*", `${EXPIRES}`, "192.0.2.0/24")}` +
      "&scope=live/*&from=192.0.2.0/24",
  );
});

test("it counts up to the second that it names, which is told in milliseconds", () => {
  const query = signQuery(SECRET, grant());
  assert.equal(check(query), EXPIRES * 1000);
  assert.equal(check(query, { ms: 0 }), EXPIRES * 1000);
  assert.equal(check(query, { ms: EXPIRES * 1000 }), "Token expired");
});

test("it is for one action, one stream or those that begin so, and for one address if it says so", () => {
  const one = signQuery(SECRET, grant());
  assert.equal(check(one, { action: "publish" }), "Token invalid");
  assert.equal(check(one, { path: "live/cam2" }), "Token invalid");
  const some = signQuery(SECRET, grant({ scope: "live/c*" }));
  assert.equal(typeof check(some, { path: "live/c" }), "number");
  assert.equal(check(some, { path: "live/b" }), "Token for another stream");
  const other = signQuery(SECRET, grant({ scope: "live/cam" })) + "&scope=live/cam";
  assert.equal(typeof check(other), "number");
  assert.equal(check(other, { path: "live/x" }), "Token for another stream");
  const from = signQuery(SECRET, grant({ from: "192.0.2.0/24" }));
  assert.equal(typeof check(from), "number");
  assert.equal(check(from, { address: "192.0.3.1" }), "Token for another address");
});

test("any of several secrets will do, and nothing else", () => {
  const query = signQuery(SECRET, grant());
  assert.equal(typeof check(query, {}, ["another one of these", SECRET]), "number");
  assert.equal(check(query, {}, ["another one of these"]), "Token invalid");
  const [token] = query.split("&");
  const forged = token!.slice(0, -1) + (token!.endsWith("A") ? "B" : "A");
  assert.equal(check(forged), "Token invalid");
  assert.equal(check(query.replace(`${EXPIRES}`, `${EXPIRES + 1}`)), "Token invalid");
});

test("what is no token is asked for, and what is odd beside one is refused", () => {
  for (const query of ["", "token=", "token=1", `token=${"1".repeat(12)}.${"A".repeat(43)}`]) {
    assert.equal(check(query), "Token required", query);
  }
  assert.equal(check(`token=1.${"A".repeat(42)}`), "Token required");
  const long = signQuery(SECRET, grant({ scope: "a".repeat(512) + "*" }));
  assert.equal(check(long), "Token invalid");
  const most = signQuery(SECRET, grant({ scope: "a".repeat(511) + "*" }));
  assert.equal(check(most), "Token for another stream");
  assert.equal(check(signQuery(SECRET, grant({ from: "here" }))), "Token invalid");
});

test("options are one to five secrets of 16 characters, and what needs a token", () => {
  const read = (options: unknown) => checkOptions(SignedUrlOptionsShape, options, "o");
  const secrets = ["x".repeat(16)];
  assert.deepEqual(read({ secrets }), {
    secrets,
    actions: ["publish", "play"],
    afterExpiry: "run-on",
  });
  const all = { secrets: new Array(5).fill(SECRET), actions: ["play"], afterExpiry: "end" };
  assert.deepEqual(read(all), all);
  for (
    const [options, told] of [
      [{}, / o: secrets: is missing$/],
      [{ secrets: [] }, /one secret or more/],
      [{ secrets: new Array(6).fill(SECRET) }, / o: secrets: expected <=5$/],
      [{ secrets: ["x".repeat(15)] }, /16 characters or more/],
      [{ secrets, actions: [] }, /publish, play or both/],
      [{ secrets, actions: ["record"] }, / o: actions\.0: expected/],
      [{ secrets, afterExpiry: "no" }, / o: afterExpiry: expected/],
    ] as const
  ) assert.throws(() => read(options), told);
});
