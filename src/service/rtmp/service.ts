/**
 * The RTMP service: takes connections, keeps the sessions, lets time pass for them.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { errorText, Faults } from "../../faults.ts";
import { AssemblyBudget } from "../../core/rtmp/chunk/assembly_budget.ts";
import type { StreamRegistry } from "../../hub/mod.ts";
import type { PluginRunner } from "../../plugin/mod.ts";
import type { Connection, Runtime, Timer } from "../../ports.ts";
import { FanoutPacer, parseLatency } from "../fanout_pacer.ts";
import { formatAddress } from "./address.ts";
import type { RtmpContext, RtmpSettings } from "./context.ts";
import { RtmpEncoders } from "./frame_encoder.ts";
import { RtmpSession } from "./session.ts";

const log = getLogger(["sluice", "rtmp"]);

/** How often deadlines are looked at (ms). */
const TICK_MS = 500;

/** All RTMP clients of one server. */
export class RtmpService {
  readonly sessions = new Map<string, RtmpSession>();
  readonly #context: RtmpContext;
  #timer: Timer | undefined;
  #stopping = false;
  /** Called when the last session of a stopping service is gone. */
  #onEmpty: (() => void) | undefined;

  constructor(
    config: RtmpSettings,
    runtime: Pick<Runtime, "clock" | "randomBytes">,
    registry: StreamRegistry,
    plugins: PluginRunner,
    faults: Faults = new Faults(() => runtime.clock.wall()),
  ) {
    this.#context = {
      config,
      runtime,
      registry,
      plugins,
      faults,
      encoders: new RtmpEncoders(config.chunkSize),
      assembly: new AssemblyBudget(config.maxTotalAssemblyBytes),
      pacer: new FanoutPacer({
        latency: parseLatency(config.latency),
        appLatency: new Map(
          config.appLatency.map((entry) => {
            const [app, latency] = entry.split("=") as [string, string];
            return [app, parseLatency(latency)];
          }),
        ),
        autoWindowMs: config.latencyAutoMs,
      }, runtime.clock),
      onGone: (id) => {
        this.sessions.delete(id);
        if (this.sessions.size === 0) this.#onEmpty?.();
      },
    };
  }

  /** Whether {@link stop} was called. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Begins to watch deadlines. */
  start(): void {
    this.#timer = this.#context.runtime.clock.after(TICK_MS, this.#tick);
  }

  /** Takes a connection over. */
  accept(connection: Connection): void {
    const { maxConnections } = this.#context.config;
    if (this.#stopping || this.sessions.size >= maxConnections) {
      const peer = formatAddress(connection.remote);
      if (this.#stopping) log.info("connection refused: the server stops", { peer });
      else log.warn("connection refused: too many", { peer, limit: maxConnections });
      connection.start({ onData() {}, onWritable() {}, onClose() {} });
      return connection.destroy();
    }
    const id = hex(this.#context.runtime.randomBytes(6));
    try {
      this.sessions.set(id, new RtmpSession(this.#context, connection, id));
    } catch (error) {
      this.#fault(error, "internal error, connection not taken");
      connection.destroy();
    }
  }

  readonly #tick = (): void => {
    const now = this.#context.runtime.clock.now();
    this.#attempt(() => this.#context.registry.tick(now));
    for (const session of this.sessions.values()) this.#attempt(() => session.deadlines.tick(now));
    this.#timer = this.#context.runtime.clock.after(TICK_MS, this.#tick);
  };

  /**
   * Ends every stream and session. Resolves when every client is gone, at the latest after
   * `limitMs`, when those that are left are cut off.
   */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    const { clock } = this.#context.runtime;
    this.#attempt(() => this.#context.registry.shutdown(clock.now()));
    for (const session of [...this.sessions.values()]) {
      this.#attempt(() => session.end("shutdown"));
    }
    if (this.sessions.size > 0) {
      const empty = new Promise<void>((resolve) => this.#onEmpty = resolve);
      let timer: Timer | undefined;
      const late = new Promise<void>((resolve) => timer = clock.after(limitMs, resolve));
      await Promise.race([empty, late]);
      timer?.cancel();
    }
    for (const session of [...this.sessions.values()]) session.connection.destroy();
    this.#timer?.cancel();
  }

  /** A fault with one session must not keep the others from being watched. */
  #attempt(watch: () => void): void {
    try {
      watch();
    } catch (error) {
      this.#fault(error, "internal error while watching deadlines");
    }
  }

  #fault(error: unknown, message: string): void {
    this.#context.faults.count("tick", error);
    log.error(message, { error: errorText(error) });
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
