/**
 * Counts what went wrong inside the server, by the part that it was contained in.
 *
 * @module
 */

/**
 * The parts that faults are contained in:
 *
 * - `plugin`: a hook failed, and its client was refused
 * - `http`: a handler of the API or of a plugin failed, and its request was answered with 500
 * - `session`: one RTMP session was closed for a fault of the server
 * - `tick`: what is done twice a second failed for one session or stream
 * - `store`: a shared object could not be loaded or saved
 * - `record`: a recording could not be written, finished or removed
 * - `relay`: a connection to another server ended for a fault of this one
 * - `cluster`: what other nodes ask or tell could not be dealt with
 * - `log`: a line could not be written
 * - `process`: nobody caught it, as in a timer of a plugin; the server went on
 */
export const SUBSYSTEMS = [
  "plugin",
  "http",
  "session",
  "tick",
  "store",
  "record",
  "relay",
  "cluster",
  "log",
  "process",
] as const;

/** A part that faults are contained in. */
export type Subsystem = typeof SUBSYSTEMS[number];

/** The faults of one part since the server began. Messages are for the log: they may hold secrets. */
export interface FaultCount {
  readonly subsystem: Subsystem;
  /** The plugin that was to blame, where that is known. */
  readonly plugin?: string;
  readonly count: number;
  /** Class of the last error, such as `TypeError`. */
  readonly lastError: string;
  /** ISO 8601, UTC. */
  readonly lastAt: string;
}

/** What a class is called, and nothing else that could be smuggled in as its name. */
const CLASS_NAME = /^[A-Za-z_$][\w$]{0,63}$/;

/** The class of what was thrown, whatever that is; never throws. */
export function classOf(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return error === null ? "null" : typeof error;
    const name: unknown = error instanceof Error ? error.constructor.name : "object";
    return typeof name === "string" && CLASS_NAME.test(name) ? name : "Error";
  } catch {
    return "object";
  }
}

/** `TypeError: message` of what was thrown, whatever that is; never throws. */
export function errorText(error: unknown): string {
  const name = classOf(error);
  try {
    const message = error instanceof Error ? error.message : error;
    const known = typeof message !== "object" && typeof message !== "function";
    return known ? `${name}: ${String(message)}` : name;
  } catch {
    return name;
  }
}

/** The faults of one server. */
export class Faults {
  /** By part and plugin: as many as there are parts, and plugins in them. */
  readonly #counts = new Map<string, FaultCount>();
  readonly #wall: () => number;

  /** `wall` gives milliseconds since 1970. */
  constructor(wall: () => number) {
    this.#wall = wall;
  }

  /** Counts `times` faults; never throws. `plugin` is the name of the one to blame. */
  count(subsystem: Subsystem, error: unknown, plugin?: string, times = 1): void {
    const key = `${subsystem} ${plugin ?? ""}`;
    this.#counts.set(key, {
      subsystem,
      ...(plugin !== undefined && { plugin }),
      count: (this.#counts.get(key)?.count ?? 0) + times,
      lastError: classOf(error),
      lastAt: new Date(this.#wall()).toISOString(),
    });
  }

  /** All that were counted, in the order in which they first came. */
  list(): FaultCount[] {
    return [...this.#counts.values()];
  }
}
