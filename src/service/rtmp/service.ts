/**
 * The RTMP service: takes connections, keeps the sessions, lets time pass for them.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { errorText, type Faults } from "../../faults.ts";
import { HANDSHAKE_RANDOM_LENGTH } from "../../core/rtmp/handshake/constants.ts";
import { hex } from "../../core/bytes/hex.ts";
import { AssemblyBudget } from "../../core/rtmp/chunk/assembly_budget.ts";
import type { Address, Clock, Connection, ConnectionHandler, Timer } from "../../ports.ts";
import type { MediaMemory } from "../../hub/mod.ts";
import type { Mentions } from "../../text.ts";
import type { PublishRecorder } from "../publish_recorder.ts";
import type { PublishRelay } from "../relay/publish_relay.ts";
import type { RecordingLibrary } from "../../recordings/library.ts";
import { LimitedLog } from "../limited_log.ts";
import { SharedObjectKeeper, type SharedObjectStore } from "../../shared_objects/mod.ts";
import { formatAddress } from "../address.ts";
import type { Admission, Evictable } from "../admission.ts";
import type { Service, Surroundings } from "../surroundings.ts";
import { Callers } from "./callers.ts";
import type { RtmpContext, RtmpSettings } from "./context.ts";
import type { Arrival } from "./describe.ts";
import { EndQueue } from "./end_queue.ts";
import { KeyExchanges } from "./key_exchanges.ts";
import { RtmpEncoders } from "./frame_encoder.ts";
import { Logins } from "./logins.ts";
import { PaceWheel } from "./pace_wheel.ts";
import { PumpQueue } from "./pump_queue.ts";
import { RecordedBlocks } from "./recorded_blocks.ts";
import type { RecordedShare } from "./recorded_player.ts";
import { RtmpSession } from "./session.ts";
import { Takeovers } from "./takeovers.ts";
import { Turns } from "./turns.ts";

const log = getLogger(["sluice", "rtmp"]);

/** How often deadlines are looked at (ms). */
const TICK_MS = 250;

/** Lines a second that tell why connections end, as far as peers are the cause. */
const ENDINGS_PER_SECOND = 10;

/** How long few may be pending after file descriptors ran out (ms). */
const SQUEEZE_MS = 10_000;

/** What a service keeps for its peers. */
export interface ServiceGauges {
  readonly sessions: number;
  /** Sessions that count, which those that were closed to make room no longer do. */
  readonly connections: number;
  /** Connections that were not let publish or play yet. */
  readonly pending: number;
  /** Addresses whose connections are counted. */
  readonly addresses: number;
  /** Bytes held for messages that are not complete. */
  readonly assembly: number;
}

/** All RTMP clients of one server. */
export class RtmpService implements Service {
  readonly sessions = new Map<string, RtmpSession>();
  /** Who comes to a port of which it shows only then what it is that comes. */
  readonly callers: Callers;
  readonly #context: RtmpContext;
  readonly #admission: Admission<Evictable>;
  readonly #refusals = new LimitedLog(log);
  readonly #endings = new LimitedLog(log, ENDINGS_PER_SECOND);
  /** When file descriptors last ran out (ms). */
  #exhaustedAt = -Infinity;
  #timer: Timer | undefined;
  #stopping = false;
  /** Called when the last session of a stopping service is gone. */
  #onEmpty: (() => void) | undefined;
  /** Clients that were asked to leave and have not, while the service drains. */
  #waiting: Set<string> | undefined;
  #onDrained: (() => void) | undefined;

  constructor(
    { config, runtime, hub, plugins, faults, admission, store, recordings, recorder, ...more }:
      & Surroundings
      & {
        readonly config: RtmpSettings;
        /** Keeps persistent shared objects; without it they are kept in memory. */
        readonly store?: SharedObjectStore | undefined;
        /** What is played of names that are not live; without it nothing is. */
        readonly recordings?: RecordingLibrary | undefined;
        /** Records what is published. */
        readonly recorder?: PublishRecorder | undefined;
        /** Pushes what is published elsewhere. */
        readonly relay?: PublishRelay | undefined;
        /** This server's own id, for loops of relays. */
        readonly ownId?: string;
        /** What other nodes of the cluster show, if this server is one. */
        readonly nodePass?: string | undefined;
      },
  ) {
    this.#admission = admission;
    const keyExchanges = new KeyExchanges();
    this.callers = new Callers({
      admission,
      now: () => runtime.clock.now(),
      admit: (remote, now) => this.#admit(remote, now),
      makeRoom: (now) => this.#makeRoomFor(now),
      accept: (connection, secure) => this.accept(connection, { ...PLAIN, secure }),
    });
    this.#context = {
      config,
      runtime,
      handshakeRandom: () => runtime.randomBytes(HANDSHAKE_RANDOM_LENGTH),
      encrypts: () => keyExchanges.take(runtime.clock.now()),
      hub,
      plugins,
      faults,
      recordings,
      recorded: recordings && this.#share(hub.registry.memory, runtime.clock),
      recorder,
      relay: more.relay,
      ownId: more.ownId ?? "",
      nodePass: more.nodePass,
      encoders: new RtmpEncoders(config.chunkSize),
      pumps: new PumpQueue(runtime.clock),
      turns: new Turns(runtime.clock),
      assembly: new AssemblyBudget(config.maxTotalAssemblyBytes),
      endings: this.#endings,
      sharedObjects: config.sharedObjects
        ? this.#keeper(config, runtime.clock, faults, store)
        : undefined,
      takeovers: new Takeovers(),
      logins: new Logins((length) => runtime.randomBytes(length)),
      endLater: new EndQueue(runtime.clock).add,
      probe: (id, now) => this.sessions.get(id)?.probe(now),
      onServed: (session) => this.#admission.settle(session),
      onGone: (id) => {
        const session = this.sessions.get(id);
        if (session !== undefined) this.#admission.leave(session);
        this.sessions.delete(id);
        if (this.#waiting?.delete(id) && this.#waiting.size === 0) this.#onDrained?.();
        if (this.sessions.size === 0) this.#onEmpty?.();
      },
    };
    hub.registry.memory.beside = () => this.#context.assembly.used;
  }

  #share(memory: MediaMemory, clock: Clock): RecordedShare {
    const blocks = new RecordedBlocks(memory);
    memory.forget = () => blocks.clear();
    return { memory, clock, blocks, wheel: new PaceWheel(clock) };
  }

  #keeper(
    config: RtmpSettings,
    clock: Clock,
    faults: Faults,
    store?: SharedObjectStore,
  ): SharedObjectKeeper {
    return new SharedObjectKeeper({
      bytes: config.maxSharedObjectBytes,
      properties: config.maxSharedObjectProperties,
      maxObjects: config.maxSharedObjects,
      maxPerApp: config.maxSharedObjectsPerApp,
      clock,
      store,
      onFault: (what, error) => {
        faults.count("store", error);
        const properties = { error: errorText(error) };
        this.#refusals.say("warn", `could not ${what} a shared object`, properties, clock.now());
      },
    });
  }

  /** Asks a session for a sign of life; see {@link RtmpContext.probe}. */
  probe(sessionId: string): Promise<void> | undefined {
    return this.#context.probe(sessionId, this.#context.runtime.clock.now());
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
  accept(connection: Connection, by: Arrival = PLAIN): void {
    const now = this.#context.runtime.clock.now();
    const admitted = this.#admit(connection.remote, now);
    if (admitted === undefined) {
      connection.start(NOBODY);
      return connection.destroy();
    }
    const id = hex(this.#context.runtime.randomBytes(6));
    try {
      const session = new RtmpSession(this.#context, connection, id, by);
      this.sessions.set(id, session);
      this.#admission.enter(session, admitted.group);
    } catch (error) {
      this.#fault(error, "internal error, connection not taken");
      connection.destroy();
    }
    this.#makeRoomFor(now);
  }

  /** Whether somebody from there is let in, and what it counts as. */
  #admit(remote: Address, now: number): { readonly group: string | undefined } | undefined {
    const admission = this.#admission;
    if (this.#stopping) return this.#refuse(remote, "the server stops", now);
    const group = admission.groupOf(remote);
    const { maxConnections, maxConnectionsPerAddress } = this.#context.config;
    if (admission.crowded(group)) {
      return this.#refuse(remote, "too many of its address", now, maxConnectionsPerAddress);
    }
    if (admission.full && !this.#makeRoom(admission.oldestSilent(), now)) {
      return this.#refuse(remote, "too many", now, maxConnections);
    }
    return { group };
  }

  #makeRoomFor(now: number): void {
    while (this.#makeRoom(this.#admission.surplus(now), now));
  }

  /**
   * The process has no file descriptor left: the silent ones go, and for a while few may be pending,
   * so that who publishes or plays, and the control API, have what is left.
   */
  onExhausted(): void {
    const now = this.#context.runtime.clock.now();
    this.#exhaustedAt = now;
    const admission = this.#admission;
    const connections = admission.size;
    const properties = { connections, pending: admission.pending };
    this.#refusals.say("warn", "out of file descriptors: raise the limit", properties, now);
    admission.squeeze();
    do {
      if (!this.#makeRoom(admission.oldestSilent(), now)) break;
    } while (admission.pending > admission.pendingLimit);
  }

  /** What a client said in `connect`, to be masked in what is logged; while it is here. */
  saidBy(sessionId: string): Mentions | undefined {
    return this.sessions.get(sessionId)?.said;
  }

  /** Shared objects in memory. */
  get sharedObjectCount(): number {
    return this.#context.sharedObjects?.size ?? 0;
  }

  /** What is kept for peers, for tests and metrics: all zero when nobody is connected. */
  get gauges(): ServiceGauges {
    const { size, pending, addresses } = this.#admission;
    const assembly = this.#context.assembly.used;
    return { sessions: this.sessions.size, connections: size, pending, addresses, assembly };
  }

  /** Turns a connection away; nothing is made for it. */
  #refuse(remote: Address, why: string, now: number, limit?: number): undefined {
    const properties = { peer: formatAddress(remote), limit };
    const level = this.#stopping ? "info" : "warn";
    this.#refusals.say(level, `connection refused: ${why}`, properties, now);
  }

  /** Closes a peer that has been let do nothing yet; whether there was one. */
  #makeRoom(session: Evictable | undefined, now: number): boolean {
    if (session === undefined) return false;
    // At once: its connection counts no more, even if it takes a moment to go.
    this.#admission.leave(session);
    const properties = { peer: session.address, limit: this.#admission.pendingLimit };
    this.#refusals.say("warn", "silent connection closed to make room", properties, now);
    this.#attempt(() => session.evict("Others needed its place"));
    return true;
  }

  readonly #tick = (): void => {
    const now = this.#context.runtime.clock.now();
    for (const session of this.sessions.values()) {
      session.attempt(() => session.deadlines.tick(now));
    }
    if (now - this.#exhaustedAt > SQUEEZE_MS) this.#admission.relax();
    this.#refusals.flush(now);
    this.#endings.flush(now);
    this.#timer = this.#context.runtime.clock.after(TICK_MS, this.#tick);
  };

  /**
   * Asks every client that follows such a request to connect again, to `url` if there is one.
   *
   * @returns those that were asked
   */
  askToReconnect(url?: string): RtmpSession[] {
    return [...this.sessions.values()].filter((session) => session.askToReconnect(url));
  }

  /**
   * Lets nobody in any more, and gives clients that follow a Reconnect Request `limitMs` to leave by
   * themselves; they are served until then. All others are not waited for.
   */
  async drain(limitMs: number, url?: string): Promise<void> {
    this.#stopping = true;
    const asked = limitMs > 0 ? this.askToReconnect(url) : [];
    if (asked.length === 0) return;
    const waiting = this.#waiting = new Set(asked.map(({ id }) => id));
    log.info("waiting for clients to go", { clients: waiting.size, limitMs });
    await this.#atMost(limitMs, new Promise<void>((resolve) => this.#onDrained = resolve));
  }

  /**
   * Ends every session. Resolves when every client is gone, at the latest after `limitMs`, when those
   * that are left are cut off.
   */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    for (const session of [...this.sessions.values()]) {
      this.#attempt(() => session.endNow("shutdown"));
    }
    if (this.sessions.size > 0) {
      await this.#atMost(limitMs, new Promise<void>((resolve) => this.#onEmpty = resolve));
    }
    for (const session of [...this.sessions.values()]) session.connection.destroy();
    const { sharedObjects } = this.#context;
    // A disk that hangs must not keep the server from stopping.
    if (sharedObjects !== undefined) await this.#atMost(limitMs, sharedObjects.flush());
    this.#timer?.cancel();
    this.#refusals.flush(Infinity);
    this.#endings.flush(Infinity);
  }

  /** Waits for `done`, `ms` at the most. */
  async #atMost(ms: number, done: Promise<void>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#context.runtime.clock.after(ms, resolve);
    await Promise.race([done, late]);
    timer.cancel();
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
/** Straight to the port of RTMP. */
const PLAIN: Arrival = { secure: false, tunnelled: false };

const NOBODY: ConnectionHandler = { onData() {}, onWritable() {}, onClose() {} };
