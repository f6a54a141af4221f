/**
 * The options of a plugin: one JSON object, in a variable of the environment or in a file that the variable
 * names, checked by a schema. What is wrong is told without what was found: there may be secrets in it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import * as v from "valibot";

/** Environment variables by name. */
export type PluginEnv = Readonly<Record<string, string | undefined>>;

/** A schema of valibot for options `T`, as far as that is looked at here. */
export interface OptionsSchema<T> {
  /** Types only: no schema has such a member. */
  readonly "~types"?: { readonly output: T } | undefined;
}

/** Mistakes that are told at most. */
const MOST_MISTAKES = 5;

/** The variable that has the options of a plugin: `SLUICE_PLUGIN_STREAM_KEYS` of `stream_keys`. */
export function optionsVariable(plugin: string): string {
  return `SLUICE_PLUGIN_${plugin.replaceAll("-", "_").toUpperCase()}`;
}

/**
 * The options of a plugin out of the environment: `SLUICE_PLUGIN_<NAME>` holds them as a JSON object, or
 * names a file that does. Where it is not set, they are `{}`.
 *
 * @throws {Error} which says in one line what is wrong where
 */
export function readOptions<T>(
  plugin: string,
  schema: OptionsSchema<T>,
  env: PluginEnv,
): T {
  const variable = optionsVariable(plugin);
  const text = env[variable]?.trim() ?? "{}";
  const isFile = !text.startsWith("{");
  return checkOptions(
    schema,
    parse(isFile ? readText(text, variable) : text, isFile ? text : variable),
    isFile ? text : variable,
  );
}

/** Checks options against their schema. `source` says where they are from. @throws {Error} */
export function checkOptions<T>(
  schema: OptionsSchema<T>,
  options: unknown,
  source: string,
): T {
  const result = v.safeParse(schema as v.GenericSchema<unknown, T>, options);
  if (result.success) return result.output;
  const mistakes = result.issues.slice(0, MOST_MISTAKES).map(mistakeOf);
  const more = result.issues.length - mistakes.length;
  throw new Error(
    `${source}: ${mistakes.join("; ")}${more > 0 ? `; and ${more} more` : ""}`,
  );
}

function mistakeOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "the options";
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `${path}: there is no such option`;
  }
  if (issue.received === "undefined") return `${path}: is missing`;
  // Words of the schema's own have an expectation in them, and nothing that was found.
  const words = issue.message.includes("received") ? undefined : issue.message;
  return `${path}: expected ${words ?? issue.expected ?? issue.requirement}`;
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the runtime repeats what was found.
    throw new Error(`${source}: this is no JSON`);
  }
}

function readText(path: string, variable: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: unknown };
    const why = name === "NotCapable"
      ? "Deno may not read without --allow-read"
      : code === "ENOENT"
      ? "there is not"
      : `cannot be read (${String(code ?? name)})`;
    throw new Error(`${variable}: a JSON object, or the path of a file that has one, but ${why}`);
  }
}
