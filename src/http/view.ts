/**
 * What the control API shows, and what it needs from the server to show it. The views are the JSON
 * of the API as it is: adding a member is compatible, changing or removing one is not.
 *
 * No view may hold a query string: that is where clients put their secrets.
 *
 * @module
 */
import type { FaultCount } from "../faults.ts";
import type { PluginHealth } from "../plugin/mod.ts";

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
  /** Pixels. */
  readonly width: number | null;
  /** Pixels. */
  readonly height: number | null;
  /** Frames per second. */
  readonly frameRate: number | null;
  /** Bits per second, as measured. */
  readonly bitrate: number | null;
}

/** The audio of a stream. Members are `null` until they are known. */
export interface AudioView {
  /** Short name such as `aac`, `mp3`, `opus`. */
  readonly codec: string;
  /** Hertz. */
  readonly sampleRate: number | null;
  readonly channels: number | null;
  /** Bits per second, as measured. */
  readonly bitrate: number | null;
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
  /** `null` when there is none. */
  readonly video: VideoView | null;
  /** `null` when there is none. */
  readonly audio: AudioView | null;
  /** How many play it. */
  readonly players: number;
  /** Media bytes received. */
  readonly bytesIn: number;
  /** Media bytes sent, to all players. */
  readonly bytesOut: number;
  /** Frames not sent to players that were too slow. */
  readonly droppedFrames: number;
  /** What the publisher says about the stream (`onMetaData`), as plain JSON values. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A connected client. */
export interface SessionView {
  readonly id: string;
  /** `address:port` of the peer. */
  readonly address: string;
  /** `""` until a stream of it was live in this session: before, it may be a key. */
  readonly app: string;
  /** Where the session is in its life, such as `handshake`, `connected`, `publishing`. */
  readonly state: string;
  /**
   * What the client calls itself (`flashVer`), with words that name no known program masked; `""`
   * before `connect`.
   */
  readonly client: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Bytes received on the connection. */
  readonly bytesIn: number;
  /** Bytes sent on the connection. */
  readonly bytesOut: number;
  /** Names of the streams it publishes. */
  readonly publishing: readonly string[];
  /** Names of the streams it plays. */
  readonly playing: readonly string[];
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
  readonly plugins: readonly PluginHealth[];
  /** What went wrong inside since the server began, by the part it was contained in. */
  readonly faults: readonly FaultCount[];
}

/** The server, as the control API sees it. No member may throw. */
export interface ServerView {
  listStreams(): readonly StreamView[];
  /** @returns `undefined` when there is no such stream */
  getStream(app: string, name: string): StreamView | undefined;
  /** Takes a stream from its publisher. @returns `false` when nobody publishes it */
  endStream(app: string, name: string): boolean;
  listSessions(): readonly SessionView[];
  /** Closes a session. @returns `false` when there is no such session */
  endSession(id: string): boolean;
  health(): HealthView;
}
