/**
 * Tells whether a value is a plugin. Types are no help with a module somebody else wrote.
 *
 * @module
 */
import * as v from "valibot";
import { ANSWERING_HOOKS, DECIDING_HOOKS, LOGIN_HOOKS, NOTIFIED_HOOKS } from "./contract.ts";

const HOOKS: readonly string[] = [
  ...DECIDING_HOOKS,
  ...LOGIN_HOOKS,
  ...ANSWERING_HOOKS,
  ...NOTIFIED_HOOKS,
];
const LOWER_CASE_HOOKS = HOOKS.map((name) => name.toLowerCase());

const hook = (name: string) => v.optional(v.function(`${name} must be a function`));

const PluginShape = v.object(
  {
    name: v.pipe(
      v.string("its name must be a string"),
      v.regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "its name must be 1 to 64 of a-z, 0-9, _ and -"),
    ),
    anybody: v.optional(v.boolean("anybody must be true or false")),
    public: v.optional(v.boolean("public must be true or false")),
    ...Object.fromEntries(
      [...HOOKS, "handOver", "routes", "start", "stop"].map((name) => [name, hook(name)]),
    ),
  },
  (issue) =>
    issue.expected === "Object"
      ? "it must be an object made with definePlugin"
      : `it has no ${issue.expected}`,
);

/** What is wrong with `value` as a plugin, or `undefined` when it is one. */
export function pluginMistake(value: unknown): string | undefined {
  const result = v.safeParse(PluginShape, value);
  if (!result.success) return result.issues.map((issue) => issue.message).join("; ");
  // A misspelled hook would never be called: an authentication plugin would let everyone in.
  const unknown = hookLikeNames(value as object).find((name) => !HOOKS.includes(name));
  if (unknown === undefined) return undefined;
  return `it has no use for ${unknown}: the hooks are ${HOOKS.join(", ")}`;
}

/** Names of members that look like hooks, inherited ones included. */
function hookLikeNames(plugin: object): string[] {
  const names: string[] = [];
  for (
    let level: object | null = plugin;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    names.push(...Object.getOwnPropertyNames(level).filter(looksLikeHook));
  }
  return names;
}

function looksLikeHook(name: string): boolean {
  return /^on[_A-Z]/.test(name) || LOWER_CASE_HOOKS.includes(name.toLowerCase());
}
