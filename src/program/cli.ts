/**
 * The command line without its machine: what to do for some arguments and an environment.
 *
 * @module
 */
import {
  type Config,
  ConfigError,
  ExitCode,
  loadConfig,
  type Loaded,
  type LoadInput,
  type Mistake,
} from "../config/mod.ts";
import { escapeControls } from "../text.ts";

/** What the command line is given. */
export interface CliInput extends LoadInput {
  /** Whether the output is a terminal. */
  readonly isTTY: boolean;
  /** What `--version` prints, such as `sluice 0.1.0 (deno 2.9.6)`. */
  readonly version: string;
  /** More checks that `--check` makes, such as loading the plugins; returns what is wrong. */
  readonly verify?: (config: Config) => Promise<readonly Mistake[]>;
}

/** What to do: start the server, or print text and stop. */
export type CliResult =
  | { readonly kind: "run"; readonly config: Config }
  | {
    readonly kind: "print";
    /** Ends in a line break. Belongs on standard output if `exitCode` is 0, else on the error output. */
    readonly text: string;
    readonly exitCode: ExitCode;
  };

/** Whether to use colours: on a terminal, unless `NO_COLOR` holds any text (no-color.org). */
export function useColor({ isTTY, env }: Pick<CliInput, "isTTY" | "env">): boolean {
  return isTTY && !env.NO_COLOR;
}

/** Decides what to do. Mistakes in the configuration become text, never an exception. */
export async function runCli(input: CliInput): Promise<CliResult> {
  try {
    const loaded = await loadConfig(input);
    const { config, modes } = loaded;
    if (modes.help) {
      const { helpText } = await import("../config/help.ts");
      return print(helpText({ color: useColor(input) }));
    }
    if (modes.version) return print(`${input.version}\n`);
    if (!modes.check) return { kind: "run", config };
    const mistakes = await input.verify?.(config) ?? [];
    if (mistakes.length > 0) throw new ConfigError(mistakes);
    return print(describe(loaded));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { kind: "print", text: explain(error), exitCode: ExitCode.Config };
  }
}

/** The text for a configuration that cannot be used; ends in a line break. */
export function explain(error: ConfigError): string {
  return `sluice: ${error.message}\nSee --help for every setting.\n`;
}

function print(text: string): CliResult {
  return { kind: "print", text, exitCode: ExitCode.Ok };
}

/** What `--check` says of a right configuration: each setting that was given, and where. */
function describe({ given }: Loaded): string {
  return "The configuration is valid.\n" +
    given.map(({ key, value, source, secret }) =>
      escapeControls(`  ${key}: ${secret ? "***" : JSON.stringify(value)} (${source})`) + "\n"
    ).join("");
}
