/**
 * Puts a configuration together: defaults, then the file, then the environment, then flags.
 *
 * @module
 */
import * as v from "valibot";
import { COMMAND_LINE, type Modes, readArgv } from "./argv.ts";
import { CONFIG_VARIABLE, type Env, readEnvironment } from "./environment.ts";
import { ConfigError, mismatch, type Mistake, unknownName } from "./errors.ts";
import { readConfigFile } from "./file.ts";
import { quote, show } from "./redact.ts";
import { type Config, type ConfigKey, schema } from "./schema.ts";
import { settingOf, settings } from "./settings.ts";
import { suggest } from "./suggest.ts";
import { accept, emptyResult, type Found, type SourceResult } from "./value.ts";

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
  /** The settings that some source gave, by key: `environment`, `file:line:column`, … */
  readonly sources: ReadonlyMap<ConfigKey, string>;
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

/** Joins sources, later over earlier, and checks what no single setting can know. */
function join(results: readonly SourceResult[]): [Config, Map<ConfigKey, Found>] {
  const mistakes: Mistake[] = results.flatMap((result) => result.mistakes);
  const found = new Map(results.flatMap((result) => [...result.found]));
  const config = v.parse(
    schema,
    Object.fromEntries([...found].map(([key, { value }]) => [key, value])),
  );
  const refused = (key: ConfigKey) => results.some((result) => result.refused.has(key));
  const known = !refused("rtmpPort") && !refused("httpPort");
  if (known && config.rtmpPort !== 0 && config.rtmpPort === config.httpPort) {
    const { source, spelling } = found.get("httpPort") ?? found.get("rtmpPort")!;
    const other = found.has("httpPort") ? "RTMP" : "HTTP";
    const problem = mismatch(`another port than that of the ${other} server`, `${config.httpPort}`);
    mistakes.push({ source, key: spelling, problem });
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return [Object.freeze(config), found];
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
    return { config: join([])[0], modes: flags.modes, sources: new Map() };
  }
  const file = await readFileSource(flags.modes, input);
  const [config, found] = join([file, readEnvironment(input.env), flags]);
  const sources = new Map([...found].map(([key, { source }]) => [key, source]));
  return { config, modes: flags.modes, file: file.path, sources };
}

/**
 * Completes and checks the configuration of an embedding program.
 *
 * @throws {ConfigError} with every mistake.
 */
export function parseConfig(partial: Partial<Config> = {}): Config {
  const source = "options";
  const result = emptyResult();
  if (typeof partial !== "object" || partial === null || Array.isArray(partial)) {
    const problem = mismatch("an object with settings", show(partial));
    throw new ConfigError([{ source, problem }]);
  }
  for (const [key, value] of Object.entries(partial)) {
    const setting = settingOf(key);
    if (setting === undefined) {
      const problem = unknownName("setting", suggest(key, settings.map((known) => known.key)));
      result.mistakes.push({ source, key, problem });
    } else if (value !== undefined) {
      accept(result, setting, value, source, key);
    }
  }
  return join([result])[0];
}
