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
import { pluginMistake } from "./check.ts";
import {
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
  type StopContext,
  type UnpublishContext,
} from "./contract.ts";
import { type FaultKind, FaultRecord, type PluginHealth } from "./health.ts";
import { ALLOW, type Decision, FAULT, readVerdict } from "./verdict.ts";

/** How long one deciding hook may take (ms), unless configured. */
export const DEFAULT_HOOK_TIMEOUT_MS = 5_000;

/** What a {@link PluginRunner} needs. */
export interface PluginRunnerOptions {
  readonly clock: Clock;
  /** How long one deciding hook may take (ms). */
  readonly timeoutMs: number;
  /** Is told of every fault, for the log. Must not throw. */
  onFault(plugin: string, hook: HookName, error: unknown): void;
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
    this.#entries = plugins.map((plugin) => ({ plugin, faults: new FaultRecord(plugin.name) }));
    for (const hook of [...DECIDING_HOOKS, ...NOTIFIED_HOOKS]) {
      this.#hooked.set(hook, this.#entries.filter(({ plugin }) => plugin[hook] !== undefined));
    }
  }

  /** Whether any plugin has a say in `hook`. */
  decides(hook: DecidingHook): boolean {
    return this.#hooked.get(hook)!.length > 0;
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

  /** Asks the plugins from `first` on. `name` is the one that an earlier plugin chose. */
  #decide(
    hook: DecidingHook,
    context: ConnectContext,
    first: number,
    name?: string,
  ): Decision | Promise<Decision> {
    const entries = this.#hooked.get(hook)!;
    for (let index = first; index < entries.length; index++) {
      const decision = this.#ask(entries[index]!, hook, context);
      if (decision instanceof Promise) {
        const next = index + 1;
        const [sofar, chosen] = [context, name];
        return decision.then((decision) => {
          if (!decision.allow) return decision;
          if (decision.name === undefined) return this.#decide(hook, sofar, next, chosen);
          return this.#decide(hook, renamed(sofar, decision.name), next, decision.name);
        });
      }
      if (!decision.allow) return decision;
      if (decision.name !== undefined) {
        name = decision.name;
        context = renamed(context, name);
      }
    }
    return name === undefined ? ALLOW : { allow: true, name };
  }

  /** Calls one deciding hook. Neither throws nor rejects. */
  #ask(entry: Entry, hook: DecidingHook, context: ConnectContext): Decision | Promise<Decision> {
    let answer: unknown;
    try {
      answer = entry.plugin[hook]!(context as PublishContext);
      if (isThenable(answer)) return this.#wait(entry, hook, answer);
    } catch (error) {
      return this.#fault(entry, hook, "threw", error);
    }
    return this.#read(entry, hook, answer);
  }

  /** Waits for an answer, but no longer than allowed; what comes later is dropped. */
  #wait(entry: Entry, hook: DecidingHook, answer: PromiseLike<unknown>): Promise<Decision> {
    return new Promise((resolve) => {
      const { clock, timeoutMs } = this.#options;
      let late = false;
      const timer = clock.after(timeoutMs, () => {
        late = true;
        const error = new Error(`${hook} did not settle within ${timeoutMs} ms`);
        resolve(this.#fault(entry, hook, "timeout", error));
      });
      Promise.resolve(answer).then((value) => {
        timer.cancel();
        if (!late) resolve(this.#read(entry, hook, value));
      }, (error) => {
        timer.cancel();
        if (!late) resolve(this.#fault(entry, hook, "threw", error));
      });
    });
  }

  #read(entry: Entry, hook: DecidingHook, answer: unknown): Decision {
    try {
      const decision = readVerdict(hook, answer);
      entry.faults.succeeded(hook);
      return decision;
    } catch (error) {
      return this.#fault(entry, hook, "bad-verdict", error);
    }
  }

  #notify(hook: NotifiedHook, context: ConnectContext): void {
    for (const entry of this.#hooked.get(hook)!) {
      const failed = (error: unknown) => void this.#fault(entry, hook, "threw", error);
      try {
        const answer: unknown = entry.plugin[hook]!(
          context as UnpublishContext & DisconnectContext,
        );
        if (isThenable(answer)) {
          Promise.resolve(answer).then(() => entry.faults.succeeded(hook), failed);
        } else {
          entry.faults.succeeded(hook);
        }
      } catch (error) {
        failed(error);
      }
    }
  }

  #fault(entry: Entry, hook: HookName, kind: FaultKind, error: unknown): Decision {
    entry.faults.failed(hook, kind, this.#options.clock.wall());
    this.#options.onFault(entry.plugin.name, hook, error);
    return FAULT;
  }
}

function renamed(context: ConnectContext, name: string): ConnectContext {
  return Object.freeze({ ...context, name });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
