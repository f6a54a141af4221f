/**
 * The plugins of the configuration, loaded from their files: and again where something of theirs has changed.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import {
  fileUrl,
  loadPlugin,
  loadPlugins,
  optionsVariable,
  type Plugin,
  type PluginSource,
} from "../plugin/mod.ts";

/** A plugin, and what its files held when it was made. */
interface Made {
  readonly plugin: Plugin;
  readonly module: string;
  readonly options: string;
}

/** Plugins that were loaded, to be used once they run. */
export interface LoadedPlugins {
  readonly plugins: readonly Plugin[];
  /** They run: the next time only those are loaded that differ from these. */
  keep(): void;
}

/** Loads plugins, and knows those that run. */
export class PluginFiles {
  readonly #source: PluginSource;
  #running = new Map<string, Made>();
  /** Loads so far: a module that is imported again needs another address. */
  #loads = 0;

  constructor(source: PluginSource) {
    this.#source = source;
  }

  /** Loads those at `paths`; those that run and have not changed stay the same objects. @throws {PluginLoadError} */
  async load(paths: readonly string[]): Promise<LoadedPlugins> {
    const made = new Map<string, Made>();
    const plugins = await loadPlugins(paths, this.#source, async (path, source) => {
      const known = this.#running.get(path);
      const module = this.#moduleText(path);
      if (known !== undefined && known.module === module) {
        const { plugin, options } = known;
        if (this.#optionsText(plugin.name) === options) {
          made.set(path, known);
          return plugin;
        }
      }
      // What was imported once stays as it is: another text needs another address.
      const isOther = known !== undefined && known.module !== module;
      const plugin = await loadPlugin(path, source, isOther ? ++this.#loads : this.#loads);
      made.set(path, { plugin, module, options: this.#optionsText(plugin.name) });
      return plugin;
    });
    return { plugins, keep: () => void (this.#running = made) };
  }

  #moduleText(path: string): string {
    const url = fileUrl(path, this.#source.base);
    return url?.protocol === "file:" ? textOf(url) : "";
  }

  /** The options where they are in a file that the environment names. */
  #optionsText(name: string): string {
    let text: string | undefined;
    try {
      text = this.#source.env[optionsVariable(name)]?.trim();
    } catch {
      // It may not be read, and then the plugin has not read it either.
    }
    return text === undefined || text === "" || text.startsWith("{") ? "" : textOf(text);
  }
}

function textOf(path: string | URL): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
