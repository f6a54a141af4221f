/**
 * What the control API and its events send, as far as the pages read it.
 *
 * @module
 */

/** A stream by its name. */
export interface Stream {
  readonly app: string;
  readonly name: string;
}

/** The video of a stream. */
export interface VideoView {
  readonly codec: string;
  readonly codecString: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly frameRate: number | null;
  readonly bitDepth: number | null;
  readonly hdr: string | null;
  readonly bitrate: number | null;
}

/** The audio of a stream. */
export interface AudioView {
  readonly codec: string;
  readonly codecString: string | null;
  readonly sampleRate: number | null;
  readonly channels: number | null;
  readonly bitrate: number | null;
}

/** What is wrong with a stream. */
export interface Problem {
  readonly code: string;
  readonly serious: boolean;
  readonly text: string;
}

/** A stream of the events. */
export interface StreamRow extends Stream {
  readonly publisher: {
    readonly sessionId: string;
    readonly address: string;
    readonly client: string;
    readonly since: string;
  } | null;
  readonly uptimeMs: number;
  readonly video: VideoView | null;
  readonly audio: AudioView | null;
  readonly players: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly droppedFrames: number;
  readonly keyFrameAgeMs: number | null;
  readonly gopMs: number | null;
  readonly audioOffsetMs: number | null;
  readonly droppedBeforeKeyFrame: number;
  readonly viewers: Readonly<Record<string, number>>;
  readonly sample: { readonly video: number; readonly audio: number; readonly frameRate: number };
  readonly problems: readonly Problem[];
}

/** A session of the events. */
export interface SessionRow {
  readonly id: string;
  readonly protocol: string;
  readonly address: string;
  readonly app: string;
  readonly state: string;
  readonly client: string;
  readonly since: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly publishing: readonly string[];
  readonly playing: readonly string[];
}

/** The ports of RTMP, without and in TLS. */
export interface RtmpPorts {
  readonly rtmpPort: number;
  readonly rtmpsPort: number | null;
}

/** A relay of the events. */
export interface RelayRow extends Stream {
  readonly id: string;
  readonly direction: "push" | "pull";
  readonly url: string;
  readonly state: string;
  readonly bitrate: number;
  readonly bytes: number;
  readonly error: { readonly kind: string; readonly message: string } | null;
  readonly leftOut: readonly string[];
}

/** The server of the events. */
export interface ServerState extends RtmpPorts {
  readonly status: string;
  readonly version: string;
  readonly runtime: string;
  readonly uptimeMs: number;
  readonly streams: number;
  readonly sessions: number;
  readonly mediaMemory: { readonly used: number; readonly limit: number };
}

/** One event `state`. */
export interface State {
  readonly at: string;
  readonly server: ServerState;
  readonly streams: readonly StreamRow[];
  readonly sessions: readonly SessionRow[];
  readonly relays: readonly RelayRow[];
}

/** The event `charts`. */
export interface Charts {
  readonly intervalMs: number;
  readonly charts: readonly (Stream & {
    readonly video: readonly number[];
    readonly audio: readonly number[];
    readonly frameRate: readonly number[];
  })[];
}

/** A way to play, in the page. */
export type Way = "ws-flv" | "http-flv" | "hls";

/** How a try to play ended. */
export interface Outcome {
  readonly kind: "ended" | "turned" | "absent" | "refused" | "busy" | "unsupported" | "failed";
  /** What to play without from here on, when it turned: its sound or pictures came no more. */
  readonly without?: "audio" | "video";
  /** What the server says of it, or the browser. */
  readonly message?: string;
  /** Whether there was any picture or sound. */
  readonly played?: boolean;
}

/** What a player shows. */
export interface PlayerState {
  readonly kind:
    | "connecting"
    | "playing"
    | "stalled"
    | "waiting"
    | "refused"
    | "busy"
    | "unsupported"
    | "stopped";
  readonly way?: Way;
  readonly message?: string;
}

/** A try to play that is under way. */
export interface Playing {
  /** Resolves when it is over; never rejects. */
  readonly over: Promise<Outcome>;
  stop(): void;
}

/** What steers playback to the live edge. */
export interface EdgeView {
  readonly time: number;
  /** Ranges that are there to be played, in order, as pairs of start and end (s). */
  readonly ranges: readonly (readonly [number, number])[];
  /** How far behind the newest picture it should be (s). */
  readonly target: number;
  readonly rate: number;
  /** Nothing was shown yet. */
  readonly fresh?: boolean;
}
