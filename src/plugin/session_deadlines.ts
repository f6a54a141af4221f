/**
 * Ends sessions at a time of the wall clock: for plugins that let clients in until then.
 *
 * @module
 */
import type { PluginServer } from "./plugin_server.ts";

/** How often it is looked for sessions whose time is over (ms). */
const SWEEP_MS = 1000;

/** Sessions that are to end. A plugin hands it its `start` and `stop`, and tells it who has left. */
export class SessionDeadlines {
  readonly #now: () => number;
  readonly #plugin: string;
  readonly #deadlines = new Map<string, { readonly at: number; readonly why: string }>();
  #server: Pick<PluginServer, "endSession"> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `plugin` stands in the log; `now` tells milliseconds since 1970. */
  constructor(plugin: string, now: () => number = Date.now) {
    this.#plugin = plugin;
    this.#now = now;
  }

  /** Sessions that have a deadline. */
  get size(): number {
    return this.#deadlines.size;
  }

  /** Begins to look. `before`: what those of the version before have handed over, when a plugin is reloaded. */
  start(server: Pick<PluginServer, "endSession">, before?: unknown): void {
    clearInterval(this.#timer);
    if (before instanceof Map) {
      for (const [id, deadline] of before as ReturnType<SessionDeadlines["handOver"]>) {
        this.set(id, deadline.at, deadline.why);
      }
    }
    this.#server = server;
    this.#timer = setInterval(() => this.sweep(), SWEEP_MS);
  }

  /** The deadlines, for the next version of a plugin. */
  handOver(): Map<string, { readonly at: number; readonly why: string }> {
    return new Map(this.#deadlines);
  }

  /** Forgets all of them. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#server = undefined;
    this.#deadlines.clear();
  }

  /** Ends a session at `at` (ms since 1970), or sooner where that was said before. */
  set(sessionId: string, at: number, why: string): void {
    if (at < (this.#deadlines.get(sessionId)?.at ?? Infinity)) {
      this.#deadlines.set(sessionId, { at, why });
    }
  }

  /** A session is over: to be called in `onDisconnect`. */
  forget(sessionId: string): void {
    this.#deadlines.delete(sessionId);
  }

  /** Ends those whose time is over. The timer calls it every second. */
  sweep(): void {
    const now = this.#now();
    for (const [id, { at, why }] of this.#deadlines) {
      if (at > now) continue;
      this.#deadlines.delete(id);
      this.#server?.endSession(id, `${this.#plugin}: ${why}`);
    }
  }
}
