/**
 * Puts a configuration together: defaults, then the file, then the environment, then flags.
 *
 * @module
 */
import { COMMAND_LINE, type Modes, readArgv } from "./argv.ts";
import { CONFIG_VARIABLE, type Env, readEnvironment } from "./environment.ts";
import { assemble } from "./assemble.ts";
import type { Config, Settings } from "./config.ts";
import { ConfigError, mismatch } from "./errors.ts";
import { readConfigFile } from "./file.ts";
import { quote, show } from "./redact.ts";
import { settings } from "./settings.ts";
import { type Entry, readTree } from "./tree.ts";
import { readTuning, type Tuning } from "./tuning.ts";
import { emptyResult, type Found, type SourceResult } from "./value.ts";

/** What a configuration is read from. */
export interface LoadInput {
  /** Arguments, without the names of the runtime and of the program. */
  readonly argv: readonly string[];
  readonly env: Env;
  /** Reads a text file; its error says why it cannot. */
  readonly readFile: (path: string) => string | Promise<string>;
}

/** A configuration and where it came from. */
export interface Loaded {
  readonly config: Config;
  readonly modes: Modes;
  /** Path of the configuration file, if one was named. */
  readonly file?: string;
  /** The settings that some source gave, in the order of the schema. */
  readonly given: readonly Given[];
}

/** A setting that some source gave. */
export interface Given {
  /** Its key, such as `rtmp.port` or `apps.radio.latency`. */
  readonly key: string;
  readonly value: unknown;
  /** `environment`, `file:line:column`, … */
  readonly source: string;
  readonly secret: boolean;
}

const CAUSES: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "a directory",
  EACCES: "a file that this user may not read",
  EPERM: "a file that this user may not read",
  NotCapable: "a file that Deno may not read without --allow-read",
};

/** Finds the named file and reads it. */
async function readFileSource(
  modes: Modes,
  { env, readFile }: LoadInput,
): Promise<SourceResult & { readonly path?: string }> {
  const path = modes.config ?? env[CONFIG_VARIABLE];
  if (path === undefined) return emptyResult();
  let cause: string;
  try {
    if (path !== "") return { ...await readConfigFile(path, await readFile(path)), path };
    cause = "an empty text";
  } catch (error) {
    const { code, name, message } = error as Record<string, unknown>;
    const known = CAUSES[String(code)] ?? CAUSES[String(name)];
    cause = `${quote(path)}, ${known ?? show(message)}`;
  }
  const [source, key] = modes.config === undefined
    ? ["environment", CONFIG_VARIABLE]
    : [COMMAND_LINE, "--config"];
  return {
    ...emptyResult(),
    mistakes: [{ source, key, problem: mismatch("a file that can be read", cause) }],
  };
}

/** What was given, as people know it. */
function givenOf(found: ReadonlyMap<string, Found>): Given[] {
  const order = settings.map(({ key }) => key);
  const apps = [...found.keys()].filter((key) => !order.includes(key));
  return [...order, ...apps].flatMap((key) => {
    const given = found.get(key);
    if (given === undefined) return [];
    const { value, source, setting } = given;
    return [{ key, value, source, secret: setting.secret === true }];
  });
}

/**
 * Reads the configuration of a program. A wrong value is a mistake even where a later source
 * replaces it. With `--help` or `--version` nothing else is read and mistakes do not matter.
 *
 * @throws {ConfigError} with every mistake of every source.
 */
export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const flags = readArgv(input.argv);
  if (flags.modes.help || flags.modes.version) {
    return { config: assemble([]).config, modes: flags.modes, given: [] };
  }
  const file = await readFileSource(flags.modes, input);
  const { config, found } = assemble([file, readEnvironment(input.env), flags]);
  return { config, modes: flags.modes, file: file.path, given: givenOf(found) };
}

/** Where the settings of an embedding program are from. */
const OPTIONS = "options";

/** The members of what an embedding program gives; what is `undefined` is not given. */
function entriesOf(value: unknown): Entry[] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).filter(([, value]) => value !== undefined).map(([key, value]) => ({
    key,
    source: OPTIONS,
    valueSource: OPTIONS,
    value,
    entries: () => entriesOf(value),
  }));
}

/**
 * Completes and checks the configuration of an embedding program, and its tuning with it.
 *
 * @throws {ConfigError} with every mistake.
 */
export function parseConfig(given: Settings = {}, tuning?: Partial<Tuning>): Config {
  const result = emptyResult();
  const entries = entriesOf(given);
  if (entries === undefined) {
    const problem = mismatch("an object with settings", show(given));
    throw new ConfigError([{ source: OPTIONS, problem }]);
  }
  readTree(result, entries);
  return assemble([result], readTuning(tuning).mistakes).config;
}
