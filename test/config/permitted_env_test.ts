import assert from "node:assert/strict";
import { test } from "node:test";
import { permittedEnv } from "../../src/config/permitted_env.ts";

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
