/**
 * Counts the faults of one plugin.
 *
 * @module
 */
import { classOf } from "../faults.ts";
import type { HookName } from "./contract.ts";

/** How many faults of a hook in a row make its plugin unhealthy, unless configured. */
export const UNHEALTHY_AFTER = 3;

/**
 * How a hook failed: it threw or rejected, did not settle in time, answered no verdict, or was not
 * asked because too many of its answers were still awaited.
 */
export type FaultKind = "threw" | "timeout" | "bad-verdict" | "overloaded";

/** How a plugin is. Messages of errors are for the log alone: they may hold secrets. */
export interface PluginHealth {
  readonly name: string;
  /** Faults since the server began. */
  readonly faults: number;
  readonly lastFault?: {
    readonly hook: HookName;
    readonly kind: FaultKind;
    /** Class of the error, such as `TypeError`. */
    readonly error: string;
    /** ISO 8601, UTC. */
    readonly at: string;
  };
  /** Hooks that were called and have not settled, nor run out of time. */
  readonly pending: number;
  /** Answers, rejections among them, that came after their time and changed nothing. */
  readonly late: number;
  /** `false` once a hook failed several times in a row, until it succeeds. */
  readonly healthy: boolean;
}

/** The faults of one plugin. */
export class FaultRecord {
  /** Hooks that were called and have not settled, nor run out of time. */
  pending = 0;
  /** Answers that came after their time. */
  late = 0;
  readonly #name: string;
  readonly #limit: number;
  /** By hook, so that a hook that works does not hide one that always fails. */
  readonly #inARow = new Map<HookName, number>();
  #faults = 0;
  #lastFault: PluginHealth["lastFault"];

  /** `limit` is how many faults of a hook in a row make the plugin unhealthy. */
  constructor(name: string, limit = UNHEALTHY_AFTER) {
    this.#name = name;
    this.#limit = limit;
  }

  /** A hook did what it should. */
  succeeded(hook: HookName): void {
    if (this.#inARow.size > 0) this.#inARow.delete(hook);
  }

  /** A hook failed. `wall` is in milliseconds since 1970. */
  failed(hook: HookName, kind: FaultKind, error: unknown, wall: number): void {
    this.#faults++;
    this.#inARow.set(hook, (this.#inARow.get(hook) ?? 0) + 1);
    this.#lastFault = { hook, kind, error: classOf(error), at: new Date(wall).toISOString() };
  }

  /** The present state. */
  health(): PluginHealth {
    return {
      name: this.#name,
      faults: this.#faults,
      ...(this.#lastFault && { lastFault: this.#lastFault }),
      pending: this.pending,
      late: this.late,
      healthy: [...this.#inARow.values()].every((faults) => faults < this.#limit),
    };
  }
}
