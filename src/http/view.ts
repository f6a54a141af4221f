/**
 * What the control API shows, and what it needs from the server to show it. The views are the JSON
 * of the API as it is: adding a member is compatible, changing or removing one is not.
 *
 * No view may hold a query string: that is where clients put their secrets.
 *
 * @module
 */
import type { FaultCount } from "../faults.ts";
import type { PluginHealth, PushWish, RecordFormat, RecordOptions } from "../plugin/mod.ts";
import type { ClientAnswer } from "../service/rtmp/mod.ts";

/** Who publishes a stream. */
export interface PublisherView {
  readonly sessionId: string;
  /** `address:port` of the peer. */
  readonly address: string;
  /** The encoder when its metadata names one, else what the client calls itself (`flashVer`). */
  readonly client: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** The video of a stream. Members are `null` until they are known. */
export interface VideoView {
  /** Short name such as `avc`, `hevc`, `av1`, `vp9`. */
  readonly codec: string;
  /** The codec with profile and level as media types name it, such as `avc1.64001f` [RFC 6381]. */
  readonly codecString: string | null;
  /** Pixels. */
  readonly width: number | null;
  /** Pixels. */
  readonly height: number | null;
  /** Frames per second. */
  readonly frameRate: number | null;
  /** Bits of a sample. */
  readonly bitDepth: number | null;
  /** The transfer function of high dynamic range, `pq` or `hlg`; `null` when none is announced. */
  readonly hdr: "pq" | "hlg" | null;
  /** Bits per second, as measured. */
  readonly bitrate: number | null;
}

/** The audio of a stream. Members are `null` until they are known. */
export interface AudioView {
  /** Short name such as `aac`, `mp3`, `opus`. */
  readonly codec: string;
  /** The codec with its profile as media types name it, such as `mp4a.40.2` [RFC 6381]. */
  readonly codecString: string | null;
  /** Hertz. */
  readonly sampleRate: number | null;
  readonly channels: number | null;
  /** Bits of a sample, of codecs that lose none. */
  readonly bitDepth: number | null;
  /** Bits per second, as measured. */
  readonly bitrate: number | null;
}

/** A track of video. */
export interface VideoTrackView extends VideoView {
  /** 0 to 255; what a stream without tracks has is track 0. */
  readonly id: number;
}

/** A track of audio. */
export interface AudioTrackView extends AudioView {
  /** 0 to 255; what a stream without tracks has is track 0. */
  readonly id: number;
}

/** A live stream. */
export interface StreamView {
  readonly app: string;
  /** `""` when a client published to an application without naming a stream. */
  readonly name: string;
  /** `null` while players wait for one. */
  readonly publisher: PublisherView | null;
  /** Milliseconds since the publisher began; 0 without one. */
  readonly uptimeMs: number;
  /** The default track of video; `null` when there is none. */
  readonly video: VideoView | null;
  /** The default track of audio; `null` when there is none. */
  readonly audio: AudioView | null;
  /** All tracks, the default ones first. */
  readonly tracks: {
    readonly video: readonly VideoTrackView[];
    readonly audio: readonly AudioTrackView[];
  };
  /** How many play it; targets that it is pushed to are none of them. */
  readonly players: number;
  /** Media bytes received. */
  readonly bytesIn: number;
  /** Media bytes sent, to all players. */
  readonly bytesOut: number;
  /** Frames not sent to players that were too slow. */
  readonly droppedFrames: number;
  /** Milliseconds since the last key frame of the default track; `null` before the first one. */
  readonly keyFrameAgeMs: number | null;
  /** From the newest key frame but one to the newest (ms); `null` before both came. */
  readonly gopMs: number | null;
  /** Milliseconds since the newest picture of the publisher; `null` when it has sent none. */
  readonly videoAgeMs: number | null;
  /** The same of its sound. */
  readonly audioAgeMs: number | null;
  /**
   * How much later the time stamps of sound are than those of pictures that come with it (ms):
   * below 0 sound is behind. `null` while there are not both.
   */
  readonly audioOffsetMs: number | null;
  /** Pictures of the publisher that were dropped because no key frame had come. */
  readonly droppedBeforeKeyFrame: number;
  /** What is shown in place of its publisher, such as `file slate`; left out while nothing is. */
  readonly standIn?: string;
  /** The node that it is published at; in lists of a cluster only. */
  readonly node?: string;
  /** What the publisher says about the stream (`onMetaData`), as plain JSON values. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What a client announced in `connect` of Enhanced RTMP, by the names it has on the wire. */
export interface EnhancedView {
  /** Codecs; `null` when there was no such list. */
  readonly fourCcList: readonly string[] | null;
  /** 1 decodes, 2 encodes, 4 forwards; by codec, `*` for all. */
  readonly videoFourCcInfoMap: Readonly<Record<string, number>>;
  readonly audioFourCcInfoMap: Readonly<Record<string, number>>;
  /** 1 reconnect, 2 multitrack, 4 ModEx, 8 nanoseconds. */
  readonly capsEx: number;
  readonly videoFunction: number;
}

/** A connected client. */
export interface SessionView {
  readonly id: string;
  /** What it speaks: `rtmp`, `rtmps`, `http-flv`, `ws-flv`, `hls`. */
  readonly protocol: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** `address:port` of the peer. */
  readonly address: string;
  /** `""` until a stream of it was live in this session: before, it may be a key. */
  readonly app: string;
  /** Where the session is in its life, such as `handshake`, `connected`, `publishing`. */
  readonly state: string;
  /** What the client calls itself, shortened and as text; `""` before it said so. */
  readonly client: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Bytes received on the connection. */
  readonly bytesIn: number;
  /** Bytes sent on the connection. */
  readonly bytesOut: number;
  /** `null` when it said nothing of Enhanced RTMP. */
  readonly enhanced: EnhancedView | null;
  /** Names of the streams it publishes. */
  readonly publishing: readonly string[];
  /** Names of the streams it plays. */
  readonly playing: readonly string[];
}

/** A recording: under way, or a finished file. */
export interface RecordingView {
  /** In `record.folder`; `null` while it waits for media. While it is under way the file is hidden. */
  readonly file: string | null;
  readonly format: RecordFormat;
  readonly state: "recording" | "finished";
  /** So far, those included that wait for the disk. */
  readonly bytes: number;
  /** Milliseconds so far; `null` of a finished file, which has it inside. */
  readonly durationMs: number | null;
  /** When a finished file was last written to, ISO 8601, UTC. */
  readonly changedAt: string | null;
  /** What is recorded, and who had it recorded; `null` of a finished file. */
  readonly app: string | null;
  readonly name: string | null;
  readonly source: "settings" | "plugin" | "publisher" | "api" | null;
  /** Frames that were left out because the disk was too slow. */
  readonly omittedFrames: number | null;
}

/** A target that a stream is pushed to, or a source that one is pulled from. */
export interface RelayView {
  readonly id: string;
  readonly direction: "push" | "pull";
  /** The stream here. */
  readonly app: string;
  readonly name: string;
  /** Where to, or where from: without the name of the stream there, credentials and query. */
  readonly url: string;
  /** Who wanted it. */
  readonly source: "settings" | "plugin" | "api" | "origin" | "cluster";
  readonly state: "waiting" | "connecting" | "publishing" | "playing" | "retrying";
  /** Since when it publishes or plays, ISO 8601, UTC; `null` while it does not. */
  readonly since: string | null;
  /** Bits per second. */
  readonly bitrate: number;
  /** Media bytes, over all connections. */
  readonly bytes: number;
  /** Frames that were left out because a target was too slow. */
  readonly droppedFrames: number;
  /** Messages of this connection that were passed over: of types that nobody knows, such as 7. */
  readonly oddMessages: number;
  /** Connections that ended or did not come about since one lasted. */
  readonly failures: number;
  /** What went wrong last, until it works again: a stable name, and a sentence for people. */
  readonly error: { readonly kind: string; readonly message: string } | null;
  /** Tracks that a target is not sent, as it does not take them, such as `video 0: hvc1`. */
  readonly leftOut: readonly string[];
}

/** How the server is. */
export interface HealthView {
  /** `degraded` when it serves with something out of order, `draining` when it is about to stop. */
  readonly status: "ok" | "degraded" | "draining";
  /** Version of Sluice. */
  readonly version: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  readonly uptimeMs: number;
  /** How many streams are live. */
  readonly streams: number;
  /** How many clients are connected. */
  readonly sessions: number;
  /** Bytes that the media of all streams takes, and may take. */
  readonly mediaMemory: { readonly used: number; readonly limit: number };
  readonly plugins: readonly PluginHealth[];
  /** What went wrong inside since the server began, by the part it was contained in. */
  readonly faults: readonly FaultCount[];
  /** Of a node of a cluster. */
  readonly cluster?: {
    readonly node: string;
    /** Whether it may own names: it has been in touch with the others within its lease. */
    readonly connected: boolean;
    /** Names that it owns. */
    readonly streams: number;
    /** Nodes that it has heard of lately, itself included. */
    readonly nodes: readonly {
      readonly node: string;
      readonly url: string;
      readonly streams: number;
    }[];
  };
}

/** What a stream measures at one moment. */
export interface StreamSample {
  readonly app: string;
  readonly name: string;
  /** Bits per second. */
  readonly videoBitrate: number;
  /** Bits per second. */
  readonly audioBitrate: number;
  /** Pictures per second. */
  readonly frameRate: number;
  /** Frames not sent to players that were too slow, so far. */
  readonly droppedFrames: number;
}

/** What a stream measures and has counted, published or not, as far as it is cheap to tell. */
export interface StreamMeasure {
  readonly app: string;
  readonly name: string;
  /** Whether it has a publisher. */
  readonly published: boolean;
  readonly players: number;
  /** Media bytes of all its publishers so far. */
  readonly bytesIn: number;
  /** Media bytes sent so far. */
  readonly bytesOut: number;
  readonly droppedFrames: number;
  /** Bits per second. */
  readonly videoBitrate: number;
  /** Bits per second. */
  readonly audioBitrate: number;
  /** Bits per second, to all players. */
  readonly sentBitrate: number;
  /** Pictures per second. */
  readonly frameRate: number;
}

/** What all streams have counted, those included that are over. */
export interface Totals {
  /** Streams that began. */
  readonly streams: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly droppedFrames: number;
}

/** A part of a list. */
export interface Page {
  /** Most items. */
  readonly limit: number;
  /** Items before it. */
  readonly offset: number;
}

/** A page of a list. */
export interface List<T> {
  /** Those of the page, each made when it is asked for: what they show is of that moment. */
  readonly items: Iterable<T>;
  /** How many there are on all pages. */
  readonly total: number;
}

/** The server, as the control API sees it. No member may throw, and only what reads the disk may reject. */
export interface ServerView {
  listStreams(page: Page): List<StreamView>;
  /** The streams of all nodes; `undefined` for a server that is alone. */
  clusterStreams?(): Promise<readonly StreamView[]> | undefined;
  /** @returns `undefined` when there is no such stream */
  getStream(app: string, name: string): StreamView | undefined;
  /** Takes a stream from its publisher. @returns `false` when nobody publishes it */
  endStream(app: string, name: string): boolean;
  listSessions(page: Page): List<SessionView>;
  /** Closes a session. @returns `false` when there is no such session */
  endSession(id: string): boolean;
  /**
   * Sends a data message to the players of a stream.
   *
   * @param values plain data
   * @param store whether players that come later get it, too
   * @returns `false` when nobody publishes the stream; why not, when a value cannot be sent
   */
  sendData(
    app: string,
    name: string,
    handler: string,
    values: readonly unknown[],
    store: boolean,
  ): boolean | string;
  /**
   * Calls a method of a client. `answer` says whether one is waited for; without, the kind is `sent`.
   * The promise never rejects.
   *
   * @returns why not, when an argument cannot be sent
   */
  callClient(
    sessionId: string,
    method: string,
    args: readonly unknown[],
    answer: boolean,
  ): Promise<ClientAnswer | { readonly kind: "sent" }> | string;
  /**
   * Asks every client that follows a Reconnect Request to connect again: to `url`, else to the one
   * that is configured, else here.
   *
   * @returns one by one, while it is iterated: whether a client was asked
   */
  reconnectAll(url?: string): Iterable<boolean>;
  /** Asks one client, likewise. @returns `false` when there is none, `unable` when it does not follow */
  reconnect(id: string, url?: string): boolean | "unable";
  /**
   * Recordings, those under way first, then files, newest first: all, or those of one stream.
   *
   * @returns `undefined` without a folder of recordings; rejects when the disk fails
   */
  listRecordings(
    page: Page,
    stream?: { readonly app: string; readonly name: string },
  ): Promise<List<RecordingView> | undefined>;
  /**
   * Records a live stream from now on.
   *
   * @returns `false` when there is no such stream; why not, when it is not recorded for another reason
   */
  startRecording(
    app: string,
    name: string,
    options: RecordOptions,
  ): boolean | "recorded" | "no-folder";
  /** Ends the recordings of a stream. @returns `false` when there are none */
  stopRecording(app: string, name: string): boolean;
  /**
   * Removes a finished file.
   *
   * @returns `false` when there is none, `undefined` without a folder of recordings; rejects when the disk fails
   */
  removeRecording(file: string): Promise<boolean | "under-way" | undefined>;
  listRelays(page: Page): List<RelayView>;
  /**
   * Pushes a stream to another server whenever it is live.
   *
   * @returns `undefined` where there are as many targets as there may be; why not, where it cannot be used
   */
  startRelay(app: string, name: string, wish: PushWish): RelayView | string | undefined;
  /** Ends a target. @returns `false` when there is none of that id */
  endRelay(id: string): boolean;
  health(): HealthView;
  /** What each stream measures that has a publisher, one by one while it is iterated. */
  samples(): Iterable<StreamSample>;
  /** What each stream measures, oldest first, one by one while it is iterated. */
  measures(): Iterable<StreamMeasure>;
  /** What all streams have counted, in steps of a short time. */
  totals(): Iterator<unknown, Totals>;
  /** What each session speaks, one by one while it is iterated. */
  protocols(): Iterable<string>;
}
