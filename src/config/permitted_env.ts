/**
 * The environment, as far as the program may read it: Deno can be started with the right to all of
 * it, to some variables, or to none.
 *
 * @module
 */
import { CONFIG_VARIABLE, type Env } from "./environment.ts";
import { APPS, ENV_PREFIX, settings } from "./settings.ts";

/** What is read besides the settings. */
const OTHERS: readonly string[] = [CONFIG_VARIABLE, APPS.env, "NO_COLOR"];

/** Whether a variable may be read, or all of them when none is named. */
export type MayRead = (name?: string) => boolean;

/** Names to look at: all with the prefix, where the environment may be listed, else those known. */
function namesIn(env: Env, may: MayRead): string[] {
  const known = [...settings.map((setting) => setting.env), ...OTHERS];
  if (!may()) return known.filter((name) => may(name));
  try {
    // Only the names: whatever else is in the environment is none of our business.
    const names = Reflect.ownKeys(env).filter((name) => typeof name === "string");
    return names.filter((name) => name.startsWith(ENV_PREFIX) || known.includes(name));
  } catch {
    return known;
  }
}

/**
 * Copies the variables that concern Sluice and that may be read. Without the right to list the
 * environment, a misspelled variable goes unnoticed; without the right to read one, it is not set.
 *
 * @param may is asked before anything is touched
 */
export function permittedEnv(env: Env, may: MayRead = () => true): Env {
  const copy: Record<string, string | undefined> = {};
  for (const name of namesIn(env, may)) {
    try {
      copy[name] = env[name];
    } catch {
      // Not permitted.
    }
  }
  return copy;
}

/**
 * The environment for plugins, which read what they like: a variable that may not be read is an
 * error that says so, and no question to whoever sits at the terminal.
 */
export function guardedEnv(env: Env, may: MayRead): Env {
  const read = (name: string | symbol) => {
    // Nor is what every object has a variable.
    if (typeof name !== "string" || name in Object.prototype) return undefined;
    if (may(name)) return env[name];
    throw new Error(`Deno may not read the variable ${name}: start it with --allow-env=${name}`);
  };
  // Over an object of its own: a proxy looks at its target besides, which would be to read it.
  return new Proxy<Record<string, string | undefined>>({}, {
    get: (_, name) => read(name),
    has: (_, name) => read(name) !== undefined,
    ownKeys: () => may() ? Object.keys(env) : [],
    getOwnPropertyDescriptor: (_, name) => {
      const value = read(name);
      return value === undefined
        ? undefined
        : { value, writable: true, enumerable: true, configurable: true };
    },
  });
}
