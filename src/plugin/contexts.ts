/**
 * What plugins are told, whatever brought a client: over RTMP, over HTTP, live or recorded.
 *
 * @module
 */
import type { Capabilities } from "../core/rtmp/session/mod.ts";
import type { StreamEnd } from "../hub/mod.ts";
import type { Address } from "../ports.ts";
import type { RecordFormat } from "../recordings/record_wish.ts";

/** What a client speaks: `rtmp`, `rtmps`, `http-flv`, `hls` and what other ways in and out are called. */
export type Protocol = string;

/** Who asks. */
export interface Client {
  /** How it speaks to the server. */
  readonly protocol: Protocol;
  /** Whether it came over TLS, here; of a proxy in front nothing is known. */
  readonly secure: boolean;
  /** The peer, as the socket sees it. */
  readonly address: Address;
  /** What it calls itself: `flashVer` of RTMP, `User-Agent` of HTTP; `""` when it says nothing. */
  readonly agent: string;
}

/** What only clients of RTMP say. */
export interface RtmpDetails {
  /** The URL the client says it uses, as sent: it may hold secrets in its query. */
  readonly tcUrl: string;
  /**
   * Whether it says that it is going to publish (`type` is `nonprivate`), as nearly all encoders do and players
   * do not. Nobody has to: it is a hint, such as whom to ask for a password.
   */
  readonly publishes?: true;
  /** The page the player sits in, when the client names it. */
  readonly pageUrl?: string | undefined;
  /**
   * The address of the client that an edge says it stands for. Anybody may say so: believe it of addresses
   * that are known to be edges.
   */
  readonly forwardedFor?: string;
  /** What it announced of Enhanced RTMP: `enhanced` tells whether it said anything of it. */
  readonly capabilities: Capabilities;
}

/** What only clients of HTTP say. */
export interface HttpDetails {
  /** The URL of the first request: it may hold secrets in its query. */
  readonly url: string;
  /** The page that asked, as `Referer` names it. */
  readonly referer?: string | undefined;
  /** The header `Authorization`, as sent: a secret. */
  readonly authorization?: string | undefined;
}

/**
 * A client has come: over RTMP with `connect` [RTMP 1.0 §7.2.1.1], over HTTP with its first request.
 * Contexts are frozen: plugins cannot change them.
 */
export interface ConnectContext {
  /** Unique for the life of the server. */
  readonly sessionId: string;
  /** Who asks. All plugins share it, and what else is an object here: read it, do not change it. */
  readonly client: Client;
  /**
   * Canonical application, which may contain slashes; `""` when the client named none. In `onConnect`
   * that which the client connects to, and later, with the same session, each other one in which it
   * wants to publish or play. Like `name` it may be nearly any text that can be printed.
   */
  readonly app: string;
  /**
   * Parameters of the stream name (in publish and play), the application and the URL, merged; the
   * first of a key wins.
   */
  readonly query: URLSearchParams;
  /** The user that a client of RTMP has proven to be, where a plugin has `onLogin`. */
  readonly user?: string;
  /** Of clients of RTMP. */
  readonly rtmp?: RtmpDetails;
  /** Of clients of HTTP. */
  readonly http?: HttpDetails;
}

/** A client of RTMP names a user (`authmod=adobe`), which is to be proven. */
export interface LoginContext extends ConnectContext {
  /** Who it says it is, as sent: letters of any kind, at most 4096. It may be a token. */
  readonly user: string;
}

/** A client wants to publish [RTMP 1.0 §7.2.2.6], whatever brings it. */
export interface PublishContext extends ConnectContext {
  /** Stream name, without its query. */
  readonly name: string;
  /** Whether the client asks to have it recorded, too, and how. */
  readonly type: "live" | "record" | "append";
}

/** A client wants to play [RTMP 1.0 §7.2.2.1], whatever takes it. */
export interface PlayContext extends ConnectContext {
  /** Stream name, without its query. */
  readonly name: string;
  /** What it asks for was recorded: a file, rather than what somebody publishes now. */
  readonly recorded?: true;
  /** The file, in the folder of media, where it is one. */
  readonly file?: string;
  /** Where in it the client begins (ms). */
  readonly start?: number;
}

/** A client wants to use a shared object [RTMP 1.0 §7.1.3]. */
export interface SharedObjectContext extends ConnectContext {
  /** Name of the object, as the client sent it: any text of at most 255 bytes. */
  readonly name: string;
  /** Whether it outlives its users. */
  readonly persistent: boolean;
}

/** A client calls a method [RTMP 1.0 §7.2.1.2]. */
export interface CallContext extends ConnectContext {
  /**
   * Calls a method of the client. Resolves with its answer as plain data; rejects with a
   * `ClientCallError` when the client answers with an error, not in time, or is gone. A plugin that
   * lets that through answers its own call with an error, which is no fault; nor does the time count
   * that the client takes.
   */
  callClient(method: string, ...args: readonly unknown[]): Promise<unknown>;
}

/** Why a publish, a play or a session ended. */
export type EndReason =
  /** The client asked for it. */
  | "client"
  /** The connection went away. */
  | "disconnected"
  /** Another publisher took the name over. */
  | "replaced"
  /** Someone ended it through the control API. */
  | "kicked"
  /** The media of all streams took more memory than it may, and this one most of it. */
  | "no-memory"
  /** The publisher that was played went away for good. */
  | "unpublished"
  /** No publisher came in time. */
  | "not-found"
  /** The player was too slow for too long. */
  | "stalled"
  /** The peer was silent for too long. */
  | "timeout"
  /** The peer broke the protocol or one of the limits. */
  | "protocol"
  /** A plugin refused it. */
  | "refused"
  /** The server stops. */
  | "shutdown"
  /** A fault of the server. */
  | "internal";

/** A publish is over. */
export interface UnpublishContext extends PublishContext {
  /** Why it ended. */
  readonly reason: EndReason;
  /** Media bytes received from the publisher. */
  readonly bytes: number;
  /** How long it published (ms). */
  readonly durationMs: number;
}

/** A play is over. */
export interface PlayEndContext extends PlayContext {
  /** Why it ended. */
  readonly reason: EndReason;
  /** Media bytes sent to the player. */
  readonly bytes: number;
  /** How long it played (ms). */
  readonly durationMs: number;
}

/** A session is over. */
export interface DisconnectContext extends ConnectContext {
  /** Why it ended. */
  readonly reason: EndReason;
  /** Bytes received on the connection. */
  readonly bytesIn: number;
  /** Bytes sent on the connection. */
  readonly bytesOut: number;
  /** How long the connection was open (ms). */
  readonly durationMs: number;
}

/** A stream that is live. */
export interface LiveContext {
  /** Application. */
  readonly app: string;
  /** Public name in the application. */
  readonly name: string;
  /** Who publishes it. */
  readonly publisher: {
    readonly sessionId: string;
    /** `address:port` of the peer. */
    readonly address: string;
    /** Milliseconds since 1970. */
    readonly since: number;
  };
}

/** A stream that was live, and is over. */
export interface EndedContext {
  /** Application. */
  readonly app: string;
  /** Public name in the application. */
  readonly name: string;
  /** `lost`: its publisher did not come back in time. */
  readonly reason: StreamEnd;
  /** How long it was live, whoever published it (ms). */
  readonly durationMs: number;
}

/** A stream is recorded into a file. */
export interface RecordStartContext {
  /** Application. */
  readonly app: string;
  /** Public name in the application. */
  readonly name: string;
  /** In `record.folder`, with `/` between its parts. Until it is finished it is hidden. */
  readonly file: string;
  /** Container of the file. */
  readonly format: RecordFormat;
  /** When it began (ms since 1970). */
  readonly start: number;
}

/**
 * Why a file ended: it was long enough (`segment`) or cannot hold what came (`changed`), and another one
 * follows; its stream ended (`unpublished`); somebody stopped the recording (`stopped`); the disk is full
 * or failed (`disk`); the server stops (`shutdown`) or has a fault (`fault`); the server had gone down
 * while it was written, and this one finished it (`crash`).
 */
export type RecordEnd =
  | "segment"
  | "changed"
  | "unpublished"
  | "stopped"
  | "disk"
  | "shutdown"
  | "fault"
  | "crash";

/** A track of a file. */
export interface RecordedTrack {
  /** Pictures or sound. */
  readonly kind: "video" | "audio";
  /** 0 to 255; what a stream without tracks has is track 0. */
  readonly id: number;
  /** Short name such as `avc`, `aac`. */
  readonly codec: string;
}

/** A file is finished: it has its name, and is whole. */
export interface RecordedContext extends RecordStartContext {
  /** How long it plays (ms). */
  readonly durationMs: number;
  /** Size of the file. */
  readonly bytes: number;
  /** What its stream had at the end; empty where the end is `crash`. */
  readonly tracks: readonly RecordedTrack[];
  /** Why it ends there. */
  readonly reason: RecordEnd;
}

/** A recording failed. The stream goes on. */
export interface RecordFailedContext {
  /** Application. */
  readonly app: string;
  /** Public name in the application. */
  readonly name: string;
  /** As it is going to be called, if something of it can be kept. */
  readonly file: string;
  /** Container of the file. */
  readonly format: RecordFormat;
  /** One line for people, such as what the disk said. */
  readonly error: string;
}
