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
import { UsageError } from "../core/errors.ts";
import type { Clock } from "../ports.ts";
import { CALL_FAULT, type CallAnswer, readCallAnswer } from "./call_answer.ts";
import { pluginMistake } from "./check.ts";
import {
  ANSWERING_HOOKS,
  type AnsweringHook,
  type CallContext,
  type ConnectContext,
  DECIDING_HOOKS,
  type DecidingHook,
  type DisconnectContext,
  type HookName,
  NOTIFIED_HOOKS,
  type NotifiedHook,
  type PlayContext,
  type Plugin,
  type PublishContext,
  type SharedObjectContext,
  type StopContext,
  type UnpublishContext,
} from "./contract.ts";
import { type FaultKind, FaultRecord, type PluginHealth } from "./health.ts";
import { isThenable, whenSettled } from "./thenable.ts";
import { ALLOW, type Decision, FAULT, READ_ONLY, readVerdict } from "./verdict.ts";

/** How long one deciding hook may take (ms), unless configured. */
export const DEFAULT_HOOK_TIMEOUT_MS = 5_000;

/** How many answers of one plugin may be awaited at once, unless configured. */
export const MAX_PENDING_HOOKS = 1000;

/** What a {@link PluginRunner} needs. */
export interface PluginRunnerOptions {
  readonly clock: Clock;
  /** How long one deciding hook may take (ms). */
  readonly timeoutMs: number;
  /** Hooks of one plugin whose answers may be awaited at once, unless {@link MAX_PENDING_HOOKS}. */
  readonly maxPending?: number;
  /** Faults of a hook in a row that make its plugin unhealthy, unless `UNHEALTHY_AFTER`. */
  readonly faultLimit?: number;
  /**
   * Is told of every fault, for the log. `context` is what the hook was told: what a client sent
   * may have got into the message of the error.
   */
  onFault(plugin: string, hook: HookName, error: unknown, context: ConnectContext): void;
}

interface Entry {
  readonly plugin: Plugin;
  readonly faults: FaultRecord;
}

/** The plugins of one server. */
export class PluginRunner {
  /** The plugins, in the order in which they are asked. */
  readonly plugins: readonly Plugin[];
  readonly #options: PluginRunnerOptions;
  readonly #entries: readonly Entry[];
  /** By hook, the plugins that have it: nobody is called for an absent hook. */
  readonly #hooked = new Map<HookName, readonly Entry[]>();

  /** @throws {UsageError} when a plugin is none, or two have one name */
  constructor(plugins: readonly Plugin[], options: PluginRunnerOptions) {
    const names = new Set<string>();
    for (const plugin of plugins) {
      const mistake = pluginMistake(plugin);
      if (mistake !== undefined) throw new UsageError(`Cannot use a plugin: ${mistake}`);
      if (names.has(plugin.name)) {
        throw new UsageError(`Cannot use two plugins of the name "${plugin.name}"`);
      }
      names.add(plugin.name);
    }
    this.plugins = [...plugins];
    this.#options = options;
    this.#entries = plugins.map((plugin) => ({
      plugin,
      faults: new FaultRecord(plugin.name, options.faultLimit),
    }));
    for (const hook of [...DECIDING_HOOKS, ...ANSWERING_HOOKS, ...NOTIFIED_HOOKS]) {
      this.#hooked.set(hook, this.#entries.filter(({ plugin }) => plugin[hook] !== undefined));
    }
  }

  /** Whether any plugin has a say in `hook`. */
  decides(hook: DecidingHook): boolean {
    return this.#hooked.get(hook)!.length > 0;
  }

  /** Whether any plugin answers calls. */
  get answers(): boolean {
    return this.#hooked.get("onCall")!.length > 0;
  }

  /** May this client connect? */
  connect(context: ConnectContext): Decision | Promise<Decision> {
    return this.#decide("onConnect", Object.freeze({ ...context }), 0);
  }

  /** May this client publish, and under which name? */
  publish(context: PublishContext): Decision | Promise<Decision> {
    return this.#decide("onPublish", Object.freeze({ ...context }), 0);
  }

  /** May this client play, and what? */
  play(context: PlayContext): Decision | Promise<Decision> {
    return this.#decide("onPlay", Object.freeze({ ...context }), 0);
  }

  /** May this client use a shared object, and change it? */
  sharedObject(context: SharedObjectContext): Decision | Promise<Decision> {
    return this.#decide("onSharedObject", Object.freeze({ ...context }), 0);
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
    return this.#answer(method, args, Object.freeze({ ...context }), 0);
  }

  /** A publish that was let in is over. Returns at once. */
  unpublish(context: UnpublishContext): void {
    this.#notify("onUnpublish", Object.freeze({ ...context }));
  }

  /** A play that was let in is over. Returns at once. */
  stop(context: StopContext): void {
    this.#notify("onStop", Object.freeze({ ...context }));
  }

  /** A session that was let in is over. Returns at once. */
  disconnect(context: DisconnectContext): void {
    this.#notify("onDisconnect", Object.freeze({ ...context }));
  }

  /** How every plugin is, in the order of registration. */
  health(): PluginHealth[] {
    return this.#entries.map(({ faults }) => faults.health());
  }

  /** Puts a call to the plugins from `first` on. */
  #answer(
    method: string,
    args: readonly unknown[],
    context: CallContext,
    first: number,
  ): CallAnswer | undefined | Promise<CallAnswer | undefined> {
    const entries = this.#hooked.get("onCall")!;
    for (let index = first; index < entries.length; index++) {
      const entry = entries[index]!;
      const answer = this.#ask<CallAnswer | undefined>(
        entry,
        "onCall",
        context,
        () => entry.plugin.onCall!(method, args, context),
        readCallAnswer,
        CALL_FAULT,
      );
      if (answer instanceof Promise) {
        return answer.then((answer) => answer ?? this.#answer(method, args, context, index + 1));
      }
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /**
   * Asks the plugins from `first` on. `name` is the one that an earlier plugin chose, and `limited`
   * whether one let the client read only.
   */
  #decide(
    hook: DecidingHook,
    context: ConnectContext,
    first: number,
    name?: string,
    limited = false,
  ): Decision | Promise<Decision> {
    const entries = this.#hooked.get(hook)!;
    for (let index = first; index < entries.length; index++) {
      const entry = entries[index]!;
      const decision = this.#ask(
        entry,
        hook,
        context,
        () => entry.plugin[hook]!(context as PublishContext & SharedObjectContext),
        (answer) => readVerdict(hook, answer),
        FAULT,
      );
      if (decision instanceof Promise) {
        const next = index + 1;
        const [sofar, chosen] = [context, name];
        return decision.then((decision) => {
          if (!decision.allow) return decision;
          if (decision.name === undefined) {
            const only = limited || decision.readOnly === true;
            return this.#decide(hook, sofar, next, chosen, only);
          }
          return this.#decide(hook, renamed(sofar, decision.name), next, decision.name);
        });
      }
      if (!decision.allow) return decision;
      limited ||= decision.readOnly === true;
      if (decision.name !== undefined) {
        name = decision.name;
        context = renamed(context, name);
      }
    }
    if (limited) return READ_ONLY;
    return name === undefined ? ALLOW : { allow: true, name };
  }

  /**
   * Calls a hook whose answer counts, and reads the answer; `failed` stands for one that cannot be
   * had. Neither throws nor rejects.
   */
  #ask<T>(
    entry: Entry,
    hook: DecidingHook | AnsweringHook,
    context: ConnectContext,
    call: () => unknown,
    read: (answer: unknown) => T,
    failed: T,
  ): T | Promise<T> {
    if (this.#overloaded(entry)) {
      this.#refuseOverload(entry, hook, context);
      return failed;
    }
    let answer: unknown;
    let later: boolean;
    try {
      answer = call();
      later = isThenable(answer);
    } catch (error) {
      this.#fault(entry, hook, "threw", error, context);
      return failed;
    }
    const readIt = (answer: unknown): T => {
      try {
        const result = read(answer);
        entry.faults.succeeded(hook);
        return result;
      } catch (error) {
        this.#fault(entry, hook, "bad-verdict", error, context);
        return failed;
      }
    };
    if (!later) return readIt(answer);
    return new Promise((resolve) =>
      this.#await(
        entry,
        hook,
        answer as PromiseLike<unknown>,
        context,
        (value) => resolve(readIt(value)),
        () => resolve(failed),
      )
    );
  }

  /**
   * Waits for an answer, but no longer than allowed; what comes later is counted and dropped. One
   * of `settled` and `failed` is called, once.
   */
  #await(
    entry: Entry,
    hook: HookName,
    answer: PromiseLike<unknown>,
    context: ConnectContext,
    settled: (value: unknown) => void,
    failed: () => void,
  ): void {
    const { clock, timeoutMs } = this.#options;
    const { faults } = entry;
    let over = false;
    /** Whether the answer came in time. */
    const end = () => {
      if (over) {
        faults.late++;
        return false;
      }
      over = true;
      faults.pending--;
      timer.cancel();
      return true;
    };
    faults.pending++;
    const timer = clock.after(timeoutMs, () => {
      if (!end()) return;
      const error = new HookTimeout(`${hook} did not settle within ${timeoutMs} ms`);
      this.#fault(entry, hook, "timeout", error, context);
      failed();
    });
    whenSettled(answer, (value) => {
      if (end()) settled(value);
    }, (error) => {
      if (!end()) return;
      this.#fault(entry, hook, "threw", error, context);
      failed();
    });
  }

  #notify(hook: NotifiedHook, context: ConnectContext): void {
    for (const entry of this.#hooked.get(hook)!) {
      try {
        const answer: unknown = entry.plugin[hook]!(
          context as UnpublishContext & DisconnectContext,
        );
        if (!isThenable(answer)) entry.faults.succeeded(hook);
        // It was told, which is what matters; only what becomes of it is not watched any more.
        else if (this.#overloaded(entry)) {
          whenSettled(answer, () => {}, () => {});
          this.#refuseOverload(entry, hook, context);
        } else {
          this.#await(
            entry,
            hook,
            answer,
            context,
            () => entry.faults.succeeded(hook),
            () => {},
          );
        }
      } catch (error) {
        this.#fault(entry, hook, "threw", error, context);
      }
    }
  }

  #overloaded({ faults }: Entry): boolean {
    return faults.pending >= (this.#options.maxPending ?? MAX_PENDING_HOOKS);
  }

  #refuseOverload(entry: Entry, hook: HookName, context: ConnectContext): void {
    const error = new HookOverload(`${entry.faults.pending} hooks have not settled yet`);
    this.#fault(entry, hook, "overloaded", error, context);
  }

  #fault(
    entry: Entry,
    hook: HookName,
    kind: FaultKind,
    error: unknown,
    context: ConnectContext,
  ): void {
    entry.faults.failed(hook, kind, error, this.#options.clock.wall());
    try {
      this.#options.onFault(entry.plugin.name, hook, error, context);
    } catch {
      // A log that fails must not let a client in, nor stop the plugins behind this one.
    }
  }
}

/** A hook took too long. */
class HookTimeout extends Error {
  override readonly name = "HookTimeout";
}

/** Too many hooks of a plugin are pending. */
class HookOverload extends Error {
  override readonly name = "HookOverload";
}

function renamed(context: ConnectContext, name: string): ConnectContext {
  return Object.freeze({ ...context, name });
}
