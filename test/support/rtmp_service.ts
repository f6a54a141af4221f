/**
 * An RTMP service on a fake clock, and scripted clients on connections in memory.
 *
 * @module
 */
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import {
  Hub,
  type PacerSettings,
  type RegistryOptions,
  type StreamRegistry,
} from "../../src/hub/mod.ts";
import {
  type DisconnectContext,
  type PlayEndContext,
  type Plugin,
  PluginRunner,
  type UnpublishContext,
} from "../../src/plugin/mod.ts";
import { ControlView } from "../../src/view/control_view.ts";
import { Faults } from "../../src/faults.ts";
import { Admission, type Evictable } from "../../src/service/admission.ts";
import { AwakeClock } from "../../src/service/awake_clock.ts";
import type { PublishRelay } from "../../src/service/relay/publish_relay.ts";
import { RtmpService, type RtmpSession, type RtmpSettings } from "../../src/service/rtmp/mod.ts";
import type { RecordService } from "../../src/service/record/mod.ts";
import type { Surroundings } from "../../src/service/surroundings.ts";
import type { RecordingLibrary } from "../../src/recordings/library.ts";
import type { SharedObjectStore } from "../../src/shared_objects/mod.ts";
import { FakeClock } from "./clock.ts";
import { AUDIO_HEADER, audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "./media.ts";
import { MemoryConnection } from "./memory_connection.ts";
import { RANDOM, ScriptedClient } from "./scripted_client.ts";

/** The settings of a rig; times in ms. */
export const SETTINGS: RtmpSettings & RegistryOptions & {
  readonly pacing: PacerSettings;
  readonly hookTimeoutMs: number;
  readonly store?: SharedObjectStore;
  readonly recordings?: RecordingLibrary;
  readonly relay?: PublishRelay;
  readonly ownId?: string;
  readonly nodePass?: string | undefined;
  /** Makes what records streams. */
  readonly recorder?: (
    parts: Pick<Surroundings, "runtime" | "hub" | "faults" | "plugins">,
  ) => RecordService;
} = {
  chunkSize: 4096,
  windowAckSize: 2_500_000,
  maxStreamsPerConnection: 4,
  maxMessageBytes: 8 * 1024 * 1024,
  maxCommandBytes: 1024 * 1024,
  maxAudioBytes: 1024 * 1024,
  maxEarlyMessageBytes: 64 * 1024,
  maxChunkStreams: 32,
  maxUnfinishedMessages: 8,
  maxAssemblyBytes: 16 * 1024 * 1024,
  maxTotalAssemblyBytes: 256 * 1024 * 1024,
  minChunkSize: 128,
  maxAmfDepth: 16,
  maxAmfValues: 2048,
  maxAmfStringBytes: 16 * 1024,
  maxAmfBytes: 64 * 1024,
  // The clock of a rig stands still: a test would have to move it to go on.
  maxMessagesPerSecond: 1e9,
  typeThreeDelta: "timestamp",
  rtmpe: "allow",
  maxConnections: 100,
  maxConnectionsPerAddress: 100,
  limitLoopback: false,
  maxPendingConnections: 100,
  playWaitMs: 10_000,
  pacing: { latency: "lowest", appLatency: new Map(), autoWindowMs: 25 },
  openingTimeoutMs: 5000,
  idleTimeoutMs: 60_000,
  pingIntervalMs: 30_000,
  publishStartMs: 20_000,
  publishIdleMs: 10_000,
  publishProbeMs: 2000,
  playerStallMs: 10_000,
  sharedObjects: true,
  maxSharedObjects: 6,
  maxSharedObjectsPerApp: 4,
  maxSharedObjectsPerConnection: 3,
  maxSharedObjectBytes: 1024,
  maxSharedObjectProperties: 16,
  maxPendingCalls: 3,
  callTimeoutMs: 5000,
  hookTimeoutMs: 5000,
  publishPolicy: "replace",
  reconnectWindowMs: 0,
  maxStreams: 100,
  maxWaits: 100,
  gop: { bytes: 32 * 1024 * 1024, frames: 2500, ms: 30_000 },
  player: { bytes: 8 * 1024 * 1024, ms: 5000, overflows: 3 },
};

/** Lets what was promised happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** A service with everything it needs. */
export class Rig {
  readonly clock = new FakeClock();
  readonly settings: typeof SETTINGS;
  readonly hub: Hub;
  readonly counted: Faults;
  readonly service: RtmpService;
  readonly recorder: RecordService | undefined;
  readonly runner: PluginRunner;
  /** What the plugins were told, oldest first: hook, name and reason. */
  readonly told: string[] = [];
  /** The same in full. */
  readonly ends: (UnpublishContext | PlayEndContext | DisconnectContext)[] = [];
  readonly faults: unknown[] = [];
  #ids = 0;

  constructor(settings: Partial<typeof SETTINGS> = {}, ...plugins: Plugin[]) {
    this.settings = { ...SETTINGS, ...settings };
    const tell =
      (hook: string) => (context: UnpublishContext | PlayEndContext | DisconnectContext) => {
        const name = "name" in context ? `${context.name} ` : "";
        this.told.push(`${hook} ${name}${context.reason}`);
        this.ends.push(context);
      };
    const witness: Plugin = {
      name: "witness",
      onUnpublish: tell("unpublish"),
      onPlayEnd: tell("stop"),
      onDisconnect: tell("disconnect"),
    };
    const clock = new AwakeClock(this.clock);
    const runner = this.runner = new PluginRunner([...plugins, witness], {
      clock,
      timeoutMs: this.settings.hookTimeoutMs,
      onFault: (_plugin, _hook, error) => this.faults.push(error),
    });
    const randomBytes = (length: number) => {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(0, ++this.#ids);
      if (length > 6) bytes.set(RANDOM.subarray(0, length - 6), 6);
      return bytes;
    };
    const runtime = { clock, randomBytes };
    this.counted = new Faults(() => clock.wall());
    this.hub = new Hub({
      clock,
      streams: this.settings,
      pacing: this.settings.pacing,
      onFault: (error) => this.counted.count("tick", error),
    });
    this.recorder = this.settings.recorder?.({
      ...{ runtime, hub: this.hub, faults: this.counted, plugins: runner },
    });
    this.service = new RtmpService({
      config: this.settings,
      runtime,
      hub: this.hub,
      plugins: runner,
      faults: this.counted,
      admission: new Admission<Evictable>(this.settings),
      store: this.settings.store,
      recordings: this.settings.recordings,
      relay: this.settings.relay,
      ...(this.settings.ownId === undefined ? {} : { ownId: this.settings.ownId }),
      nodePass: this.settings.nodePass,
      recorder: this.recorder,
    });
    this.hub.start();
    this.service.start();
  }

  get registry(): StreamRegistry {
    return this.hub.registry;
  }

  /** The server as the control API shows it. */
  view(): ControlView {
    return new ControlView({
      runtime: { name: "test", version: "1", clock: this.clock },
      hub: this.hub,
      rtmp: this.service,
      services: [this.service],
      plugins: this.runner,
      faults: this.counted,
      recorder: this.recorder,
    });
  }

  /** Ends it as a server does. */
  async stop(limitMs: number): Promise<void> {
    await this.service.drain(0);
    this.hub.shutdown();
    await this.service.stop(limitMs);
    this.hub.close();
  }

  /** A client that has not said anything yet. */
  client(): RigClient {
    return new RigClient(this);
  }

  /** A client that publishes. */
  publisher(name = "test"): RigClient {
    const client = this.client().connected();
    client.publish(1, name);
    client.take();
    return client;
  }

  /** A client that plays, or waits to. */
  player(name = "test"): RigClient {
    const client = this.client().connected();
    client.play(1, name);
    return client;
  }

  /** What the plugins were told since the last call. */
  takeTold(): string[] {
    return this.told.splice(0);
  }
}

/** A client of a rig. */
export class RigClient extends ScriptedClient {
  readonly connection: MemoryConnection;
  readonly session: RtmpSession;

  constructor(rig: Rig) {
    super((bytes) => this.connection.deliver(bytes));
    this.connection = new MemoryConnection((bytes) => this.read(bytes));
    rig.service.accept(this.connection);
    this.session = [...rig.service.sessions.values()].at(-1)!;
  }

  /** Shakes hands, connects, creates NetStreams; forgets the replies. */
  connected(streams = 1, app = "live"): this {
    this.shake();
    this.connect(app);
    for (let id = 2; id < 2 + streams; id++) this.command(0, "createStream", id, null);
    this.take();
    return this;
  }

  publish(streamId: number, name: string, type = "live"): void {
    this.command(streamId, "publish", 0, null, name, type);
  }

  play(streamId: number, name: string): void {
    this.command(streamId, "play", 0, null, name, -2000);
  }

  /** The codes of every status since the last call, in order. */
  codes(): string[] {
    return this.take().flatMap((reply) => /(?:error|status):(\S+)/.exec(reply)?.[1] ?? []);
  }

  /** Media and data since the last call, as "type timestamp last-byte". */
  media(): string[] {
    return this.takeMessages().filter(({ type }) => type === 8 || type === 9).map(
      ({ type, timestamp, payload }) => `${type} ${timestamp} ${payload.at(-1)}`,
    );
  }
}

/** Publishes headers and then a GOP of three pictures with sound, from `time` on. */
export function publishGop(client: RigClient, time: number, mark = 0): void {
  client.message(MessageType.Video, 1, time, VIDEO_HEADER);
  client.message(MessageType.Audio, 1, time, AUDIO_HEADER);
  client.message(MessageType.Video, 1, time, keyFrame(5000, mark));
  client.message(MessageType.Audio, 1, time + 10, audioFrame(20));
  client.message(MessageType.Video, 1, time + 40, interFrame(300, mark));
}
