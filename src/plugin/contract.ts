/**
 * What a plugin is: a name, hooks that decide or are told, and HTTP routes of its own.
 *
 * @module
 */
import type { Hono } from "hono";
import type { Capabilities } from "../core/rtmp/session/mod.ts";
import type { Address } from "../ports.ts";

/** What a client speaks. What comes from HTTP has its URL for `tcUrl`, its agent for `flashVer`. */
export type Protocol = "rtmp" | "http-flv" | "hls";

/** A client has sent `connect` [RTMP 1.0 §7.2.1.1]. Contexts are frozen: plugins cannot change them. */
export interface ConnectContext {
  /** Unique for the life of the server. */
  readonly sessionId: string;
  /** How the client speaks to the server. */
  readonly protocol: Protocol;
  /**
   * Canonical application, which may contain slashes; `""` when the client named none. In `onConnect`
   * that which the client connects to, and later, with the same session, each other one in which it
   * wants to publish or play. Like `name` it may be nearly any text that can be printed.
   */
  readonly app: string;
  /**
   * Parameters of the stream name (in publish and play), the application and tcUrl, merged; the
   * first of a key wins. All plugins share it: read it, do not change it.
   */
  readonly query: URLSearchParams;
  /** The URL the client says it uses, as sent: it may hold secrets in its query. */
  readonly tcUrl: string;
  /** The page the player sits in, when the client names it. */
  readonly pageUrl?: string;
  /** What the client calls itself. */
  readonly flashVer: string;
  /**
   * What it announced of Enhanced RTMP: `enhanced` tells whether it said anything of it. All plugins
   * share it, like the query.
   */
  readonly capabilities: Capabilities;
  /** The peer, as the socket sees it. */
  readonly address: Address;
}

/** A client wants to publish [RTMP 1.0 §7.2.2.6]. */
export interface PublishContext extends ConnectContext {
  /** Stream name, without its query. */
  readonly name: string;
  readonly type: "live" | "record" | "append";
}

/** A client wants to play [RTMP 1.0 §7.2.2.1]. */
export interface PlayContext extends ConnectContext {
  /** Stream name, without its query. */
  readonly name: string;
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
  readonly reason: EndReason;
  /** Media bytes received from the publisher. */
  readonly bytes: number;
  /** How long it published (ms). */
  readonly durationMs: number;
}

/** A play is over. */
export interface StopContext extends PlayContext {
  readonly reason: EndReason;
  /** Media bytes sent to the player. */
  readonly bytes: number;
  /** How long it played (ms). */
  readonly durationMs: number;
}

/** A session is over. */
export interface DisconnectContext extends ConnectContext {
  readonly reason: EndReason;
  /** Bytes received on the connection. */
  readonly bytesIn: number;
  /** Bytes sent on the connection. */
  readonly bytesOut: number;
  /** How long the connection was open (ms). */
  readonly durationMs: number;
}

/** The answer that turns a client away. */
export interface Refusal {
  /** What the client is told. */
  readonly refuse: string;
}

/** The answer that lets a client in under another stream name, which later plugins then see. */
export interface Rename {
  readonly rename: string;
}

/** The answer that lets a client read a shared object, but change nothing. */
export interface ReadOnly {
  readonly readOnly: true;
}

/** An answer now or later. */
export type Awaitable<T> = T | Promise<T>;

/** What `onConnect` may answer: nothing or `true` lets the client in. */
export type ConnectVerdict = void | undefined | true | Refusal;

/** What `onPublish` and `onPlay` may answer. */
export type StreamVerdict = ConnectVerdict | Rename;

/** What `onSharedObject` may answer: nothing or `true` lets the client read and write. */
export type SharedObjectVerdict = ConnectVerdict | ReadOnly;

/** What Hono knows in the routes of a plugin: `c.env.remote` is the peer of the request. */
export interface RouteEnv {
  Bindings: { readonly remote: Address };
}

/**
 * A plugin. All its members but the name are optional. The session waits while a deciding hook is
 * pending; whatever is not a verdict, a throw, a rejection and a timeout refuse the client.
 */
export interface Plugin {
  /** 1 to 64 of `a-z 0-9 _ -`, unique in the server. */
  readonly name: string;
  /** Decides whether a client may connect. */
  onConnect?(context: ConnectContext): Awaitable<ConnectVerdict>;
  /** Decides whether and under which name a client may publish. */
  onPublish?(context: PublishContext): Awaitable<StreamVerdict>;
  /** Decides whether and under which name a client may play. */
  onPlay?(context: PlayContext): Awaitable<StreamVerdict>;
  /** Decides whether a client may use a shared object, and whether it may change it. */
  onSharedObject?(context: SharedObjectContext): Awaitable<SharedObjectVerdict>;
  /**
   * Answers a method that a client calls: plain data, `null` for nothing, `refuse` for an error.
   * `undefined` says that the plugin has no such method: the next one is asked. `args` are plain
   * data too, whose objects have no prototype. Check what is in them.
   */
  onCall?(method: string, args: readonly unknown[], context: CallContext): unknown;
  /** Is told that a publish that was let in is over. */
  onUnpublish?(context: UnpublishContext): Awaitable<void>;
  /** Is told that a play that was let in is over. */
  onStop?(context: StopContext): Awaitable<void>;
  /** Is told that a session that was let in is over. */
  onDisconnect?(context: DisconnectContext): Awaitable<void>;
  /** Adds HTTP routes, found under `/plugins/<name>`. Called at each start of a server. */
  routes?(app: Hono<RouteEnv>): void;
  /**
   * Whether the routes need no API token. Left out, or `false`, they are guarded as the control API
   * is; `true` opens them, once there is a token, to whoever reaches the port.
   */
  readonly public?: boolean;
}

/** A function that makes a plugin from the environment variables, so that it can be configured. */
export type PluginFactory = (
  env: Readonly<Record<string, string | undefined>>,
) => Awaitable<Plugin>;

/** The hooks that decide. */
export const DECIDING_HOOKS = ["onConnect", "onPublish", "onPlay", "onSharedObject"] as const;
/** The hooks that answer. */
export const ANSWERING_HOOKS = ["onCall"] as const;
/** The hooks that are told. */
export const NOTIFIED_HOOKS = ["onUnpublish", "onStop", "onDisconnect"] as const;

/** Name of a hook that decides. */
export type DecidingHook = (typeof DECIDING_HOOKS)[number];
/** Name of a hook that is told. */
export type NotifiedHook = (typeof NOTIFIED_HOOKS)[number];
/** Name of a hook that answers. */
export type AnsweringHook = (typeof ANSWERING_HOOKS)[number];
/** Name of any hook. */
export type HookName = DecidingHook | AnsweringHook | NotifiedHook;

/** Gives an object literal the type of a plugin, so that a misspelled hook does not compile. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** The verdict that turns a client away; it is told `reason`. */
export function refuse(reason: string): Refusal {
  return { refuse: reason };
}

/** The verdict that lets a client in under the stream name `name`. */
export function rename(name: string): Rename {
  return { rename: name };
}

/** The verdict that lets a client read a shared object, but change nothing. */
export function readOnly(): ReadOnly {
  return { readOnly: true };
}
