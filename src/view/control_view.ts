/**
 * The server as the control API shows it: hub and sessions as plain data.
 *
 * @module
 */
import { encodeAmf0, fromPlain } from "../core/amf/mod.ts";
import { UsageError } from "../core/errors.ts";
import { timestampDelta } from "../core/rtmp/timestamp.ts";
import type { Capabilities } from "../core/rtmp/session/mod.ts";
import type { Faults } from "../faults.ts";
import type {
  EnhancedView,
  HealthView,
  List,
  Page,
  RecordingView,
  RelayView,
  ServerView,
  SessionView,
  StreamMeasure,
  StreamSample,
  StreamView,
  Totals,
} from "../http/mod.ts";
import {
  FrameKind,
  type Hub,
  type LiveStream,
  type MediaTime,
  type StreamKey,
} from "../hub/mod.ts";
import { audioTracks, videoTracks } from "./media_view.ts";
import { measureOf, StreamTotals } from "./stream_totals.ts";
import { metadataView } from "./metadata_view.ts";
import { recordingList } from "./recording_view.ts";
import type { PluginRunner, PushWish, RecordedFile, RecordOptions } from "../plugin/mod.ts";
import type { Runtime } from "../ports.ts";
import { relayView } from "./relay_view.ts";
import type { ClusterService } from "../service/cluster/mod.ts";
import type { RelayService } from "../service/relay/mod.ts";
import type { RecordService } from "../service/record/mod.ts";
import type { ClientAnswer, RtmpService } from "../service/rtmp/mod.ts";
import type { LiveSession, SessionsById } from "../service/sessions.ts";
import type { Service } from "../service/surroundings.ts";
import { VERSION } from "../version.ts";

/** What is shown. */
export interface ControlViewOptions {
  readonly runtime: Pick<Runtime, "clock" | "name" | "version">;
  readonly hub: Hub;
  /** What only clients of RTMP can be asked. */
  readonly rtmp: RtmpService;
  /** All services, whose sessions are listed. */
  readonly services: readonly Service[];
  readonly plugins: PluginRunner;
  readonly faults: Faults;
  /** `undefined` without a folder of recordings. */
  readonly recorder?: RecordService | undefined;
  readonly relay?: RelayService | undefined;
  /** `undefined` for a server that is alone. */
  readonly cluster?: ClusterService | undefined;
  readonly reconnectUrl?: string | undefined;
}

/** The server as the control API shows it. */
export class ControlView implements ServerView {
  readonly #runtime: ControlViewOptions["runtime"];
  readonly #hub: Hub;
  readonly #rtmp: RtmpService;
  /** Of every service. */
  readonly #sessions: readonly SessionsById[];
  readonly #plugins: PluginRunner;
  readonly #faults: Faults;
  readonly #recorder: RecordService | undefined;
  readonly #relay: RelayService | undefined;
  readonly #cluster: ClusterService | undefined;
  readonly #reconnectUrl: string | undefined;
  readonly #startedAt: number;
  readonly #totals: StreamTotals;

  constructor(options: ControlViewOptions) {
    const { runtime, hub, rtmp, services, plugins, faults, recorder, reconnectUrl } = options;
    this.#recorder = recorder;
    this.#relay = options.relay;
    this.#reconnectUrl = reconnectUrl;
    this.#runtime = runtime;
    this.#hub = hub;
    this.#totals = new StreamTotals(hub);
    this.#rtmp = rtmp;
    this.#sessions = services.flatMap(({ sessions }) => sessions === undefined ? [] : [sessions]);
    this.#plugins = plugins;
    this.#faults = faults;
    this.#startedAt = runtime.clock.now();
    this.#cluster = options.cluster;
    this.#cluster?.tellOf(() =>
      hub.registry.list().map((stream) => ({
        view: this.#stream(stream),
        pulled: !this.#cluster!.owns(stream),
      }))
    );
  }

  clusterStreams(): Promise<readonly StreamView[]> | undefined {
    return this.#cluster?.allStreams<StreamView>();
  }

  listStreams(page: Page): List<StreamView> {
    return listOf(this.#hub.registry.list(), page, (stream) => this.#stream(stream));
  }

  getStream(app: string, name: string): StreamView | undefined {
    const stream = this.#hub.registry.get({ app, name });
    // A stream that is only waited for is none to the outside.
    if (stream === undefined || (!stream.shown && stream.playerCount === 0)) {
      return undefined;
    }
    return this.#stream(stream);
  }

  endStream(app: string, name: string): boolean {
    return this.#hub.registry.kick({ app, name }, this.#runtime.clock.now());
  }

  listSessions(page: Page): List<SessionView> {
    return listOf(this.#sessions.flatMap((some) => [...some.values()]), page, sessionView);
  }

  /** Whether there is such a session. */
  hasSession(id: string): boolean {
    return this.#session(id) !== undefined;
  }

  #session(id: string): LiveSession | undefined {
    return this.#sessions.map((some) => some.get(id)).find((found) => found !== undefined);
  }

  endSession(id: string): boolean {
    const session = this.#session(id);
    session?.end("kicked");
    return session !== undefined;
  }

  sendData(
    app: string,
    name: string,
    handler: string,
    values: readonly unknown[],
    store: boolean,
  ): boolean | string {
    try {
      const payload = encodeAmf0(handler, ...values.map((value) => fromPlain(value)));
      return this.#hub.announce({ app, name }, handler, payload, store);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }

  callClient(
    sessionId: string,
    method: string,
    args: readonly unknown[],
    answer: boolean,
  ): Promise<ClientAnswer | { readonly kind: "sent" }> | string {
    const calls = this.#rtmp.sessions.get(sessionId)?.calls;
    if (calls === undefined) return Promise.resolve({ kind: "gone" });
    try {
      if (answer) return calls.call(method, args);
      return Promise.resolve({ kind: calls.notify(method, args) ? "sent" : "gone" });
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }

  *reconnectAll(url = this.#reconnectUrl): Iterable<boolean> {
    for (const session of [...this.#rtmp.sessions.values()]) yield session.askToReconnect(url);
  }

  reconnect(id: string, url = this.#reconnectUrl): boolean | "unable" {
    const session = this.#rtmp.sessions.get(id);
    return session !== undefined && (session.askToReconnect(url) || "unable");
  }

  async listRecordings(
    page: Page,
    stream?: StreamKey,
  ): Promise<List<RecordingView> | undefined> {
    const found = await this.#recorder?.catalogue.list(stream);
    return found && recordingList(found, page);
  }

  startRecording(
    app: string,
    name: string,
    options: RecordOptions,
  ): boolean | "recorded" | "no-folder" {
    if (this.#recorder === undefined) return "no-folder";
    const done = this.#recorder.record({ app, name }, options);
    return done === false ? "recorded" : done ?? false;
  }

  stopRecording(app: string, name: string): boolean {
    return this.#recorder?.stopRecording({ app, name }) ?? false;
  }

  async removeRecording(file: string): Promise<boolean | "under-way" | undefined> {
    return await this.#recorder?.catalogue.remove(file);
  }

  /** Opens a finished recording; `undefined` when there is none of that path. */
  async openRecording(file: string): Promise<RecordedFile | undefined> {
    return await this.#recorder?.catalogue.open(file);
  }

  listRelays(page: Page): List<RelayView> {
    return listOf(this.#relay?.list() ?? [], page, (relay) => relayView(relay.describe()));
  }

  startRelay(
    app: string,
    name: string,
    wish: PushWish,
    plugin = false,
  ): RelayView | string | undefined {
    try {
      const started = this.#relay?.add({ app, name }, wish, plugin ? "plugin" : "api");
      return started && relayView(started);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }

  endRelay(id: string): boolean {
    return this.#relay?.remove(id) ?? false;
  }

  health(): HealthView {
    const plugins = this.#plugins.health();
    const status = this.#rtmp.stopping
      ? "draining"
      : plugins.every((plugin) => plugin.healthy)
      ? "ok"
      : "degraded";
    return {
      status,
      version: VERSION,
      runtime: `${this.#runtime.name} ${this.#runtime.version}`,
      uptimeMs: Math.round(this.#runtime.clock.now() - this.#startedAt),
      streams: this.#hub.registry.list().length,
      sessions: this.#sessions.reduce((sum, { size }) => sum + size, 0),
      mediaMemory: { used: this.#hub.registry.memory.used, limit: this.#hub.registry.memory.limit },
      plugins,
      faults: this.#faults.list(),
      ...(this.#cluster && { cluster: this.#cluster.health() }),
    };
  }

  *samples(): Iterable<StreamSample> {
    for (const stream of this.#hub.registry.list()) {
      const { app, name, publisher, stats, framesDropped } = stream;
      if (publisher === undefined) continue;
      yield {
        app,
        name,
        videoBitrate: Math.round(stats.videoRate.perSecond * 8),
        audioBitrate: Math.round(stats.audioRate.perSecond * 8),
        frameRate: Math.round(stats.frameRate.perSecond * 100) / 100,
        droppedFrames: framesDropped,
      };
    }
  }

  *measures(): Iterable<StreamMeasure> {
    for (const stream of this.#hub.registry.list()) {
      yield measureOf(stream, this.#relay?.readersOf(stream) ?? 0);
    }
  }

  totals(): Iterator<unknown, Totals> {
    return this.#totals.totals();
  }

  *protocols(): Iterable<string> {
    for (const some of this.#sessions) {
      for (const session of some.values()) yield session.describe().protocol;
    }
  }

  #stream(stream: LiveStream): StreamView {
    const { stats, publisher, standIn } = stream;
    const { members, shown, encoder } = metadataView(stream.description.data("onMetaData"));
    const video = videoTracks(stream, members);
    const audio = audioTracks(stream, members);
    return {
      app: stream.app,
      name: stream.name,
      publisher: publisher === undefined ? null : {
        sessionId: publisher.info.sessionId,
        address: publisher.info.address,
        client: encoder ?? publisher.info.client,
        since: new Date(publisher.info.since).toISOString(),
      },
      uptimeMs: publisher === undefined
        ? 0
        : Math.round(this.#runtime.clock.now() - publisher.since),
      video: withoutId(video[0]),
      audio: withoutId(audio[0]),
      tracks: { video, audio },
      players: stream.playerCount - (this.#relay?.readersOf(stream) ?? 0),
      bytesIn: stats.bytesIn,
      bytesOut: stream.bytesOut,
      droppedFrames: stream.framesDropped,
      keyFrameAgeMs: stream.keys.at === undefined
        ? null
        : Math.max(0, Math.round(this.#runtime.clock.now() - stream.keys.at)),
      gopMs: stream.keys.gopMs ?? null,
      ...mediaTimes(stream, this.#runtime.clock.now()),
      droppedBeforeKeyFrame: stream.framesBeforeKey,
      ...(standIn?.shown === true ? { standIn: standIn.label } : {}),
      ...(shown === undefined ? {} : { metadata: shown }),
    };
  }
}

/** How long ago sound and pictures came, and how far apart they are. */
function mediaTimes(
  stream: LiveStream,
  now: number,
): Pick<StreamView, "videoAgeMs" | "audioAgeMs" | "audioOffsetMs"> {
  const { stats, publisher } = stream;
  const video = stats.videoFrames > 0 ? stream.reached(FrameKind.Video) : undefined;
  const audio = stats.audioFrames > 0 ? stream.reached(FrameKind.Audio) : undefined;
  // What the publisher before it sent says nothing of this one.
  const age = (time: MediaTime | undefined) =>
    time === undefined
      ? null
      : Math.max(0, Math.round(now - Math.max(time.at, publisher?.since ?? 0)));
  return {
    videoAgeMs: age(video),
    audioAgeMs: age(audio),
    audioOffsetMs: video === undefined || audio === undefined
      ? null
      : Math.round(timestampDelta(video.time, audio.time) - (audio.at - video.at)),
  };
}

/** The page of a list, whose views are made one by one when they are asked for. */
function listOf<Item, View>(
  all: readonly Item[],
  { limit, offset }: Page,
  view: (item: Item) => View,
): List<View> {
  return { items: mapped(all.slice(offset, offset + limit), view), total: all.length };
}

function* mapped<Item, View>(items: Iterable<Item>, view: (item: Item) => View): Iterable<View> {
  for (const item of items) yield view(item);
}

/** The default track as the media of the stream. */
function withoutId<View extends { readonly id: number }>(
  track: View | undefined,
): Omit<View, "id"> | null {
  if (track === undefined) return null;
  const { id: _, ...view } = track;
  return view;
}

function sessionView(session: LiveSession): SessionView {
  const { since, capabilities, ...view } = session.describe();
  return {
    id: session.id,
    ...view,
    since: new Date(since).toISOString(),
    enhanced: enhancedView(capabilities),
  };
}

function enhancedView(capabilities: Capabilities | undefined): EnhancedView | null {
  if (!capabilities?.enhanced) return null;
  const { fourCcList = null, videoFourCcs, audioFourCcs, capsEx, videoFunction } = capabilities;
  return {
    fourCcList,
    videoFourCcInfoMap: Object.fromEntries(videoFourCcs),
    audioFourCcInfoMap: Object.fromEntries(audioFourCcs),
    capsEx,
    videoFunction,
  };
}
