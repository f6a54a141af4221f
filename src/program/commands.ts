/**
 * The commands of the program that start no server, by their first word.
 *
 * @module
 */
import type { CommandResult } from "./command_result.ts";

/** Each is loaded once it is asked for. */
const COMMANDS: Readonly<
  Record<string, (args: readonly string[]) => Promise<CommandResult>>
> = {
  cert: async (args) => (await import("./cert.ts")).makeCertificate(args),
  sign: async (args) => (await import("./sign.ts")).sign(args),
  "new-plugin": async (args) => (await import("./new_plugin.ts")).newPlugin(args),
  key: async (args) => (await import("./key.ts")).manageKeys(args),
};

/** Does what `argv` begins with; `undefined` where that is no command. */
export async function runCommand(argv: readonly string[]): Promise<CommandResult | undefined> {
  const [name = "", ...args] = argv;
  return Object.hasOwn(COMMANDS, name) ? await COMMANDS[name]!(args) : undefined;
}
