/**
 * What a plugin is: a name, hooks that decide or are told, and HTTP routes of its own.
 *
 * @module
 */
import type { Hono } from "hono";
import type { Address } from "../ports.ts";
import type { RecordOptions, RecordWish } from "../recordings/record_wish.ts";
import type { PushWish } from "./push_options.ts";
import type {
  CallContext,
  ConnectContext,
  DisconnectContext,
  EndedContext,
  LiveContext,
  LoginContext,
  PlayContext,
  PlayEndContext,
  PublishContext,
  RecordedContext,
  RecordFailedContext,
  RecordStartContext,
  SharedObjectContext,
  UnpublishContext,
} from "./contexts.ts";
import type { PluginServer } from "./plugin_server.ts";

/** The answer that turns a client away. */
export interface Refusal {
  /** What the client is told. */
  readonly refuse: string;
}

/** The answer that lets a client in under another stream name, which later plugins then see. */
export interface Rename {
  /** The name that all others know. */
  readonly rename: string;
}

/** The answer that says whether what a client publishes is recorded, and how. */
export interface RecordAnswer {
  /** How, or not at all. */
  readonly record: RecordWish;
}

/** The answer that says where else what a client publishes is sent. */
export interface PushAnswer {
  /** URLs, or more than that, of one target or several. */
  readonly push: string | PushWish | readonly (string | PushWish)[];
}

/** The answer that lets a client read a shared object, but change nothing. */
export interface ReadOnly {
  /** Always so. */
  readonly readOnly: true;
}

/** An answer now or later. */
export type Awaitable<T> = T | Promise<T>;

/** What all that decide may answer: nothing or `true` lets the client in. */
export type AccessVerdict = void | undefined | true | Refusal;

/** The answer that has a client say who it is, with a password, before it may connect. */
export interface NeedLogin {
  /** Always so. */
  readonly login: true;
}

/** What `onConnect` may answer: nothing or `true` lets the client in. */
export type ConnectVerdict = AccessVerdict | NeedLogin;

/**
 * What `onLogin` may answer: nothing where it does not know the user, `refuse`, or what proves the user: the
 * password; or a salt and the base64 of the MD5 of user, salt and password, one behind the other; or that the
 * name proves itself, as a token does, whatever the password.
 */
export type LoginVerdict =
  | void
  | undefined
  | Refusal
  | { readonly password: string }
  | { readonly salt: string; readonly digest: string }
  | { readonly proven: true };

/** What `onPlay` may answer. */
export type StreamVerdict = AccessVerdict | Rename;

/** What `onPublish` may answer. */
export type PublishVerdict =
  | StreamVerdict
  | (Partial<Rename> & RecordAnswer & Partial<PushAnswer>)
  | (Partial<Rename> & PushAnswer);

/** What `onSharedObject` may answer: nothing or `true` lets the client read and write. */
export type SharedObjectVerdict = AccessVerdict | ReadOnly;

/** What Hono knows in the routes of a plugin: `c.env.remote` is the peer of the request. */
export interface RouteEnv {
  /** What `c.env` has. */
  Bindings: { readonly remote: Address };
}

/**
 * A plugin. All its members but the name are optional. The session waits while a deciding hook is
 * pending; whatever is not a verdict, a throw, a rejection and a timeout refuse the client.
 */
export interface Plugin {
  /** 1 to 64 of `a-z 0-9 _ -`, unique in the server. */
  readonly name: string;
  /**
   * Says what proves that a client of RTMP is the user that it names. It is asked ahead of `onConnect`, which
   * is told the user, and only if the client has named one: see {@link needLogin}.
   */
  onLogin?(context: LoginContext): Awaitable<LoginVerdict>;
  /** Decides whether a client may connect. */
  onConnect?(context: ConnectContext): Awaitable<ConnectVerdict>;
  /** Decides whether and under which name a client may publish, and whether that is recorded. */
  onPublish?(context: PublishContext): Awaitable<PublishVerdict>;
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
  onPlayEnd?(context: PlayEndContext): Awaitable<void>;
  /** Is told that a session that was let in is over. */
  onDisconnect?(context: DisconnectContext): Awaitable<void>;
  /** Is told that a stream is live: somebody publishes a name that nobody had. */
  onLive?(context: LiveContext): Awaitable<void>;
  /** Is told that a stream is over, and that its publisher is not waited for. */
  onEnded?(context: EndedContext): Awaitable<void>;
  /** Is told that a stream is recorded into a file from now on. */
  onRecordStart?(context: RecordStartContext): Awaitable<void>;
  /** Is told that a file is finished. */
  onRecorded?(context: RecordedContext): Awaitable<void>;
  /** Is told that a recording failed. What there is of its file is told with `onRecorded`. */
  onRecordFailed?(context: RecordFailedContext): Awaitable<void>;
  /**
   * Called at each start of a server, once it listens: `server` is good until {@link stop}. A server
   * whose plugin throws here, rejects or takes longer than `hook.timeoutMs` does not start. Where it takes the
   * place of one of its name that was changed, `before` is what that one handed over, behind its `stop`.
   */
  start?(server: PluginServer, before?: unknown): Awaitable<void>;
  /**
   * Called ahead of {@link stop} when another version of the plugin takes its place: what the next one is to know,
   * such as who is let in until when. Check it there: another version may have made it.
   */
  handOver?(): unknown;
  /** Called at the end, behind every hook; awaited for `hook.timeoutMs`. */
  stop?(): Awaitable<void>;
  /** Adds HTTP routes, found under `/plugins/<name>`. Called at each start of a server. */
  routes?(app: Hono<RouteEnv>): void;
  /**
   * Whether the routes need no API token. Left out, or `false`, they are guarded as the control API
   * is; `true` opens them, once there is a token, to whoever reaches the port.
   */
  readonly public?: boolean;
  /**
   * Whether its `onPublish` lets anybody publish, as one that only counts does. Such a plugin does not make
   * it safe to listen beyond this machine: the rule against open relays looks for another one.
   */
  readonly anybody?: boolean;
}

/** A function that makes a plugin from the environment variables, so that it can be configured. */
export type PluginFactory = (
  env: Readonly<Record<string, string | undefined>>,
) => Awaitable<Plugin>;

/** The hooks that decide. */
export const DECIDING_HOOKS = ["onConnect", "onPublish", "onPlay", "onSharedObject"] as const;
/** The hooks that say who clients are. */
export const LOGIN_HOOKS = ["onLogin"] as const;
/** The hooks that answer. */
export const ANSWERING_HOOKS = ["onCall"] as const;
/** The hooks that are told. */
export const NOTIFIED_HOOKS = [
  "onUnpublish",
  "onPlayEnd",
  "onDisconnect",
  "onLive",
  "onEnded",
  "onRecordStart",
  "onRecorded",
  "onRecordFailed",
] as const;

/** Name of a hook that decides. */
export type DecidingHook = (typeof DECIDING_HOOKS)[number];
/** Name of a hook that says who clients are. */
export type LoginHook = (typeof LOGIN_HOOKS)[number];
/** Name of a hook that is told. */
export type NotifiedHook = (typeof NOTIFIED_HOOKS)[number];
/** Name of a hook that answers. */
export type AnsweringHook = (typeof ANSWERING_HOOKS)[number];
/** Name of any hook. */
export type HookName = DecidingHook | LoginHook | AnsweringHook | NotifiedHook;

/** Gives an object literal the type of a plugin, so that a misspelled hook does not compile. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** The verdict that turns a client away; it is told `reason`. */
export function refuse(reason: string): Refusal {
  return { refuse: reason };
}

/**
 * The verdict of `onConnect` that has a client say who it is, with a password. One of RTMP connects again, and
 * `user` is set; one of HTTP asks again with the header `Authorization`, which is the plugin's to check.
 */
export function needLogin(): NeedLogin {
  return { login: true };
}

/** The verdict that lets a client in under the stream name `name`. */
export function rename(name: string): Rename {
  return { rename: name };
}

/**
 * The verdict that lets a client publish and has it recorded: as the settings say, in another way, not at
 * all (`false`), or where the client asks for it (`"asked"`). With a name: `{ ...rename("a"), ...record() }`.
 */
export function record(how: boolean | "asked" | RecordOptions = true): RecordAnswer {
  return { record: how };
}

/**
 * The verdict that lets a client publish, and pushes that to other servers: `rtmp://` or `rtmps://` URLs, in
 * which `{app}` and `{name}` are those of the stream. With others: `{ ...record(), ...push("rtmps://…") }`.
 */
export function push(...to: readonly (string | PushWish)[]): PushAnswer {
  return { push: to };
}

/** The verdict that lets a client read a shared object, but change nothing. */
export function readOnly(): ReadOnly {
  return { readOnly: true };
}
