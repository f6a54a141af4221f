/**
 * Reads the configuration again while the server runs, for `SIGHUP` and for the API.
 *
 * @module
 */
import type { CliResult } from "./cli.ts";
import type { PluginFiles } from "./plugin_files.ts";
import { type Config, ConfigError } from "../config/mod.ts";
import { UsageError } from "../core/errors.ts";
import type { ReloadView } from "../http/mod.ts";
import { loggerOf } from "../log/log.ts";
import { PluginLoadError, PluginStartError } from "../plugin/mod.ts";
import type { Server } from "../server.ts";

/** Settings that the program takes up, and not the server. */
const OF_PROGRAM = ["log.format", "log.level", "log.linesPerSecond"];

/** What reloads need. */
export interface ReloaderOptions {
  /** Reads the configuration as at the start. */
  readonly read: () => Promise<CliResult>;
  readonly files: PluginFiles;
  readonly server: () => Server | undefined;
  /** Takes up what is of the program: another log. */
  readonly onTaken: (config: Config) => void;
}

/** Reloads one program. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /** Reads everything again. @returns what has changed, or in words why nothing has */
  reload(): Promise<ReloadView | string> {
    // Whoever asks meanwhile may have changed something since.
    const done = this.#last.then(() => this.#reload());
    this.#last = done.catch(() => {});
    return done;
  }

  async #reload(): Promise<ReloadView | string> {
    const log = loggerOf("server");
    try {
      const { read, files, server, onTaken } = this.#options;
      const command = await read();
      if (command.kind === "print") return refused(command.text.trim());
      const { config } = command;
      const { plugins, keep } = await files.load(config.plugins);
      const result = await server()?.reload({ ...config, plugins }, OF_PROGRAM);
      if (result === undefined) return refused("The server does not run");
      keep();
      onTaken(config);
      const { changed, needsRestart, plugins: { added, reloaded, removed } } = result;
      const pluginsNow = { added, reloaded, removed };
      log.info("reloaded", { changed, needsRestart, ...pluginsNow });
      return result;
    } catch (error) {
      if (isOperators(error)) return refused((error as Error).message);
      throw error;
    }

    function refused(why: string): string {
      log.warn("not reloaded: everything stays as it was", { why });
      return why;
    }
  }
}

/** Whether it is something that the operator can mend. */
function isOperators(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof PluginLoadError ||
    error instanceof PluginStartError || error instanceof UsageError;
}
