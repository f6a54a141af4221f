/**
 * The plugins that are asked at one time. While they are exchanged for others there are two sets: what was begun
 * with one is finished with it.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import type { Clock } from "../ports.ts";
import { pluginMistake } from "./check.ts";
import {
  ANSWERING_HOOKS,
  DECIDING_HOOKS,
  type HookName,
  LOGIN_HOOKS,
  NOTIFIED_HOOKS,
  type Plugin,
} from "./contract.ts";
import { type GuardOptions, PluginGuard } from "./guard.ts";

const HOOKS = [...DECIDING_HOOKS, ...LOGIN_HOOKS, ...ANSWERING_HOOKS, ...NOTIFIED_HOOKS];

/** Plugins in the order in which they are asked. */
export class PluginSet {
  /** The plugins. */
  readonly plugins: readonly Plugin[];
  readonly #guards: readonly PluginGuard[];
  /** By hook, the plugins that have it: nobody is called for an absent hook. */
  readonly #hooked = new Map<HookName, readonly PluginGuard[]>();
  /** Questions that are not answered yet. */
  #open = 0;
  #onIdle: (() => void) | undefined;

  /**
   * @param before the set that this one takes the place of: a plugin that is in both keeps what is known of its faults
   * @throws {UsageError} when a plugin is none, or two have one name
   */
  constructor(plugins: readonly Plugin[], options: GuardOptions, before?: PluginSet) {
    const names = new Set<string>();
    for (const plugin of plugins) {
      const mistake = pluginMistake(plugin);
      if (mistake !== undefined) throw new UsageError(`Cannot use a plugin: ${mistake}`);
      if (names.has(plugin.name)) {
        throw new UsageError(`Cannot use two plugins of the name "${plugin.name}"`);
      }
      names.add(plugin.name);
    }
    this.plugins = [...plugins];
    this.#guards = plugins.map((plugin) =>
      before?.guards.find((guard) => guard.plugin === plugin) ?? new PluginGuard(plugin, options)
    );
    for (const hook of HOOKS) {
      this.#hooked.set(hook, this.#guards.filter(({ plugin }) => plugin[hook] !== undefined));
    }
  }

  /** Those that have a hook. */
  having(hook: HookName): readonly PluginGuard[] {
    return this.#hooked.get(hook)!;
  }

  /** All of them. */
  get guards(): readonly PluginGuard[] {
    return this.#guards;
  }

  /** Asks something of them, and counts it until it is answered. */
  ask<T>(question: (set: PluginSet) => T | Promise<T>): T | Promise<T> {
    const answer = question(this);
    if (!(answer instanceof Promise)) return answer;
    this.#open++;
    // It never rejects: the guards see to that.
    return answer.then((answer) => {
      if (--this.#open === 0) this.#onIdle?.();
      return answer;
    });
  }

  /** Resolves once all is answered that was asked, or `mostMs` have passed. Nothing more must be asked. */
  idle(clock: Clock, mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open === 0) return resolve();
      const timer = clock.after(mostMs, resolve);
      this.#onIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
