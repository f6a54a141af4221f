/**
 * The environment, as far as the program may read it: Deno can be started with the right to all of
 * it, to some variables, or to none.
 *
 * @module
 */
import { CONFIG_VARIABLE, type Env } from "./environment.ts";
import { ENV_PREFIX, settings } from "./settings.ts";

/** What is read besides the settings. */
const OTHERS: readonly string[] = [CONFIG_VARIABLE, "NO_COLOR"];

/** Names to look at: all with the prefix, where the environment may be listed, else those known. */
function namesIn(env: Env): string[] {
  const known = [...settings.map((setting) => setting.env), ...OTHERS];
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
 */
export function permittedEnv(env: Env): Env {
  const copy: Record<string, string | undefined> = {};
  for (const name of namesIn(env)) {
    try {
      copy[name] = env[name];
    } catch {
      // Not permitted.
    }
  }
  return copy;
}
