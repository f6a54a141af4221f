/**
 * Starts plugins with their server, and stops those that were started.
 *
 * @module
 */
import type { Clock } from "../ports.ts";
import type { Plugin } from "./contract.ts";
import type { PluginServer } from "./plugin_server.ts";
import { isThenable, whenSettled } from "./thenable.ts";

/** A plugin could not be started, and with it the server. */
export class PluginStartError extends Error {
  /** Name of the class. */
  override readonly name = "PluginStartError";

  /** `cause`: what it threw. */
  constructor(
    /** Name of the plugin. */
    readonly plugin: string,
    cause: unknown,
  ) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot start plugin "${plugin}": ${why}`, { cause });
  }
}

/** What is needed to start plugins. */
export interface PluginLifecycleOptions {
  readonly clock: Clock;
  /** How long each may take (ms). */
  readonly timeoutMs: number;
  /** A plugin failed to stop. Must not throw. */
  onFault(plugin: string, error: unknown): void;
}

/** The plugins that were started, last one first. */
export class PluginLifecycle {
  readonly #options: PluginLifecycleOptions;
  readonly #started: Plugin[] = [];

  constructor(options: PluginLifecycleOptions) {
    this.#options = options;
  }

  /** @throws {PluginStartError} when one cannot be started; {@link stop} stops those before it */
  async start(plugins: readonly Plugin[], server: PluginServer): Promise<void> {
    for (const plugin of plugins) await this.#start(plugin, server);
  }

  async #start(plugin: Plugin, server: PluginServer, before?: unknown): Promise<void> {
    // One that fails half way has something to stop as well.
    this.#started.unshift(plugin);
    if (plugin.start === undefined) return;
    try {
      await this.#inTime(() => plugin.start!(server, before));
    } catch (error) {
      throw new PluginStartError(plugin.name, error);
    }
  }

  /**
   * Stops some and starts others in their place, those that stay go on.
   *
   * @throws {PluginStartError} when one cannot be started: then those before are started again
   */
  async exchange(
    gone: readonly Plugin[],
    come: readonly Plugin[],
    server: PluginServer,
  ): Promise<void> {
    const left = new Map(gone.map((plugin) => [plugin.name, this.#handedOver(plugin)]));
    const started: Plugin[] = [];
    await this.#stop(this.#taken(gone));
    try {
      for (const plugin of come) {
        started.push(plugin);
        await this.#start(plugin, server, left.get(plugin.name));
      }
    } catch (error) {
      await this.#stop(this.#taken(started));
      for (const plugin of gone) {
        await this.#start(plugin, server, left.get(plugin.name)).catch((error) =>
          this.#options.onFault(plugin.name, error)
        );
      }
      throw error;
    }
  }

  #handedOver(plugin: Plugin): unknown {
    try {
      return plugin.handOver?.();
    } catch (error) {
      this.#options.onFault(plugin.name, error);
      return undefined;
    }
  }

  /** Those of `plugins` that were started, taken off the list, last one first. */
  #taken(plugins: readonly Plugin[]): Plugin[] {
    const taken = this.#started.filter((plugin) => plugins.includes(plugin));
    const left = this.#started.filter((plugin) => !plugins.includes(plugin));
    this.#started.splice(0, Infinity, ...left);
    return taken;
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    await this.#stop(this.#started.splice(0));
  }

  async #stop(plugins: readonly Plugin[]): Promise<void> {
    for (const plugin of plugins) {
      if (plugin.stop === undefined) continue;
      try {
        await this.#inTime(() => plugin.stop!());
      } catch (error) {
        this.#options.onFault(plugin.name, error);
      }
    }
  }

  #inTime(call: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const answer = call();
      if (!isThenable(answer)) return resolve();
      const { clock, timeoutMs } = this.#options;
      const timer = clock.after(
        timeoutMs,
        () => reject(new Error(`it did not settle within ${timeoutMs} ms (hook.timeoutMs)`)),
      );
      whenSettled(answer, () => {
        timer.cancel();
        resolve();
      }, (error) => {
        timer.cancel();
        reject(error);
      });
    });
  }
}
