/**
 * A client that exists only as far as a plugin is asked about it.
 *
 * @module
 */
import { fromPlain } from "../../core/amf/mod.ts";
import { NO_CAPABILITIES } from "../../core/rtmp/session/mod.ts";
import type { Clock } from "../../ports.ts";
import type {
  Client,
  ConnectContext,
  EndReason,
  PlayContext,
  PublishContext,
} from "../contexts.ts";
import type { PluginRunner } from "../runner.ts";
import type { Decision } from "../verdict.ts";
import type { Scene } from "./scene.ts";

/** What a client of a test says. All of it may be left out. */
export interface TestClientOptions {
  /** `rtmp`, unless another one is said. */
  readonly protocol?: string;
  /** Whether it came over TLS. */
  readonly secure?: boolean;
  /** Where it comes from; `192.0.2.1`. */
  readonly address?: string;
  /** What it calls itself. */
  readonly agent?: string;
  /** `live`, unless another one is said. */
  readonly app?: string;
  /** What is behind the `?` of its URL. */
  readonly query?: string;
  /** The header `Authorization` of a client of HTTP. */
  readonly authorization?: string;
}

/** What came of asking. */
export interface TestVerdict {
  /** Whether the client is let in. */
  readonly allowed: boolean;
  /** The name that it has for all others, if it is let in to publish or play. */
  readonly name?: string;
  /** What the client is told, if it is refused. */
  readonly reason?: string;
  /** Whether it was refused because the plugin failed: threw, took too long, or answered nonsense. */
  readonly fault?: true;
  /** Whether and how it is recorded, if the plugin said so. */
  readonly record?: unknown;
  /** Where it is pushed to, if the plugin said so. */
  readonly push?: unknown;
  /** Whether a shared object may be read only. */
  readonly readOnly?: true;
}

/** What a client needs of its test. */
export interface TestStage {
  readonly runner: PluginRunner;
  readonly scene: Scene;
  readonly clock: Clock;
  /** Ids of clients. */
  readonly nextId: () => string;
}

/** A client. */
export class TestClient {
  /** As plugins and the API call it. */
  readonly id: string;
  readonly #stage: TestStage;
  readonly #context: ConnectContext;
  readonly #began: number;
  readonly #ends = new Map<string, (reason: EndReason) => void>();
  #connected: TestVerdict | undefined;

  /** It has said nothing yet. */
  constructor(stage: TestStage, options: TestClientOptions) {
    const { protocol = "rtmp", secure = false, address = "192.0.2.1", agent = "test" } = options;
    const { app = "live", query = "", authorization } = options;
    this.#stage = stage;
    this.#began = stage.clock.now();
    this.id = stage.nextId();
    const client: Client = {
      protocol,
      secure,
      address: { hostname: address, port: 50_000 },
      agent,
    };
    const isRtmp = protocol.startsWith("rtmp");
    const more = query === "" ? "" : `?${query}`;
    this.#context = {
      sessionId: this.id,
      client,
      app,
      query: new URLSearchParams(query),
      ...isRtmp
        ? { rtmp: { tcUrl: `rtmp://localhost/${app}${more}`, capabilities: NO_CAPABILITIES } }
        : { http: { url: `http://localhost:8080/${app}${more}`, authorization } },
    };
  }

  /** Asks whether it may connect. Publishing and playing do that by themselves. */
  async connect(): Promise<TestVerdict> {
    const { runner, scene } = this.#stage;
    if (this.#connected !== undefined) return this.#connected;
    const verdict = verdictOf(await runner.connect(this.#context));
    this.#connected = verdict;
    if (verdict.allowed) {
      const { client, app } = this.#context;
      scene.connected.set(this.id, {
        ...{ id: this.id, protocol: client.protocol, app, state: "connected" },
        ...{ address: `${client.address.hostname}:50000`, client: client.agent },
        since: new Date(this.#stage.clock.wall()).toISOString(),
        ...{ bytesIn: 0, bytesOut: 0, publishing: [], playing: [] },
      });
    }
    return verdict;
  }

  /** Asks whether it may publish; if so, the stream is live. A query may be behind the name. */
  async publish(name: string, type: PublishContext["type"] = "live"): Promise<TestVerdict> {
    const connected = await this.connect();
    if (!connected.allowed) return connected;
    const { runner, scene, clock } = this.#stage;
    const asked: PublishContext = { ...this.#named(name), type };
    const verdict = verdictOf(await runner.publish(asked), asked.name);
    if (!verdict.allowed) return verdict;
    const context = { ...asked, name: verdict.name! };
    const { app } = context;
    const [began, wall] = [clock.now(), clock.wall()];
    const address = `${context.client.address.hostname}:50000`;
    const { id } = this;
    scene.live.set(`${app}/${context.name}`, {
      ...{ app, name: context.name, uptimeMs: 0, players: 0, bytesIn: 0, bytesOut: 0 },
      publisher: {
        sessionId: id,
        address,
        client: context.client.agent,
        since: new Date(wall).toISOString(),
      },
    });
    runner.live({ app, name: context.name, publisher: { sessionId: id, address, since: wall } });
    this.#ends.set(`publish ${context.name}`, (reason) => {
      const durationMs = clock.now() - began;
      runner.unpublish({ ...context, reason, bytes: 0, durationMs });
      scene.over(app, context.name);
      runner.ended({ app, name: context.name, reason: "unpublished", durationMs });
    });
    return verdict;
  }

  /** Asks whether it may play. A query may be behind the name. */
  async play(name: string, more: Partial<PlayContext> = {}): Promise<TestVerdict> {
    const connected = await this.connect();
    if (!connected.allowed) return connected;
    const { runner, clock } = this.#stage;
    const asked: PlayContext = { ...this.#named(name), ...more };
    const verdict = verdictOf(await runner.play(asked), asked.name);
    if (!verdict.allowed) return verdict;
    const began = clock.now();
    const context = { ...asked, name: verdict.name! };
    this.#ends.set(`play ${context.name}`, (reason) => {
      runner.playEnd({ ...context, reason, bytes: 0, durationMs: clock.now() - began });
    });
    return verdict;
  }

  /** Asks whether it may use a shared object. */
  async sharedObject(name: string, persistent = false): Promise<TestVerdict> {
    const connected = await this.connect();
    if (!connected.allowed) return connected;
    const context = { ...this.#context, name, persistent };
    return verdictOf(await this.#stage.runner.sharedObject(context));
  }

  /**
   * Calls a method of the plugin. `callClient` answers what the plugin calls in turn.
   *
   * @returns its answer as plain data; `undefined` when the plugin has no such method
   * @throws {Error} with what the client is told, when it is answered with an error
   */
  async call(
    method: string,
    args: readonly unknown[] = [],
    callClient: (method: string, ...args: readonly unknown[]) => unknown = () => null,
  ): Promise<unknown> {
    // What cannot be sent is told here, and not by the plugin.
    args.forEach((each) => fromPlain(each));
    const answer = await this.#stage.runner.call(method, args, {
      ...this.#context,
      callClient: async (method, ...args) => await callClient(method, ...args),
    });
    if (answer === undefined) return undefined;
    if (!answer.ok) throw new Error(answer.reason);
    return answer.value;
  }

  /** Ends what it publishes under this public name. */
  unpublish(name: string, reason: EndReason = "client"): void {
    this.#end(`publish ${name}`, reason);
  }

  /** Ends what it plays under this public name. */
  stop(name: string, reason: EndReason = "client"): void {
    this.#end(`play ${name}`, reason);
  }

  /** Ends all that it does, and its session. */
  disconnect(reason: EndReason = "client"): void {
    for (const key of [...this.#ends.keys()]) this.#end(key, reason);
    if (this.#connected?.allowed !== true) return;
    this.#connected = undefined;
    const { scene, runner, clock } = this.#stage;
    scene.connected.delete(this.id);
    const durationMs = clock.now() - this.#began;
    runner.disconnect({ ...this.#context, reason, bytesIn: 0, bytesOut: 0, durationMs });
  }

  #end(key: string, reason: EndReason): void {
    const end = this.#ends.get(key);
    this.#ends.delete(key);
    end?.(reason);
  }

  #named(text: string): ConnectContext & { readonly name: string } {
    const [name = "", own = ""] = text.split("?", 2);
    const query = new URLSearchParams(own);
    for (const [key, value] of this.#context.query) if (!query.has(key)) query.append(key, value);
    return { ...this.#context, query, name };
  }
}

function verdictOf(decision: Decision, name?: string): TestVerdict {
  if (!decision.allow) {
    const { reason, fault } = decision;
    return { allowed: false, reason, ...(fault && { fault }) };
  }
  const { allow: _, ...more } = decision;
  return { allowed: true, ...(name === undefined ? {} : { name }), ...more };
}
