/**
 * RTMFP: RTMP messages in flows over UDP. Each session is a connection like any other to the service of
 * RTMP, once its client begins to speak RTMP.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { type RedirectAddress, Responder, type Session } from "../../core/rtmfp/mod.ts";
import type { Address, Ciphers, DatagramSocket, Timer } from "../../ports.ts";
import { formatAddress } from "../address.ts";
import { LimitedLog } from "../limited_log.ts";
import type { Service, Surroundings } from "../surroundings.ts";
import { type ConnectionOwner, RtmfpConnection } from "./connection.ts";
import { HandshakeRate } from "./handshake_rate.ts";

const log = getLogger(["sluice", "rtmfp"]);

/** How often deadlines are looked at while there are sessions (ms). */
const TICK_MS = 10;

/** Sessions of one address that do not speak RTMP yet. */
const MAX_STRANGERS_PER_ADDRESS = 16;

/** How often memory is looked at (ms). */
const MEMORY_MS = 100;

/** How long sessions have to say goodbye at a stop (ms). */
const GOODBYE_MS = 300;

/** The settings used here; see the configuration table. */
export interface RtmfpSettings {
  readonly maxConnections: number;
  readonly maxPendingConnections: number;
  readonly openingTimeoutMs: number;
  readonly maxMessageBytes: number;
  /** Bytes that all sessions together hold for what is not whole or not read. */
  readonly maxTotalAssemblyBytes: number;
  /** Where all clients are sent instead. */
  readonly redirect: RedirectAddress | undefined;
}

/** What the service is made with. */
export interface RtmfpSurroundings extends Pick<Surroundings, "runtime" | "admission"> {
  readonly config: RtmfpSettings;
  /** Takes the connection of a client that speaks RTMP, and may close it at once. */
  readonly accept: (connection: RtmfpConnection) => void;
}

/** All RTMFP clients of one server. */
export class RtmfpService implements Service, ConnectionOwner {
  readonly #surroundings: RtmfpSurroundings;
  readonly #responder: Responder;
  readonly #connections = new Set<RtmfpConnection>();
  /** Those that do not speak RTMP yet. */
  readonly #strangers = new Set<RtmfpConnection>();
  readonly #rate = new HandshakeRate();
  readonly #refusals = new LimitedLog(log);
  #socket: DatagramSocket | undefined;
  #timer: Timer | undefined;
  #stopping = false;
  #lookedAt = 0;
  #onEmpty: (() => void) | undefined;
  /** The two sessions to which time critical packets came last, and when (ms). */
  #critical: { readonly session: Session; readonly at: number } | undefined;
  #criticalBefore = -Infinity;

  constructor(surroundings: RtmfpSurroundings) {
    this.#surroundings = surroundings;
    const { config, runtime } = surroundings;
    this.#responder = new Responder({
      send: (datagram, to) => this.send(datagram, to),
      randomBytes: runtime.randomBytes,
      admits: (from, now) => this.#admits(from, now),
      open: (from) => this.#open(from),
      redirect: () => config.redirect && [config.redirect],
      onRefused: (why, from) => {
        const properties = { peer: formatAddress(from), why };
        this.#refusals.say("info", "handshake refused", properties, this.clock.now());
      },
    }, config.maxMessageBytes + 64);
  }

  get clock() {
    return this.#surroundings.runtime.clock;
  }

  /** Sessions that are not over. */
  get size(): number {
    return this.#connections.size;
  }

  /** Sessions that there are, those included that are over and answer a peer that has not heard it. */
  get remembered(): number {
    return this.#responder.size;
  }

  get local(): Address {
    return this.#socket?.address ?? { hostname: "", port: 0 };
  }

  /** Takes the socket over, which it closes at its stop. `ciphers`: those of the platform, if they are faster. */
  bind(socket: DatagramSocket, ciphers?: Ciphers): void {
    this.#socket = socket;
    this.#responder.ciphers = ciphers;
  }

  /** Takes a datagram. */
  readonly onDatagram = (datagram: Uint8Array, from: Address): void => {
    this.#responder.receive(datagram, from, this.clock.now());
    if (this.#responder.size > 0) this.#watch();
  };

  #watch(): void {
    this.#timer ??= this.clock.after(TICK_MS, () => {
      this.#timer = undefined;
      const now = this.clock.now();
      this.#responder.tick(now);
      const { openingTimeoutMs } = this.#surroundings.config;
      for (const stranger of this.#strangers) {
        if (now - stranger.since >= openingTimeoutMs) stranger.destroy();
      }
      this.#noteCritical();
      if (now - this.#lookedAt >= MEMORY_MS) this.#makeRoom(now);
      this.#refusals.flush(now);
      if (this.#responder.size > 0) this.#watch();
    });
  }

  /** Ends who holds most, while all hold too much. */
  #makeRoom(now: number): void {
    this.#lookedAt = now;
    const held = [...this.#connections].map((connection) => ({
      connection,
      bytes: connection.session?.incoming.heldBytes ?? 0,
    }));
    let total = held.reduce((sum, { bytes }) => sum + bytes, 0);
    const { maxTotalAssemblyBytes } = this.#surroundings.config;
    if (total <= maxTotalAssemblyBytes) return;
    for (const { connection, bytes } of held.sort((a, b) => b.bytes - a.bytes)) {
      if (total <= maxTotalAssemblyBytes) return;
      const properties = { peer: formatAddress(connection.remote), limit: maxTotalAssemblyBytes };
      this.#refusals.say("warn", "unfinished messages of all hold too much", properties, now);
      connection.destroy();
      total -= bytes;
    }
  }

  #admits(from: Address, now: number): boolean {
    const { config, admission } = this.#surroundings;
    if (this.#stopping || this.#connections.size >= config.maxConnections) return false;
    const group = admission.groupOf(from);
    if (admission.crowded(group)) return false;
    let beside = 0;
    for (const { remote } of this.#strangers) {
      if (group !== undefined && admission.groupOf(remote) === group) beside++;
    }
    if (beside >= MAX_STRANGERS_PER_ADDRESS || !this.#rate.take(group, now)) return false;
    if (this.#strangers.size >= config.maxPendingConnections) {
      const [oldest] = this.#strangers;
      oldest?.destroy();
    }
    return true;
  }

  #open(from: Address): RtmfpConnection {
    const connection = new RtmfpConnection(this, from);
    this.#connections.add(connection);
    this.#strangers.add(connection);
    return connection;
  }

  // As the owner of connections

  randomBytes(length: number): Uint8Array {
    return this.#surroundings.runtime.randomBytes(length);
  }

  send(datagram: Uint8Array, to: Address): void {
    this.#socket?.send(datagram, to);
  }

  onReady(connection: RtmfpConnection): void {
    this.#strangers.delete(connection);
    this.#surroundings.accept(connection);
  }

  onGone(connection: RtmfpConnection): void {
    this.#connections.delete(connection);
    this.#strangers.delete(connection);
    if (this.#critical?.session === connection.session) this.#critical = undefined;
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #noteCritical(): void {
    for (const { session } of this.#connections) {
      if (session === undefined || session.criticalAt <= (this.#critical?.at ?? -Infinity)) {
        continue;
      }
      if (this.#critical !== undefined && this.#critical.session !== session) {
        this.#criticalBefore = this.#critical.at;
      }
      this.#critical = { session, at: session.criticalAt };
    }
  }

  criticalBeside(session: Session): number {
    const last = this.#critical;
    return last === undefined || last.session === session ? this.#criticalBefore : last.at;
  }

  /** Ends what is left, and closes the port. */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    for (const stranger of [...this.#strangers]) stranger.destroy();
    // The service of RTMP ends its sessions meanwhile, and each says goodbye.
    if (this.#connections.size > 0) {
      await this.#atMost(limitMs, new Promise<void>((resolve) => this.#onEmpty = resolve));
    }
    for (const connection of [...this.#connections]) connection.destroy();
    if (this.#responder.size > 0) {
      await this.#atMost(Math.min(limitMs, GOODBYE_MS), new Promise<void>(() => {}));
    }
    this.#timer?.cancel();
    this.#refusals.flush(Infinity);
    this.#socket?.close();
  }

  async #atMost(ms: number, done: Promise<void>): Promise<void> {
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => timer = this.clock.after(ms, resolve));
    await Promise.race([done, late]);
    timer?.cancel();
  }
}
