/**
 * Tries a plugin without a server: its hooks are called as a server calls them, with its order, its time limits
 * and its view of answers, but without sockets.
 *
 * ```ts
 * await using plugin = await testPlugin(onlyDemo);
 * const verdict = await plugin.client({ app: "live" }).publish("other");
 * assert.equal(verdict.reason, "Only demo may be published");
 * ```
 *
 * @module
 */
import type { Clock } from "../../ports.ts";
import { pluginMistake } from "../check.ts";
import type { RecordedContext, RecordFailedContext, RecordStartContext } from "../contexts.ts";
import type { Plugin, PluginFactory, RouteEnv } from "../contract.ts";
import { PluginLifecycle } from "../lifecycle.ts";
import { PluginRunner } from "../runner.ts";
import { TestClient, type TestClientOptions } from "./client.ts";
import { Scene } from "./scene.ts";

/** What a test may say of its surroundings. */
export interface TestPluginOptions {
  /** The environment, for a plugin that is made from it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How long a hook may take (ms), as `hook.timeoutMs`. */
  readonly timeoutMs?: number;
  /** Finished recordings that the plugin can open. */
  readonly recordings?: Readonly<Record<string, Uint8Array>>;
}

/** A hook that failed. */
export interface PluginFault {
  /** `stop`, or the name of the hook. */
  readonly hook: string;
  /** What it threw, or why its answer did not count. */
  readonly error: unknown;
}

const DEFAULT_TIMEOUT_MS = 5_000;

const CLOCK: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A plugin that is tried. Use it with `await using`, so that it is stopped. */
export class PluginTester implements AsyncDisposable {
  /** The plugin itself. */
  readonly plugin: Plugin;
  /** What it sees of the server, and what it did with that. */
  readonly server = new Scene();
  /** Hooks that failed, in order. */
  readonly faults: PluginFault[] = [];
  readonly #runner: PluginRunner;
  readonly #lifecycle: PluginLifecycle;
  #ids = 0;

  /** Use {@link testPlugin}. */
  constructor(
    plugin: Plugin,
    { timeoutMs = DEFAULT_TIMEOUT_MS, recordings = {} }: TestPluginOptions,
  ) {
    this.plugin = plugin;
    for (const [file, bytes] of Object.entries(recordings)) this.server.files.set(file, bytes);
    this.#runner = new PluginRunner([plugin], {
      clock: CLOCK,
      timeoutMs,
      onFault: (_, hook, error) => this.faults.push({ hook, error }),
    });
    this.#lifecycle = new PluginLifecycle({
      clock: CLOCK,
      timeoutMs,
      onFault: (_, error) => this.faults.push({ hook: "stop", error }),
    });
  }

  /** A client that has not connected yet. */
  client(options: TestClientOptions = {}): TestClient {
    return new TestClient({
      runner: this.#runner,
      scene: this.server,
      clock: CLOCK,
      nextId: () => `s${++this.#ids}`,
    }, options);
  }

  /** Tells it that a file is begun. */
  recordStart(context: RecordStartContext): void {
    this.#runner.recordStart(context);
  }

  /** Tells it that a file is finished. */
  recorded(context: RecordedContext): void {
    this.#runner.recorded(context);
  }

  /** Tells it that a recording failed. */
  recordFailed(context: RecordFailedContext): void {
    this.#runner.recordFailed(context);
  }

  /** Asks its routes, of which `path` is one without `/plugins/NAME`. The token is not asked for. */
  async request(path: string, init?: RequestInit): Promise<Response> {
    // Only who has routes needs it.
    const { Hono } = await import("hono");
    const app = new Hono<RouteEnv>();
    this.plugin.routes?.(app);
    const remote = { hostname: "127.0.0.1", port: 50_000 };
    return await app.fetch(new Request(new URL(path, "http://localhost:8080").href, init), {
      remote,
    });
  }

  /** Starts it, as a server that listens. Rejects when it cannot be started. */
  start(): Promise<void> {
    return this.#lifecycle.start([this.plugin], this.server);
  }

  /** Stops it. */
  stop(): Promise<void> {
    return this.#lifecycle.stop();
  }

  /** Stops it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/**
 * Makes the plugin, if it is a function that does so, and starts it.
 *
 * @throws {Error} when it is no plugin, or cannot be made or started
 */
export async function testPlugin(
  plugin: Plugin | PluginFactory,
  options: TestPluginOptions = {},
): Promise<PluginTester> {
  const made = typeof plugin === "function" ? await plugin(options.env ?? {}) : plugin;
  const mistake = pluginMistake(made);
  if (mistake !== undefined) throw new Error(`This is no plugin: ${mistake}`);
  const tester = new PluginTester(made, options);
  try {
    await tester.start();
  } catch (error) {
    await tester.stop();
    throw error;
  }
  return tester;
}
