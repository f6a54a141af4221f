/** What plugins answer about users, and how passwords are hashed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readLoginAnswer } from "../../src/plugin/login.ts";
import { NEUTRAL_REASON } from "../../src/plugin/mod.ts";
import { isSameText, md5 } from "../../src/plugin/passwords.ts";
import { readRecordWish } from "../../src/plugin/record_options.ts";

const DIGEST = "jhhDAzoPbuUuL2GKqOu+9A==";

test("the digest of a password is what other programs make of its UTF-8", () => {
  assert.equal(md5("pässword"), DIGEST);
  assert.equal(md5(""), "1B2M2Y8AsgTpgAmY7PhCfg==");
});

test("a user is unknown, refused, proven, or proven by a password or a digest, in this order", () => {
  const all = { refuse: "No\nway", proven: true, password: "p", salt: "s", digest: DIGEST };
  assert.deepEqual(readLoginAnswer(undefined), { kind: "unknown" });
  assert.deepEqual(readLoginAnswer(all), { kind: "refused", reason: "No way" });
  assert.deepEqual(readLoginAnswer({ refuse: "" }), { kind: "refused", reason: NEUTRAL_REASON });
  assert.deepEqual(readLoginAnswer({ ...all, refuse: 1 }), { kind: "proven" });
  assert.deepEqual(readLoginAnswer({ ...all, refuse: 1, proven: 1 }), {
    kind: "password",
    password: "p",
  });
  assert.deepEqual(readLoginAnswer({ salt: "s", digest: DIGEST }), {
    kind: "digest",
    salt: "s",
    digest: DIGEST,
  });
});

test("a salt has 1 to 32 letters that a query takes, a digest 16 bytes; all else is nonsense", () => {
  const reads = (salt: unknown, digest: unknown) => {
    try {
      return readLoginAnswer({ salt, digest }).kind === "digest";
    } catch (error) {
      assert.ok(error instanceof TypeError && !error.message.includes("secret"));
      return false;
    }
  };
  assert.ok(reads("a".repeat(32), DIGEST));
  assert.ok(reads("aZ9_./+-", DIGEST));
  for (const salt of ["", "a".repeat(33), "a b", "secret&", 5]) assert.ok(!reads(salt, DIGEST));
  for (const digest of ["", `${DIGEST}=`, DIGEST.slice(1), "A".repeat(24), 5]) {
    assert.ok(!reads("a", digest), String(digest));
  }
  for (const nonsense of [null, true, "secret", {}, [], 5, { proven: false }]) {
    assert.throws(() => readLoginAnswer(nonsense), TypeError);
  }
});

test("how a stream is recorded is said in full or in a word, at its bounds", () => {
  for (
    const wish of [
      ...[true, false, "asked", {}, { format: "mp4" }, { format: ["flv", "mp4"] }],
      ...[{ file: "{name}-{start}" }, { segmentMs: 0 }, { segmentMs: 86_400_000 }],
      { segmentBytes: 1_099_511_627_776 },
    ]
  ) assert.deepEqual(readRecordWish(wish), wish);
  for (
    const nonsense of [
      ...[undefined, null, "yes", 1, [], [true], { format: "avi" }, { format: [] }],
      ...[{ format: ["flv", "mp4", "flv"] }, { file: "{nam}" }, { segmentMs: -1 }, { more: 1 }],
      ...[{ segmentMs: 86_400_001 }, { segmentMs: 0.5 }, { segmentBytes: 1_099_511_627_777 }],
    ]
  ) assert.equal(readRecordWish(nonsense), undefined, JSON.stringify(nonsense));
});

test("texts are the same to their last letter, and in no other way", () => {
  assert.equal(isSameText("pässword", "pässword"), true);
  assert.equal(isSameText("", ""), true);
  for (const other of ["", "pässwort", "password", "pässword ", "Pässword"]) {
    assert.equal(isSameText("pässword", other), false, other);
  }
});
