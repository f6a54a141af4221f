/**
 * Reads settings from environment variables.
 *
 * @module
 */
import { acceptApp } from "./apps.ts";
import { unknownName } from "./errors.ts";
import { oldName, successor } from "./old_names.ts";
import { APPS, ENV_PREFIX, settings } from "./settings.ts";
import { suggest } from "./suggest.ts";
import { accept, emptyResult, fromText, type SourceResult, splitList } from "./value.ts";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Names the configuration file where no `--config` flag does. */
export const CONFIG_VARIABLE = "SLUICE_CONFIG";

/**
 * Variables with our prefix that belong to others: the shipped plugin `token_auth`, any other
 * plugin, and the test suite, whose servers inherit its environment.
 */
const FOREIGN = /^SLUICE_(TOKEN_SECRET$|PLUGIN_|TEST_)/;

/** Where an environment variable is read from. */
const SOURCE = "environment";

/** Reads every `SLUICE_` variable; one that Sluice does not know is a mistake. */
export function readEnvironment(env: Env): SourceResult {
  const result = emptyResult();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || text === undefined) continue;
    if (name === CONFIG_VARIABLE || FOREIGN.test(name)) continue;
    if (name === APPS.env) {
      for (const item of splitList(text)) acceptApp(result, item, SOURCE, name);
      continue;
    }
    const setting = settings.find((candidate) => candidate.env === name);
    const old = successor("env", name);
    if (old !== undefined) {
      if (old.key !== undefined) result.refused.add(old.key);
      result.mistakes.push(oldName(SOURCE, name, old));
      continue;
    }
    if (setting === undefined) {
      // The prefix is the same in all, so it says nothing about likeness.
      const known = [...settings.map(({ env }) => env), APPS.env, CONFIG_VARIABLE];
      const rest = (variable: string) => variable.slice(ENV_PREFIX.length);
      const meant = suggest(rest(name), known.map(rest));
      const problem = unknownName("variable", meant && ENV_PREFIX + meant);
      result.mistakes.push({ source: SOURCE, key: name, problem });
      continue;
    }
    const expected = setting.kind === "boolean" ? "true, false, 1 or 0" : setting.expected;
    accept(result, setting, fromText(setting, text), { source: SOURCE, spelling: name, expected });
  }
  return result;
}
