/**
 * A hub and its relays on a clock that stands still, and servers without sockets that they reach.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Faults } from "../../../src/faults.ts";
import {
  type Asker,
  Hub,
  type LiveStream,
  type Player,
  type Publisher,
  type StreamKey,
} from "../../../src/hub/mod.ts";
import type { PluginRunner, PushWish } from "../../../src/plugin/mod.ts";
import { DialError, type Runtime } from "../../../src/ports.ts";
import type { RelayDescription } from "../../../src/service/relay/mod.ts";
import type { NodeFinder } from "../../../src/service/relay/node_source.ts";
import { RelayService, type RelaySettings } from "../../../src/service/relay/service.ts";
import { ScriptedServer, settle } from "../../client/scripted_server.ts";
import { CollectingSink, Observer, plainEncoder } from "../../hub/support.ts";
import { FakeClock } from "../../support/clock.ts";
import {
  AUDIO_HEADER,
  audioFrame,
  interFrame,
  keyFrame,
  VIDEO_HEADER,
} from "../../support/media.ts";
import type { MemoryConnection } from "../../support/memory_connection.ts";
import { SETTINGS } from "../../support/rtmp_service.ts";

/** The stream that all is about. */
export const KEY = { app: "live", name: "cam" };

/** Relays, and what they reach. */
export class RelayRig {
  readonly clock = new FakeClock();
  readonly faults = new Faults(() => this.clock.wall());
  readonly hub: Hub;
  readonly service: RelayService;
  /** Answer the next connections, one each; where there is none it is refused. */
  readonly servers: ScriptedServer[] = [];
  /** Instead of those, what is not RTMP. */
  readonly connections: MemoryConnection[] = [];
  /** Who was dialled. */
  readonly dialled: string[] = [];
  /** Looks names up and connects in place of those, where a test has its own. */
  lookup: Runtime["lookup"] | undefined;
  dial: Runtime["dialTls"] | undefined;
  /** Random bytes, where a test has its own. */
  random: Runtime["randomBytes"] | undefined;

  constructor(
    settings: Partial<RelaySettings> = {},
    plugins?: Pick<PluginRunner, "activity">,
    nodes?: NodeFinder,
    streams: Partial<typeof SETTINGS> = {},
  ) {
    const { clock } = this;
    let ids = 0;
    this.hub = new Hub({
      clock,
      streams: { ...SETTINGS, ...streams },
      pacing: SETTINGS.pacing,
      onFault: (error) => assert.fail(String(error)),
    });
    this.hub.start();
    this.service = new RelayService({
      hub: this.hub,
      faults: this.faults,
      ownId: "0123456789abcdef",
      ...(plugins === undefined ? {} : { plugins }),
      nodes,
      runtime: {
        clock,
        // One half, as chance has it; and each id is another one.
        randomBytes: (length) =>
          this.random?.(length) ??
            Uint8Array.of(128, ...new Uint8Array(length - 2), length === 6 ? ++ids : 0),
        lookup: (hostname) =>
          this.lookup?.(hostname) ?? Promise.resolve([
            hostname === "inside.test"
              ? "10.0.0.1"
              : /^[\d.]+$/.test(hostname)
              ? hostname
              : "8.8.8.8",
          ]),
        dialTcp: (target, options) => {
          const { hostname, port } = target;
          this.dialled.push(`${hostname}:${port}`);
          if (this.dial !== undefined) return this.dial(target, options);
          const connection = this.connections.shift();
          if (connection !== undefined) return Promise.resolve(connection);
          const server = this.servers.shift();
          return server === undefined
            ? Promise.reject(new DialError("refused", { hostname, port }))
            : Promise.resolve(server.connection);
        },
        dialTls: (target, options) => {
          this.dialled.push(`${target.hostname}:${target.port} as ${options?.serverName}`);
          return this.dial?.(target, options) ?? Promise.reject(new Error("no TLS here"));
        },
      },
      config: {
        ...{
          push: [],
          pull: [],
          origins: [],
          decides: "edge",
          idleMs: 1000,
          allowPrivate: false,
          maxTargets: 3,
        },
        ...{ timeoutMs: 5000, stallMs: 4000, chunkSize: 4096, maxMessageBytes: 1024 * 1024 },
        ...settings,
      },
    });
    this.service.start();
  }

  /** A server that answers the next connection. */
  next(step?: ConstructorParameters<typeof ScriptedServer>[0]): ScriptedServer {
    const server = new ScriptedServer(step);
    this.servers.push(server);
    return server;
  }

  /** Somebody publishes the stream. */
  publish(): Publisher {
    const info = { sessionId: "s", address: "192.0.2.9:1", client: "test", since: 0 };
    const made = this.hub.registry.publish(KEY, info, { onRevoked() {} }, this.clock.now());
    assert.ok(typeof made !== "string");
    made.push(9, 0, VIDEO_HEADER, this.clock.now());
    made.push(8, 0, AUDIO_HEADER, this.clock.now());
    return made;
  }

  /** Pictures and sound of a GOP. */
  push(publisher: Publisher, video: readonly Uint8Array[] = [keyFrame(), interFrame()]): void {
    for (const payload of video) publisher.push(9, this.clock.now(), payload, this.clock.now());
    publisher.push(8, this.clock.now(), audioFrame(), this.clock.now());
    this.hub.pushed(publisher.stream, this.clock.now());
  }

  /** Pushes the stream to a target. */
  target(url = "rtmp://target.test/app/key", more: Partial<PushWish> = {}): RelayDescription {
    return this.service.add(KEY, { url, ...more }, "api")!;
  }

  /** The only relay there is. */
  get only(): RelayDescription {
    const all = this.service.list();
    assert.equal(all.length, 1);
    return all[0]!.describe();
  }

  /** Somebody asks for a stream without playing it: is told whether it is there. */
  want(path: StreamKey = KEY, asker?: Asker): { live?: boolean; cancel?: () => void } {
    const asked: { live?: boolean; cancel?: () => void } = {};
    asked.cancel = this.hub.want(path, this.clock.now(), (live) => asked.live = live, asker);
    return asked;
  }

  /** Somebody plays a stream. */
  play(path: StreamKey = KEY): { readonly player: Player; readonly seen: Observer } {
    const seen = new Observer();
    const sink = new CollectingSink();
    const player = this.hub.registry.play(path, plainEncoder, sink, seen, this.clock.now());
    assert.ok(typeof player !== "string", String(player));
    sink.player = player;
    return { player, seen };
  }

  /** Time passes as it does, in steps in which what was promised happens. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) await this.settle(Math.min(left, 500));
  }

  /** The stream here. */
  get stream(): LiveStream | undefined {
    return this.hub.registry.get(KEY);
  }

  /** Lets what was promised happen, and what is due at once. */
  async settle(ms = 0): Promise<void> {
    await settle();
    this.clock.advance(ms);
    await settle();
    this.clock.advance(0);
    await settle();
  }
}
