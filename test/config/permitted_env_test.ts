import assert from "node:assert/strict";
import { test } from "node:test";
import { guardedEnv, permittedEnv } from "../../src/config/permitted_env.ts";

/** An environment of which only some variables may be read, as Deno's is without all rights. */
function guarded(variables: Record<string, string>, list: boolean, may: (name: string) => boolean) {
  const reads: string[] = [];
  const env = new Proxy(variables, {
    ownKeys(target) {
      if (!list) throw new Error("may not list");
      return Reflect.ownKeys(target);
    },
    get(target, name: string) {
      if (!may(name)) throw new Error(`may not read ${name}`);
      reads.push(name);
      return target[name];
    },
  });
  return { env, reads };
}

const VARIABLES = { SLUICE_HOST: "::1", SLUICE_TYPO: "1", HOME: "/home/a", NO_COLOR: "1" };

test("where the environment may be listed, unknown variables with the prefix are seen too", () => {
  const { env, reads } = guarded(VARIABLES, true, () => true);
  const seen = permittedEnv(env);
  assert.deepEqual(seen, { SLUICE_HOST: "::1", SLUICE_TYPO: "1", NO_COLOR: "1" });
  assert.ok(!reads.includes("HOME"));
});

test("where the environment may not be listed, the variables that may be read are", () => {
  const { env, reads } = guarded(VARIABLES, false, (name) => name.startsWith("SLUICE_"));
  const seen = permittedEnv(env);
  assert.equal(seen.SLUICE_HOST, "::1");
  assert.equal(seen.NO_COLOR, undefined);
  assert.ok(!reads.includes("HOME") && !reads.includes("SLUICE_TYPO"));
});

test("where nothing of the environment may be read, nothing is set", () => {
  const { env } = guarded(VARIABLES, false, () => false);
  assert.deepEqual(Object.values(permittedEnv(env)).filter((value) => value !== undefined), []);
});

test("what is not granted is not touched: on a terminal Deno would ask", () => {
  const cases: [list: boolean, may: string[], seen: Record<string, string>][] = [
    [false, [], {}],
    [false, ["SLUICE_HOST"], { SLUICE_HOST: "::1" }],
    [false, ["NO_COLOR", "HOME"], { NO_COLOR: "1" }],
    [true, Object.keys(VARIABLES), { SLUICE_HOST: "::1", SLUICE_TYPO: "1", NO_COLOR: "1" }],
  ];
  for (const [list, granted, expected] of cases) {
    const may = (name?: string) => name === undefined ? list : granted.includes(name);
    let touched = 0;
    const env = new Proxy(VARIABLES as Record<string, string>, {
      ownKeys(target) {
        if (!list) touched++;
        return Reflect.ownKeys(target);
      },
      get(target, name: string) {
        if (!granted.includes(name)) touched++;
        return target[name];
      },
      getOwnPropertyDescriptor: () => assert.fail("it is looked at by another way"),
      has: () => assert.fail("it is looked at by another way"),
    });
    const seen = Object.entries(permittedEnv(env, may)).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(seen), expected);
    assert.equal(touched, 0);
  }
});

test("a plugin that reads what it may not is told so, and nobody is asked", () => {
  let touched = 0;
  const env = new Proxy(VARIABLES as Record<string, string>, {
    get(target, name: string) {
      if (name !== "SLUICE_HOST") touched++;
      return target[name];
    },
    ownKeys: () => assert.fail("it is listed"),
    getOwnPropertyDescriptor: () => assert.fail("it is looked at"),
    has: () => assert.fail("it is looked at"),
  });
  const guarded = guardedEnv(env, (name) => name === "SLUICE_HOST");
  assert.equal(guarded.SLUICE_HOST, "::1");
  assert.throws(() => guarded.HOME, /--allow-env=HOME/);
  assert.throws(() => "HOME" in guarded, /--allow-env=HOME/);
  assert.deepEqual(Object.keys(guarded), []);
  assert.equal(String(guarded.toString), "undefined");
  assert.equal(touched, 0);
  const all = guardedEnv(VARIABLES, () => true);
  assert.deepEqual({ ...all }, VARIABLES);
  assert.equal(all.NONE, undefined);
});
