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
import type { Connection, ConnectionHandler, Runtime, Timer } from "../../ports.ts";
import { FanoutPacer, parseLatency } from "../fanout_pacer.ts";
import { LimitedLog } from "../limited_log.ts";
import { formatAddress } from "./address.ts";
import { Admission } from "./admission.ts";
import type { RtmpContext, RtmpSettings } from "./context.ts";
import { RtmpEncoders } from "./frame_encoder.ts";
import { RtmpSession } from "./session.ts";

const log = getLogger(["sluice", "rtmp"]);

/** How often deadlines are looked at (ms); the hub every other time. */
const TICK_MS = 250;

/** Lines a second that tell why connections end, as far as peers are the cause. */
const ENDINGS_PER_SECOND = 10;

/** What is kept free of connections once file descriptors have run out: a quarter, so many at most. */
const MAX_SPARED = 16;

/** All RTMP clients of one server. */
export class RtmpService {
  readonly sessions = new Map<string, RtmpSession>();
  readonly #context: RtmpContext;
  readonly #admission: Admission<RtmpSession>;
  readonly #refusals = new LimitedLog(log);
  readonly #endings = new LimitedLog(log, ENDINGS_PER_SECOND);
  /** Connections at once; fewer than configured while there are no descriptors for more. */
  #ceiling: number;
  #timer: Timer | undefined;
  #ticks = 0;
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
    this.#admission = new Admission(config);
    this.#ceiling = config.maxConnections;
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
      endings: this.#endings,
      probe: (id, now) => this.sessions.get(id)?.deadlines.probe(now),
      onServed: (session) => this.#admission.settle(session),
      onGone: (id) => {
        const session = this.sessions.get(id);
        if (session !== undefined) this.#admission.leave(session);
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
    const now = this.#context.runtime.clock.now();
    const admission = this.#admission;
    if (this.#stopping) return this.#refuse(connection, "the server stops", now);
    const group = admission.groupOf(connection.remote);
    if (admission.crowded(group)) {
      const limit = this.#context.config.maxConnectionsPerAddress;
      return this.#refuse(connection, "too many of its address", now, limit);
    }
    if (admission.size >= this.#ceiling && !this.#makeRoom(admission.oldestSilent(), now)) {
      return this.#refuse(connection, "too many", now, this.#ceiling);
    }
    const id = hex(this.#context.runtime.randomBytes(6));
    try {
      const session = new RtmpSession(this.#context, connection, id);
      this.sessions.set(id, session);
      admission.enter(session, group);
    } catch (error) {
      this.#fault(error, "internal error, connection not taken");
      connection.destroy();
    }
    while (this.#makeRoom(admission.surplus(now), now));
  }

  /**
   * The process has no file descriptor left: silent peers go, and so many fewer connections are let
   * in that the control API gets some.
   */
  onExhausted(): void {
    const now = this.#context.runtime.clock.now();
    const { size } = this.#admission;
    this.#ceiling = Math.max(1, size - Math.min(MAX_SPARED, Math.ceil(size / 4)));
    const properties = { connections: size, limit: this.#ceiling };
    this.#refusals.say("warn", "out of file descriptors: raise the limit", properties, now);
    while (
      this.#admission.size > this.#ceiling && this.#makeRoom(this.#admission.oldestSilent(), now)
    );
  }

  /** What is kept per peer, for tests and metrics: all zero when nobody is connected. */
  get gauges(): { sessions: number; connections: number; pending: number; addresses: number } {
    const { size, pending, addresses } = this.#admission;
    return { sessions: this.sessions.size, connections: size, pending, addresses };
  }

  /** Turns a connection away; nothing is made for it. */
  #refuse(connection: Connection, why: string, now: number, limit?: number): void {
    const properties = { peer: formatAddress(connection.remote), limit };
    const level = this.#stopping ? "info" : "warn";
    this.#refusals.say(level, `connection refused: ${why}`, properties, now);
    connection.start(NOBODY);
    connection.destroy();
  }

  /** Closes a peer that has been let do nothing yet; whether there was one. */
  #makeRoom(session: RtmpSession | undefined, now: number): boolean {
    if (session === undefined) return false;
    // At once: its connection counts no more, even if it takes a moment to go.
    this.#admission.leave(session);
    const properties = { peer: session.address, limit: this.#context.config.maxPendingConnections };
    this.#refusals.say("warn", "silent connection closed to make room", properties, now);
    this.#attempt(() => session.evict("Others needed its place"));
    return true;
  }

  readonly #tick = (): void => {
    const now = this.#context.runtime.clock.now();
    if (++this.#ticks % 2 === 0) this.#attempt(() => this.#context.registry.tick(now));
    for (const session of this.sessions.values()) this.#attempt(() => session.deadlines.tick(now));
    if (this.#admission.size < this.#ceiling / 2) {
      this.#ceiling = this.#context.config.maxConnections;
    }
    this.#refusals.flush(now);
    this.#endings.flush(now);
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
    this.#refusals.flush(Infinity);
    this.#endings.flush(Infinity);
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

/** The owner of a connection that is turned away. */
const NOBODY: ConnectionHandler = { onData() {}, onWritable() {}, onClose() {} };

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
