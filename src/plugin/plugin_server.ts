/**
 * The server as a plugin sees it, from `start` to `stop`.
 *
 * @module
 */
import type { FrameFeed } from "./frame_feed.ts";
import type { PushWish } from "./push_options.ts";

/** A stream that is live, or whose publisher is waited for. */
export interface StreamInfo {
  /** Application. */
  readonly app: string;
  /** Public name in the application. */
  readonly name: string;
  /** `null` while a lost publisher is waited for. */
  readonly publisher: {
    readonly sessionId: string;
    /** `address:port` of the peer. */
    readonly address: string;
    /** What it calls itself. */
    readonly client: string;
    /** ISO 8601. */
    readonly since: string;
  } | null;
  /** How long it has been live (ms). */
  readonly uptimeMs: number;
  /** Who plays it now. */
  readonly players: number;
  /** Media bytes. */
  readonly bytesIn: number;
  /** Media bytes, of all players together. */
  readonly bytesOut: number;
}

/** A client that is connected. */
export interface SessionInfo {
  /** The id that logs and the API have for it, too. */
  readonly id: string;
  /** Such as `rtmp`, `flv`, `hls`. */
  readonly protocol: string;
  /** `address:port` of the peer. */
  readonly address: string;
  /** Application; `""` while none is public. */
  readonly app: string;
  /** Such as `handshake`, `connected`, `waiting`, `publishing`, `playing`. */
  readonly state: string;
  /** What it calls itself. */
  readonly client: string;
  /** ISO 8601. */
  readonly since: string;
  /** Bytes of its connection. */
  readonly bytesIn: number;
  /** Bytes of its connection. */
  readonly bytesOut: number;
  /** Public names of streams. */
  readonly publishing: readonly string[];
  /** Public names of streams. */
  readonly playing: readonly string[];
}

/** A target that a stream is pushed to, or a source that one is pulled from. */
export interface RelayInfo {
  /** Unique for the life of the server. */
  readonly id: string;
  /** The application of the stream. */
  readonly app: string;
  /** The name of the stream. */
  readonly name: string;
  /** Which way it goes. */
  readonly direction: "push" | "pull";
  /** Without what is secret. */
  readonly url: string;
  /** Such as `waiting`, `connecting`, `publishing`, `retrying`. */
  readonly state: string;
  /** What went wrong last; `null` while it works. */
  readonly error: { readonly kind: string; readonly message: string } | null;
}

/** A finished file of the folder of media, open to be read. */
export interface RecordedFile {
  /** Bytes. */
  readonly size: number;
  /**
   * Reads from `position` on as much as `target` takes, or there is. @returns how many bytes; 0 at the end
   */
  read(target: Uint8Array, position: number): Promise<number>;
  /** To be called once it is not needed any more. */
  close(): Promise<void>;
}

/** What a plugin may do with the server. Behind `stop` there is nothing to see, and nothing is done. */
export interface PluginServer {
  /** The streams of this moment. */
  streams(): StreamInfo[];
  /** One of them; `undefined` when it is not there. */
  stream(app: string, name: string): StreamInfo | undefined;
  /** The clients of this moment. */
  sessions(): SessionInfo[];
  /** Whether a session is there, connecting or connected. Costs little, however many there are. */
  hasSession(id: string): boolean;
  /** Ends a stream, with its publisher and its players. @returns whether there was one */
  endStream(app: string, name: string): boolean;
  /** Ends a session, `why` being one line for the log. @returns whether there was one */
  endSession(id: string, why?: string): boolean;
  /**
   * Sends a data message, such as `onTextData`, to the players of a stream, in order with its media.
   *
   * @param values plain data: numbers, texts, booleans, null, arrays, objects, dates
   * @returns whether somebody publishes the stream
   * @throws {UsageError} when a value cannot be sent
   */
  sendData(app: string, name: string, handler: string, ...values: readonly unknown[]): boolean;
  /** Targets and sources of this moment. */
  relays(): RelayInfo[];
  /**
   * Pushes a stream to another server whenever it is live, until {@link PluginServer.endRelay}.
   *
   * @param to a URL, `rtmp://` or `rtmps://`, or more than that
   * @returns the id; `undefined` where there are as many targets as there may be
   * @throws {UsageError} for what cannot be used as one
   */
  push(app: string, name: string, to: string | PushWish): string | undefined;
  /** Ends a target. @returns whether there was one */
  endRelay(id: string): boolean;
  /**
   * The media of a stream that is live, from its headers and last key frame on, to iterate over:
   * `for await (const frame of feed)`. It ends with the stream, or with {@link FrameFeed.close}. What
   * waits to be read is bounded by `maxBytes` (8 MiB) and counts against `media.memoryBytes`: whoever is
   * slower is given a gap, and keeps nobody waiting.
   *
   * @returns `undefined` when the stream is not live, or the server gives out too many feeds already
   */
  frames(app: string, name: string, maxBytes?: number): FrameFeed | undefined;
  /**
   * Opens a finished recording, as `file` of `onRecorded` names it. At most 100 are open at once.
   *
   * @returns `undefined` when there is no such file; rejects when the disk fails
   */
  openRecording(file: string): Promise<RecordedFile | undefined>;
  /** Removes a finished recording. @returns whether there was one; rejects when the disk fails */
  removeRecording(file: string): Promise<boolean>;
}
