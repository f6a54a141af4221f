/**
 * The nodes of a cluster, connected by NATS. It connects and connects again by itself: while it cannot, stores
 * reject and messages go nowhere.
 *
 * @module
 */
import { type KV, Kvm } from "@nats-io/kv";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { Bus, BusStore } from "../ports.ts";
import { NatsStore, withinMs } from "./store.ts";
import { readNatsUrls } from "./url.ts";

/** How long is waited until it is tried again to connect, or to open the stores (ms). */
const AGAIN_MS = 250;
/** How often NATS is asked for a sign of life, of which two may be missing (ms). */
const PING_MS = 2000;
/** How long the stores may take for an answer, at most (ms). */
const STORE_MS = 1000;
/** How long an entry of a name stays that nobody sets again (ms). */
export const NAMES_MS = 600_000;

/** What a bus is made with. */
export interface NatsBusOptions {
  readonly urls: readonly string[];
  /** Begins the names of all that is stored and told. */
  readonly prefix: string;
  /** The name of this node, as NATS lists it. */
  readonly node: string;
  /** How long leases last (ms). */
  readonly leaseMs: number;
  /** Servers of NATS that keep each entry. */
  readonly replicas: number;
  /** Whether it is connected. Must not throw. */
  onState(connected: boolean, problem?: string): void;
}

/** A bus by NATS. */
export class NatsBus implements Bus {
  readonly leases: BusStore;
  readonly names: BusStore;
  readonly #options: NatsBusOptions;
  #connection: NatsConnection | undefined;
  /** What is listened to, from the first connection on. */
  readonly #listeners: (readonly [string, Parameters<Bus["listen"]>[1]])[] = [];
  #buckets: Promise<{ readonly leases: KV; readonly names: KV }> | undefined;
  /** Ends a pause. */
  #closed = false;
  #problem: string | undefined;

  constructor(options: NatsBusOptions) {
    this.#options = options;
    const timeoutMs = Math.min(STORE_MS, Math.ceil(options.leaseMs / 3));
    const store = (which: "leases" | "names") =>
      new NatsStore({
        bucket: async () => (await this.#open())[which],
        timeoutMs,
        // It may have lost them with its memory: they are made anew.
        onFailed: () => this.#buckets = undefined,
      });
    this.leases = store("leases");
    this.names = store("names");
  }

  open(): void {
    void this.#connect();
  }

  get ownAddress(): string | undefined {
    return this.#connection?.info?.client_ip;
  }

  async #connect(): Promise<void> {
    const { urls, node, onState } = this.#options;
    while (!this.#closed && this.#connection === undefined) {
      try {
        const connection = await connect({
          ...readNatsUrls(urls),
          name: `sluice ${node}`,
          maxReconnectAttempts: -1,
          reconnectTimeWait: AGAIN_MS,
          reconnectJitter: AGAIN_MS,
          pingInterval: PING_MS,
          timeout: 2 * PING_MS,
        });
        if (this.#closed) return await connection.close();
        this.#connection = connection;
        for (const [subject, take] of this.#listeners) this.#subscribe(subject, take);
        onState(true);
        void this.#watch(connection);
      } catch (error) {
        this.#tell(false, error);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  /** Says each problem once. */
  #tell(connected: boolean, error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.onState(connected, problem);
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === "reconnect") this.#problem = undefined;
      if (type === "disconnect") this.#options.onState(false);
      else if (type === "reconnect") this.#options.onState(true);
    }
  }

  #open(): Promise<{ readonly leases: KV; readonly names: KV }> {
    const connection = this.#connection;
    if (connection === undefined) return Promise.reject(new Error("NATS is not connected"));
    return this.#buckets ??= this.#make(connection);
  }

  async #make(connection: NatsConnection) {
    const { prefix, leaseMs, replicas } = this.#options;
    const manager = new Kvm(connection);
    const bucket = async (name: string, ttl: number) => {
      const made = await manager.create(`${prefix}_${name}`, {
        ...{ ttl, replicas, history: 1, storage: "file" },
        // An answer of a server that lags behind might say that a lease is gone which is not.
        allow_direct: false,
      });
      const { ttl: kept } = await made.status();
      if (kept === ttl) return made;
      const error = new Error(
        `The cluster keeps ${name} for ${kept} ms and not for ${ttl}: all nodes need the same lease`,
      );
      this.#tell(true, error);
      throw error;
    };
    return {
      leases: await bucket("leases", leaseMs),
      names: await bucket("names", NAMES_MS),
    };
  }

  publish(subject: string, text: string): void {
    try {
      // What it could only tell later is old by then.
      if (this.#connection?.isClosed() === false) {
        this.#connection.publish(this.#subject(subject), text);
      }
    } catch {
      // Too long for NATS, or it goes away right now.
    }
  }

  #subject(subject: string): string {
    return `${this.#options.prefix}.${subject}`;
  }

  listen(subject: string, take: Parameters<Bus["listen"]>[1]): void {
    this.#listeners.push([subject, take]);
    if (this.#connection !== undefined) this.#subscribe(subject, take);
  }

  #subscribe(subject: string, take: Parameters<Bus["listen"]>[1]): void {
    const answer = (message: Msg, text: string) => {
      try {
        message.respond(text);
      } catch {
        // Nobody waits for it any more.
      }
    };
    this.#connection!.subscribe(this.#subject(subject), {
      callback: (error, message) => {
        if (error !== null) return;
        const given = take(message.string());
        if (given === undefined) return;
        if (typeof given === "string") return answer(message, given);
        given.then((text) => answer(message, text), () => {});
      },
    });
  }

  async ask(subject: string, text: string, ms: number): Promise<string | undefined> {
    try {
      const request = this.#connection?.request(this.#subject(subject), text, { timeout: ms });
      return request && (await withinMs(request, ms)).string();
    } catch {
      return undefined;
    }
  }

  async askAll(
    subject: string,
    text: string,
    ms: number,
    take: (answer: string) => boolean,
  ): Promise<void> {
    try {
      const options = { strategy: "timer" as const, maxWait: ms };
      const answers = await this.#connection?.requestMany(this.#subject(subject), text, options);
      for await (const answer of answers ?? []) if (take(answer.string())) return;
    } catch {
      // Those that came are what there is.
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connection = this.#connection;
    if (connection === undefined) return;
    try {
      await withinMs(connection.flush(), AGAIN_MS);
    } catch {
      // It is away.
    }
    await connection.close();
  }
}
