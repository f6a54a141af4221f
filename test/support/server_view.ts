/**
 * A server that exists only as the control API sees it.
 *
 * @module
 */
import type {
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
  VideoView,
} from "../../src/http/mod.ts";
import type { PushWish } from "../../src/plugin/mod.ts";
import type { ClientAnswer } from "../../src/service/rtmp/mod.ts";

const VIDEO: VideoView = {
  codec: "avc",
  codecString: "avc1.640028",
  width: 1920,
  height: 1080,
  frameRate: 30,
  bitDepth: 8,
  hdr: null,
  bitrate: null,
};

/** A stream with video. */
export function streamView(app: string, name: string): StreamView {
  return {
    app,
    name,
    publisher: {
      sessionId: "s1",
      address: "192.0.2.7:50000",
      client: "OBS",
      since: "2024-01-01T00:00:00.000Z",
    },
    uptimeMs: 1000,
    video: VIDEO,
    audio: null,
    tracks: { video: [{ id: 0, ...VIDEO }], audio: [] },
    players: 2,
    bytesIn: 3,
    bytesOut: 6,
    droppedFrames: 0,
    keyFrameAgeMs: 40,
    gopMs: 2000,
    videoAgeMs: 20,
    audioAgeMs: null,
    audioOffsetMs: null,
    droppedBeforeKeyFrame: 0,
    metadata: { encoder: "OBS", title: "<img src=x onerror=alert(1)>" },
  };
}

/** A target that takes what it is sent. */
export function relayView(id: string, app = "live", name = "cam"): RelayView {
  return {
    ...{ id, direction: "push", app, name, source: "api", state: "publishing" },
    url: "rtmp://relay.example:1935/in/***",
    since: "2024-01-01T00:00:00.000Z",
    ...{ bitrate: 1_000_000, bytes: 5, droppedFrames: 0, oddMessages: 0 },
    ...{ failures: 0, error: null, leftOut: [] },
  };
}

/** A session that does nothing. */
export function sessionView(id: string): SessionView {
  return {
    id,
    protocol: "rtmp",
    secure: false,
    address: "192.0.2.7:50000",
    app: "live",
    state: "connected",
    client: "LNX 9,0,124,2",
    since: "2024-01-01T00:00:00.000Z",
    bytesIn: 1,
    bytesOut: 2,
    enhanced: null,
    publishing: [],
    playing: [],
  };
}

function listOf<T>(all: readonly T[], { limit, offset }: Page): List<T> {
  return { items: all.slice(offset, offset + limit), total: all.length };
}

/** A server whose streams and sessions a test may change. */
export class FakeServerView implements ServerView {
  streams: StreamView[] = [];
  sessions: SessionView[] = [];
  status: HealthView["status"] = "ok";

  listStreams = (page: Page) => listOf(this.streams, page);
  getStream = (app: string, name: string) =>
    this.streams.find((stream) => stream.app === app && stream.name === name);
  listSessions = (page: Page) => listOf(this.sessions, page);

  endStream(app: string, name: string): boolean {
    const before = this.streams.length;
    this.streams = this.streams.filter((stream) => stream.app !== app || stream.name !== name);
    return this.streams.length < before;
  }

  endSession(id: string): boolean {
    const before = this.sessions.length;
    this.sessions = this.sessions.filter((session) => session.id !== id);
    return this.sessions.length < before;
  }

  /** What was sent and called, oldest first. */
  readonly asked: unknown[][] = [];
  /** What a call comes to. */
  answer: ClientAnswer | { readonly kind: "sent" } = { kind: "sent" };

  sendData(app: string, name: string, ...message: unknown[]): boolean | string {
    this.asked.push([app, name, ...message]);
    return this.getStream(app, name) !== undefined;
  }

  callClient(id: string, ...call: unknown[]) {
    this.asked.push([id, ...call]);
    const known = this.sessions.some((session) => session.id === id);
    return Promise.resolve(known ? this.answer : { kind: "gone" as const });
  }

  reconnectAll(url?: string): Iterable<boolean> {
    this.asked.push(["reconnect", url]);
    return this.sessions.map(() => true);
  }

  reconnect(id: string, url?: string): boolean | "unable" {
    this.asked.push(["reconnect", id, url]);
    const session = this.sessions.find((session) => session.id === id);
    return session !== undefined && (session.enhanced !== null || "unable");
  }

  /** `undefined` without a folder. */
  recordings: RecordingView[] | undefined = [];
  relays: RelayView[] = [];

  listRecordings(page: Page, stream?: { app: string; name: string }) {
    this.asked.push(["list", stream]);
    return Promise.resolve(this.recordings && listOf(this.recordings, page));
  }

  startRecording(app: string, name: string, options: unknown) {
    this.asked.push(["record", app, name, options]);
    if (this.recordings === undefined) return "no-folder" as const;
    if (this.getStream(app, name) === undefined) return false;
    return this.recordings.some((one) => one.app === app && one.name === name)
      ? "recorded" as const
      : true;
  }

  stopRecording(app: string, name: string): boolean {
    return this.recordings?.some((one) => one.app === app && one.name === name) ?? false;
  }

  removeRecording(file: string): Promise<boolean | "under-way" | undefined> {
    const found = this.recordings?.find((one) => one.file === file);
    if (this.recordings === undefined) return Promise.resolve(undefined);
    return Promise.resolve(found?.state === "recording" ? "under-way" : found !== undefined);
  }

  listRelays(page: Page): List<RelayView> {
    return listOf(this.relays, page);
  }

  startRelay(app: string, name: string, wish: PushWish): RelayView | string | undefined {
    this.asked.push(["relay", app, name, wish]);
    if (this.relays.length >= 2) return undefined;
    const relay = relayView("b1", app, name);
    this.relays.push(relay);
    return relay;
  }

  endRelay(id: string): boolean {
    const before = this.relays.length;
    this.relays = this.relays.filter((relay) => relay.id !== id);
    return this.relays.length < before;
  }

  samples(): Iterable<StreamSample> {
    return this.streams.filter(({ publisher }) => publisher !== null).map((stream) => ({
      app: stream.app,
      name: stream.name,
      videoBitrate: stream.video?.bitrate ?? 0,
      audioBitrate: stream.audio?.bitrate ?? 0,
      frameRate: stream.video?.frameRate ?? 0,
      droppedFrames: stream.droppedFrames,
    }));
  }

  measures(): Iterable<StreamMeasure> {
    return this.streams.map((stream) => ({
      app: stream.app,
      name: stream.name,
      published: stream.publisher !== null,
      players: stream.players,
      bytesIn: stream.bytesIn,
      bytesOut: stream.bytesOut,
      droppedFrames: stream.droppedFrames,
      videoBitrate: stream.video?.bitrate ?? 0,
      audioBitrate: stream.audio?.bitrate ?? 0,
      sentBitrate: 0,
      frameRate: stream.video?.frameRate ?? 0,
    }));
  }

  *totals(): Generator<undefined, Totals> {
    yield;
    return { streams: this.streams.length, bytesIn: 0, bytesOut: 0, droppedFrames: 0 };
  }

  protocols(): Iterable<string> {
    return this.sessions.map(({ protocol }) => protocol);
  }

  health(): HealthView {
    return {
      status: this.status,
      version: "0.0.0",
      runtime: "test 1",
      uptimeMs: 5,
      streams: this.streams.length,
      sessions: this.sessions.length,
      mediaMemory: { used: 0, limit: 1 },
      plugins: [{ name: "token_auth", faults: 0, pending: 0, late: 0, healthy: true }],
      faults: [],
    };
  }
}
