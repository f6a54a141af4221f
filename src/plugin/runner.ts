/**
 * Asks and tells the plugins, and survives whatever they do.
 *
 * Deciding hooks run one after the other in the order of registration; the first refusal wins. A
 * hook that throws, rejects, does not settle in time or answers junk refuses the client: a broken
 * authentication plugin must not open the server. When every hook answers at once no promise is
 * made, so that the common case stays in the turn that read the command.
 *
 * @module
 */
import {
  CALL_BUSY,
  CALL_FAULT,
  type CallAnswer,
  excuseCall,
  readCallAnswer,
} from "./call_answer.ts";
import { Activity } from "./activity.ts";
import { ClientWaits } from "./client_call.ts";
import type { DecidingHook, LoginHook, NotifiedHook, Plugin } from "./contract.ts";
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
import type { GuardOptions, HookContext } from "./guard.ts";
import { LOGIN_FAULT, type LoginAnswer, readLoginAnswer, UNKNOWN_USER } from "./login.ts";
import type { PluginHealth } from "./health.ts";
import { PluginSet } from "./plugin_set.ts";
import { ALLOW, type Allowed, type Decision, FAULT, readVerdict } from "./verdict.ts";

/** How long one deciding hook may take (ms), unless configured. */
export const DEFAULT_HOOK_TIMEOUT_MS = 5_000;

/** What a {@link PluginRunner} needs. */
export type PluginRunnerOptions = GuardOptions;

/** The plugins of one server. */
export class PluginRunner {
  /** Tells who watches the server of what happens in it. */
  readonly activity = new Activity();
  readonly #options: GuardOptions;
  #set: PluginSet;

  /** @throws {UsageError} when a plugin is none, or two have one name */
  constructor(plugins: readonly Plugin[], options: PluginRunnerOptions) {
    this.#options = options;
    this.#set = new PluginSet(plugins, options);
  }

  /** The plugins, in the order in which they are asked. */
  get plugins(): readonly Plugin[] {
    return this.#set.plugins;
  }

  /**
   * Asks these from now on. What was begun with those before is finished with them.
   *
   * @returns those before: `idle` tells when nothing is asked of them any more
   * @throws {UsageError} as the constructor, and nothing is changed
   */
  exchange(plugins: readonly Plugin[]): PluginSet {
    const before = this.#set;
    this.#set = new PluginSet(plugins, this.#options, before);
    return before;
  }

  /** Whether any plugin has a say in `hook`. */
  decides(hook: DecidingHook | LoginHook): boolean {
    return this.#set.having(hook).length > 0;
  }

  /** Whether any plugin answers calls. */
  get answers(): boolean {
    return this.#set.having("onCall").length > 0;
  }

  /** What proves that a client is the user it names? That of the first plugin that knows the user. */
  login(context: LoginContext): LoginAnswer | Promise<LoginAnswer> {
    const frozen = Object.freeze({ ...context });
    return this.#set.ask((set) => this.#login(set, frozen, 0));
  }

  /** May this client connect? */
  connect(context: ConnectContext): Decision | Promise<Decision> {
    return this.#ask("onConnect", context);
  }

  /** May this client publish, and under which name? */
  publish(context: PublishContext): Decision | Promise<Decision> {
    return this.#ask("onPublish", context);
  }

  /** May this client play, and what? */
  play(context: PlayContext): Decision | Promise<Decision> {
    return this.#ask("onPlay", context);
  }

  /** May this client use a shared object, and change it? */
  sharedObject(context: SharedObjectContext): Decision | Promise<Decision> {
    return this.#ask("onSharedObject", context);
  }

  /**
   * The answer to a call of a client: that of the first plugin that has one, or `undefined` when
   * none has. `args` are plain data.
   */
  call(
    method: string,
    args: readonly unknown[],
    context: CallContext,
  ): CallAnswer | undefined | Promise<CallAnswer | undefined> {
    const waits = new ClientWaits(this.#options.clock);
    const callClient = waits.measure(context.callClient);
    const frozen = Object.freeze({ ...context, callClient });
    return this.#set.ask((set) => this.#answer(set, method, args, frozen, waits, 0));
  }

  /** A client that was let in has come so far. Returns at once. */
  connected({ sessionId: session, client }: ConnectContext): void {
    const { protocol, secure, address: { hostname, port } } = client;
    const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
    this.activity.tell("session.connected", { session, protocol, secure, address });
  }

  /** A publish that was let in is over. Returns at once. */
  unpublish(context: UnpublishContext): void {
    this.#notify("onUnpublish", Object.freeze({ ...context }));
  }

  /** A play that was let in is over. Returns at once. */
  playEnd(context: PlayEndContext): void {
    this.#notify("onPlayEnd", Object.freeze({ ...context }));
  }

  /** A session that was let in is over. Returns at once. */
  disconnect(context: DisconnectContext): void {
    const { sessionId: session, reason, durationMs, bytesIn, bytesOut } = context;
    this.activity.tell("session.disconnected", { session, reason, durationMs, bytesIn, bytesOut });
    this.#notify("onDisconnect", Object.freeze({ ...context }));
  }

  /** A stream is live. Returns at once. */
  live(context: LiveContext): void {
    const { app, name, publisher: { sessionId: session, address } } = context;
    this.activity.tell("stream.live", { session, app, name, address });
    this.#notify("onLive", Object.freeze({ ...context }));
  }

  /** A stream is over. Returns at once. */
  ended(context: EndedContext): void {
    const { app, name, reason, durationMs } = context;
    this.activity.tell("stream.ended", { app, name, reason, durationMs });
    this.#notify("onEnded", Object.freeze({ ...context }));
  }

  /** A stream is recorded into a file. Returns at once. */
  recordStart(context: RecordStartContext): void {
    const { app, name, file } = context;
    this.activity.tell("record.started", { app, name, file });
    this.#notify("onRecordStart", Object.freeze({ ...context }));
  }

  /** A file is finished. Returns at once. */
  recorded(context: RecordedContext): void {
    const { app, name, file, durationMs, bytes, reason } = context;
    this.activity.tell("record.finished", { app, name, file, durationMs, bytes, reason });
    const tracks = Object.freeze(context.tracks.map((track) => Object.freeze({ ...track })));
    this.#notify("onRecorded", Object.freeze({ ...context, tracks }));
  }

  /** A recording failed. Returns at once. */
  recordFailed(context: RecordFailedContext): void {
    const { app, name, file, error } = context;
    this.activity.tell("record.failed", { app, name, file, error });
    this.#notify("onRecordFailed", Object.freeze({ ...context }));
  }

  /** How every plugin is, in the order of registration. */
  health(): PluginHealth[] {
    return this.#set.guards.map(({ faults }) => faults.health());
  }

  /** Asks the plugins from `first` on for a user. */
  #login(
    set: PluginSet,
    context: LoginContext,
    first: number,
  ): LoginAnswer | Promise<LoginAnswer> {
    const guards = set.having("onLogin");
    for (let index = first; index < guards.length; index++) {
      const { plugin } = guards[index]!;
      const answer = guards[index]!.ask<LoginAnswer>({
        hook: "onLogin",
        context,
        call: () => plugin.onLogin!(context),
        read: readLoginAnswer,
        failed: LOGIN_FAULT,
      });
      const by = (said: LoginAnswer) =>
        said.kind === "refused" ? { ...said, plugin: plugin.name } : said;
      if (answer instanceof Promise) {
        return answer.then((said) =>
          said.kind === "unknown" ? this.#login(set, context, index + 1) : by(said)
        );
      }
      if (answer.kind !== "unknown") return by(answer);
    }
    return UNKNOWN_USER;
  }

  /** Puts a call to the plugins from `first` on. */
  #answer(
    set: PluginSet,
    method: string,
    args: readonly unknown[],
    context: CallContext,
    waits: ClientWaits,
    first: number,
  ): CallAnswer | undefined | Promise<CallAnswer | undefined> {
    const guards = set.having("onCall");
    for (let index = first; index < guards.length; index++) {
      const guard = guards[index]!;
      const answer = guard.ask<CallAnswer | undefined>({
        hook: "onCall",
        context,
        args: [method, ...args],
        call: () => guard.plugin.onCall!(method, args, context),
        read: readCallAnswer,
        failed: CALL_FAULT,
        busy: CALL_BUSY,
        excuse: excuseCall,
        waitedMs: () => waits.ms,
      });
      if (answer instanceof Promise) {
        return answer.then((answer) =>
          answer ?? this.#answer(set, method, args, context, waits, index + 1)
        );
      }
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  #ask(hook: DecidingHook, context: ConnectContext): Decision | Promise<Decision> {
    const frozen = Object.freeze({ ...context });
    return this.#set.ask((set) => this.#decide(set, hook, frozen, 0));
  }

  /** Asks the plugins from `first` on; `sofar` is what earlier ones decided. */
  #decide(
    set: PluginSet,
    hook: DecidingHook,
    context: ConnectContext,
    first: number,
    sofar: Allowed = ALLOW,
  ): Decision | Promise<Decision> {
    const guards = set.having(hook);
    for (let index = first; index < guards.length; index++) {
      const { plugin } = guards[index]!;
      const told = context;
      const decision = guards[index]!.ask<Decision>({
        hook,
        context: told,
        call: () => plugin[hook]!(told as PublishContext & SharedObjectContext),
        read: (answer) => readVerdict(hook, answer),
        failed: FAULT,
      });
      if (decision instanceof Promise) {
        const next = index + 1;
        const before = sofar;
        return decision.then((decision) => {
          if (!decision.allow) return { ...decision, plugin: plugin.name };
          return this.#decide(set, hook, renamed(told, decision), next, both(before, decision));
        });
      }
      if (!decision.allow) return { ...decision, plugin: plugin.name };
      sofar = both(sofar, decision);
      context = renamed(context, decision);
    }
    return sofar;
  }

  #notify(hook: NotifiedHook, context: HookContext): void {
    for (const guard of this.#set.having(hook)) {
      guard.tell({
        hook,
        context,
        call: () => guard.plugin[hook]!(context as never),
        read: () => {},
        failed: undefined,
      });
    }
  }
}

/** What two plugins decided one after the other: the later one has the last word. */
function both(one: Allowed, other: Allowed): Allowed {
  if (other === ALLOW) return one;
  return one === ALLOW ? other : { ...one, ...other };
}

function renamed(context: ConnectContext, { name }: Allowed): ConnectContext {
  return name === undefined ? context : Object.freeze({ ...context, name });
}
