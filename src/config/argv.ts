/**
 * Reads settings and the flags that are none from the command line.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { acceptApp } from "./apps.ts";
import { mismatch, unknownName } from "./errors.ts";
import { oldName, successor } from "./old_names.ts";
import { quote } from "./redact.ts";
import { APPS, type Setting, settings } from "./settings.ts";
import { suggest } from "./suggest.ts";
import { accept, emptyResult, fromText, type SourceResult } from "./value.ts";

/** Flags that are no settings. */
export interface Modes {
  /** `--help`: print the help and stop. */
  readonly help: boolean;
  /** `--version`: print the version and stop. */
  readonly version: boolean;
  /** `--check`: check the configuration and stop. */
  readonly check: boolean;
  /** `--config FILE`. */
  readonly config?: string;
}

/** Where a flag is read from. */
export const COMMAND_LINE = "command line";

const MODES = ["help", "version", "check"] as const;
const byFlag = new Map(settings.map((setting) => [setting.flag, setting]));
const negated = new Map(
  settings.filter(({ kind }) => kind === "boolean").map((
    setting,
  ) => [`no-${setting.flag}`, setting]),
);
const known = ["config", ...MODES, ...byFlag.keys(), ...negated.keys(), APPS.flag];

const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
  config: { type: "string" },
  [APPS.flag]: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
  check: { type: "boolean" },
};
for (const [flag, { kind }] of byFlag) {
  options[flag] = { type: kind === "boolean" ? "boolean" : "string" };
}
for (const flag of negated.keys()) options[flag] = { type: "boolean" };

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

/**
 * The tokens of a command line. A flag in the place of a value is a flag: `--host --check` lacks
 * the host, it does not listen on `--check`.
 */
function* tokensOf(argv: readonly string[]): Generator<Token> {
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "option" && !token.inlineValue && token.value?.startsWith("--")) {
      yield { ...token, value: undefined, inlineValue: undefined };
      yield* tokensOf(argv.slice(token.index + 1));
      return;
    }
    yield token;
  }
}

/** Reads the command line, without the names of the runtime and of the program. */
export function readArgv(argv: readonly string[]): SourceResult & { readonly modes: Modes } {
  const result = emptyResult();
  const modes: { -readonly [K in keyof Modes]: Modes[K] } = {
    help: false,
    version: false,
    check: false,
  };
  const take = (setting: Setting, value: unknown, spelling: string) =>
    accept(result, setting, value, { source: COMMAND_LINE, spelling });
  const lists = new Map<Setting, unknown[]>();
  const wrong = (key: string | undefined, problem: string) =>
    result.mistakes.push({ source: COMMAND_LINE, key, problem });
  /** What to make of a positional argument, which may be the value of the flag before it. */
  let next: "unexpected" | "skip" | "secret" = "unexpected";

  for (const token of tokensOf(argv)) {
    const after = next;
    next = "unexpected";
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      const shown = after === "secret" ? "***" : quote(token.value);
      if (after !== "skip") wrong(undefined, `unexpected argument ${shown}`);
      continue;
    }
    const { name, rawName: spelling, value } = token;
    const setting = byFlag.get(name);
    const off = negated.get(name);
    const mode = MODES.find((candidate) => candidate === name);
    if (mode !== undefined || off !== undefined) {
      if (value !== undefined) wrong(spelling, "takes no value");
      else if (mode !== undefined) modes[mode] = true;
      else if (off !== undefined) take(off, false, spelling);
    } else if (name === "config") {
      if (value) modes.config = value;
      else wrong(spelling, mismatch("a path", value === "" ? "an empty text" : "no value"));
    } else if (name === APPS.flag) {
      acceptApp(result, value, COMMAND_LINE, spelling);
    } else if (setting === undefined) {
      if (value === undefined) next = "skip";
      const old = successor("flag", name.replace(/^no-/, ""));
      if (old !== undefined) {
        if (old.key !== undefined) result.refused.add(old.key);
        result.mistakes.push(oldName(COMMAND_LINE, spelling, old));
        continue;
      }
      const meant = name.length > 1 ? suggest(name, known) : undefined;
      wrong(spelling, unknownName("flag", meant && `--${meant}`));
    } else if (setting.kind === "boolean") {
      take(setting, value === undefined || fromText(setting, value), spelling);
    } else if (value === undefined) {
      take(setting, undefined, spelling);
    } else if (setting.kind === "list") {
      lists.set(setting, [...lists.get(setting) ?? [], value]);
    } else {
      take(setting, fromText(setting, value), spelling);
      if (setting.secret) next = "secret";
    }
  }
  for (const [setting, list] of lists) {
    take(setting, list, `--${setting.flag}`);
  }
  return { ...result, modes };
}
