/** What the answers of hooks are taken for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CALL_BUSY, excuseCall, readCallAnswer } from "../../src/plugin/call_answer.ts";
import { ClientCallError, NEUTRAL_REASON } from "../../src/plugin/mod.ts";
import { cleanReason, readVerdict } from "../../src/plugin/verdict.ts";

const HOOKS = ["onConnect", "onPublish", "onPlay", "onSharedObject"] as const;

/** The message of what is thrown. */
function mistake(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return error.message;
  }
  return "nothing was thrown";
}

test("nothing and true let a client in, and a refusal with words keeps it out, at every hook", () => {
  for (const hook of HOOKS) {
    for (const answer of [undefined, true]) {
      assert.deepEqual(readVerdict(hook, answer), { allow: true });
    }
    assert.deepEqual(readVerdict(hook, { refuse: "Not you." }), {
      ...{ allow: false, reason: "Not you." },
    });
  }
});

test("what is no verdict is a mistake that does not repeat the value", () => {
  const how = 'answer nothing, true or refuse("reason")';
  for (const hook of HOOKS) {
    const cases: [unknown, string][] = [
      [false, "false"],
      [null, "null"],
      ["secret", "a value of string"],
      [7, "a value of number"],
      [() => true, "a value of function"],
      [{}, "a value of object"],
      [{ refuse: 7 }, "a value of object"],
      [{ refuse: 7, rename: "other", readOnly: true, record: true }, "a value of object"],
    ];
    for (const [answer, what] of cases) {
      assert.equal(mistake(() => readVerdict(hook, answer)), `${hook} answered ${what}: ${how}`);
    }
  }
});

test("only a shared object can be for reading alone", () => {
  assert.deepEqual(readVerdict("onSharedObject", { readOnly: true }), {
    ...{ allow: true, readOnly: true },
  });
  for (const hook of HOOKS) {
    for (const readOnly of [true, false, 1]) {
      if (hook === "onSharedObject" && readOnly === true) continue;
      assert.match(mistake(() => readVerdict(hook, { readOnly })), /answered a value of object/);
    }
  }
});

test("a publish and a play can be renamed, to what is a name, and without its container", () => {
  for (const hook of ["onPublish", "onPlay"] as const) {
    assert.deepEqual(readVerdict(hook, { rename: "public" }), { allow: true, name: "public" });
    assert.deepEqual(readVerdict(hook, { rename: "public.flv" }), { allow: true, name: "public" });
    for (const rename of ["", 7, undefined, "a\nb"]) {
      const why = `${hook} renamed the stream to something that is not a stream name`;
      assert.equal(mistake(() => readVerdict(hook, { rename })), why, `${rename}`);
    }
  }
  for (const hook of ["onConnect", "onSharedObject"] as const) {
    assert.match(mistake(() => readVerdict(hook, { rename: "public" })), /a value of object/);
  }
});

test("a publish can be recorded, in a way that there is, with another name or without", () => {
  for (const record of [true, false, "asked", { format: "flv" }] as const) {
    assert.deepEqual(readVerdict("onPublish", { record }), { allow: true, record });
    assert.deepEqual(readVerdict("onPublish", { rename: "other", record }), {
      ...{ allow: true, name: "other", record },
    });
  }
  for (const record of [undefined, 7, "always", [], { format: "avi" }]) {
    const why = "onPublish answered with a way of recording that there is not";
    assert.equal(mistake(() => readVerdict("onPublish", { record })), why);
  }
  assert.match(mistake(() => readVerdict("onPlay", { record: true })), /a value of object/);
});

test("a reason is one line of 256 letters, or a neutral one", () => {
  assert.equal(cleanReason(" a\r\n\u0000b\u009f "), "a b");
  assert.equal(cleanReason("x".repeat(300)), "x".repeat(256));
  for (const empty of ["", "  ", "\n\u0007"]) assert.equal(cleanReason(empty), NEUTRAL_REASON);
  assert.deepEqual(readVerdict("onPlay", { refuse: "a\nb" }), { allow: false, reason: "a b" });
});

test("what a call returns is its answer, a refusal with words refuses, and nothing is no method", () => {
  assert.equal(readCallAnswer(undefined), undefined);
  assert.deepEqual(readCallAnswer(null), { ok: true, value: null });
  assert.deepEqual(readCallAnswer("x"), { ok: true, value: "x" });
  assert.deepEqual(readCallAnswer({ refuse: "No\nway." }), { ok: false, reason: "No way." });
  assert.deepEqual(readCallAnswer({ refuse: "" }), { ok: false, reason: NEUTRAL_REASON });
  for (const value of [{ refuse: 7 }, { other: 1 }]) assert.equal(readCallAnswer(value)?.ok, true);
});

test("a plugin whose client did not answer is excused, in words for whoever called", () => {
  assert.deepEqual(excuseCall(new ClientCallError("gone")), {
    ...{ ok: false, reason: "The client is gone." },
  });
  assert.equal(excuseCall(new Error("own")), undefined);
  assert.deepEqual(CALL_BUSY, { ok: false, reason: "Too many calls wait for an answer." });
});

test("targets to push to are those of a plugin, as a whole or not at all", () => {
  const url = "rtmp://h.test/app/{name}";
  assert.deepEqual(readVerdict("onPublish", { push: url }), { allow: true, push: [{ url }] });
  assert.deepEqual(readVerdict("onPublish", { push: [], rename: "a" }), {
    ...{ allow: true, name: "a", push: [] },
  });
  const why = mistake(() => readVerdict("onPublish", { push: "http://secret.test/" }));
  assert.equal(why, "onPublish answered with a target to push to that there cannot be");
  assert.equal(
    mistake(() => readVerdict("onPublish", { record: "secret" })),
    "onPublish answered with a way of recording that there is not",
  );
  assert.deepEqual(readVerdict("onPublish", { record: true, push: url }), {
    ...{ allow: true, record: true, push: [{ url }] },
  });
  assert.match(mistake(() => readVerdict("onPlay", { push: url })), /^onPlay answered/);
});
