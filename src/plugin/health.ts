/**
 * Counts the faults of one plugin.
 *
 * @module
 */
import type { HookName } from "./contract.ts";

/** How many faults of a hook in a row make its plugin unhealthy. */
export const UNHEALTHY_AFTER = 3;

/** How a hook failed: it threw or rejected, did not settle in time, or answered no verdict. */
export type FaultKind = "threw" | "timeout" | "bad-verdict";

/** How a plugin is. Messages of errors are for the log alone: they may hold secrets. */
export interface PluginHealth {
  readonly name: string;
  /** Faults since the server began. */
  readonly faults: number;
  readonly lastFault?: {
    readonly hook: HookName;
    readonly kind: FaultKind;
    /** ISO 8601, UTC. */
    readonly at: string;
  };
  /** `false` once a hook failed three times in a row, until it succeeds. */
  readonly healthy: boolean;
}

/** The faults of one plugin. */
export class FaultRecord {
  readonly #name: string;
  /** By hook, so that a hook that works does not hide one that always fails. */
  readonly #inARow = new Map<HookName, number>();
  #faults = 0;
  #lastFault: PluginHealth["lastFault"];

  constructor(name: string) {
    this.#name = name;
  }

  /** A hook did what it should. */
  succeeded(hook: HookName): void {
    if (this.#inARow.size > 0) this.#inARow.delete(hook);
  }

  /** A hook failed. `wall` is in milliseconds since 1970. */
  failed(hook: HookName, kind: FaultKind, wall: number): void {
    this.#faults++;
    this.#inARow.set(hook, (this.#inARow.get(hook) ?? 0) + 1);
    this.#lastFault = { hook, kind, at: new Date(wall).toISOString() };
  }

  /** The present state. */
  health(): PluginHealth {
    return {
      name: this.#name,
      faults: this.#faults,
      ...(this.#lastFault && { lastFault: this.#lastFault }),
      healthy: [...this.#inARow.values()].every((faults) => faults < UNHEALTHY_AFTER),
    };
  }
}
