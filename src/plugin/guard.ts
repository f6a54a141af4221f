/**
 * Calls the hooks of one plugin, and survives whatever they do: what they throw, what they answer,
 * how long they take, how many of them hang.
 *
 * @module
 */
import type { Clock } from "../ports.ts";
import {
  ANSWERING_HOOKS,
  DECIDING_HOOKS,
  type HookName,
  LOGIN_HOOKS,
  NOTIFIED_HOOKS,
  type Plugin,
} from "./contract.ts";
import type { ConnectContext } from "./contexts.ts";
import { type FaultKind, FaultRecord } from "./health.ts";
import { isThenable, whenSettled } from "./thenable.ts";

/** How many answers of one plugin may be awaited at once, unless configured. */
export const MAX_PENDING_HOOKS = 1000;
/** How long a hook that waited for a client has at least before its time is looked at again (ms). */
const RECHECK_MS = 100;

/**
 * Hooks by kind. Those of one kind take no place of those before: neither calls, which may wait for
 * clients, nor ends that are told can keep a plugin from deciding.
 */
const KINDS: readonly (readonly HookName[])[] = [
  [...DECIDING_HOOKS, ...LOGIN_HOOKS],
  NOTIFIED_HOOKS,
  ANSWERING_HOOKS,
];
const KIND_OF = new Map(KINDS.flatMap((hooks, kind) => hooks.map((hook) => [hook, kind])));
const [, NOTIFIED] = KINDS.keys();

/** What any hook is told of a client, as far as it is told of one. */
export type HookContext = Partial<ConnectContext> & { readonly name?: string };

/** What plugins are guarded with. */
export interface GuardOptions {
  readonly clock: Clock;
  /** How long one hook may take (ms). */
  readonly timeoutMs: number;
  /**
   * Hooks of one plugin that decide and whose answers may be awaited at once, unless
   * {@link MAX_PENDING_HOOKS}; as many that answer calls wait beside them.
   */
  readonly maxPending?: number;
  /** Faults of a hook in a row that make its plugin unhealthy, unless `UNHEALTHY_AFTER`. */
  readonly faultLimit?: number;
  /**
   * Is told of every fault, for the log. `context` and `args` are what the hook was told: what a
   * client sent may have got into the message of the error.
   */
  onFault(
    plugin: string,
    hook: HookName,
    error: unknown,
    context: HookContext,
    args: readonly unknown[],
  ): void;
}

/** One call of a hook. */
export interface HookCall<T> {
  readonly hook: HookName;
  /** What the hook is told. */
  readonly context: HookContext;
  /** What it is told besides. */
  readonly args?: readonly unknown[];
  /** Calls it. */
  call(): unknown;
  /** Reads its settled answer; throws when that is nonsense. */
  read(answer: unknown): T;
  /** What stands for an answer that cannot be had. */
  readonly failed: T;
  /** What stands for the answer while too many are awaited, if that is no fault of the plugin. */
  readonly busy?: T;
  /** What stands for an answer that the hook could not give through no fault of its own. */
  excuse?(error: unknown): T | undefined;
  /** How long it has been waiting for the client, in all (ms): that is not its own time. */
  waitedMs?(): number;
}

/** A hook took too long. */
class HookTimeout extends Error {
  override readonly name = "HookTimeout";
}

/** Too many hooks of a plugin are pending. */
class HookOverload extends Error {
  override readonly name = "HookOverload";
}

/** One plugin. */
export class PluginGuard {
  readonly plugin: Plugin;
  readonly faults: FaultRecord;
  readonly #options: GuardOptions;
  /** Answers that are awaited, by kind. */
  readonly #pending = KINDS.map(() => 0);

  constructor(plugin: Plugin, options: GuardOptions) {
    this.plugin = plugin;
    this.faults = new FaultRecord(plugin.name, options.faultLimit);
    this.#options = options;
  }

  /** Calls a hook whose answer counts, and reads the answer. Neither throws nor rejects. */
  ask<T>(asked: HookCall<T>): T | Promise<T> {
    if (this.#overloaded(asked)) {
      if (asked.busy !== undefined) return asked.busy;
      this.#refuseOverload(asked);
      return asked.failed;
    }
    let answer: unknown;
    let later: boolean;
    try {
      answer = asked.call();
      later = isThenable(answer);
    } catch (error) {
      return this.#threw(asked, error);
    }
    if (!later) return this.#read(asked, answer);
    return new Promise((resolve) =>
      this.#await(
        asked,
        answer as PromiseLike<unknown>,
        (value) => resolve(this.#read(asked, value)),
        resolve,
      )
    );
  }

  /** Calls a hook that is only told something. Returns at once, and does not throw. */
  tell(told: HookCall<void>): void {
    try {
      const answer = told.call();
      if (!isThenable(answer)) this.faults.succeeded(told.hook);
      else if (this.#overloaded(told)) {
        // It was told, which is what matters; only what becomes of it is not watched any more.
        whenSettled(answer, () => {}, () => {});
        this.#refuseOverload(told);
      } else {
        this.#await(told, answer, () => this.faults.succeeded(told.hook), () => {});
      }
    } catch (error) {
      this.#fault(told, "threw", error);
    }
  }

  #read<T>(asked: HookCall<T>, answer: unknown): T {
    try {
      const result = asked.read(answer);
      this.faults.succeeded(asked.hook);
      return result;
    } catch (error) {
      this.#fault(asked, "bad-verdict", error);
      return asked.failed;
    }
  }

  /**
   * Waits for an answer, but no longer than allowed; what comes later is counted and dropped. One
   * of `settled` and `failed` is called, once, the latter with what stands for the answer.
   */
  #await<T>(
    asked: HookCall<T>,
    answer: PromiseLike<unknown>,
    settled: (value: unknown) => void,
    failed: (instead: T) => void,
  ): void {
    const { clock, timeoutMs } = this.#options;
    const { faults } = this;
    const kind = KIND_OF.get(asked.hook)!;
    const waitedMs = () => asked.waitedMs?.() ?? 0;
    const began = clock.now() - waitedMs();
    let over = false;
    /** Whether the answer came in time. */
    const end = () => {
      if (over) {
        faults.late++;
        return false;
      }
      over = true;
      faults.pending--;
      this.#pending[kind]!--;
      timer.cancel();
      return true;
    };
    faults.pending++;
    this.#pending[kind]!++;
    const onTimer = () => {
      const left = timeoutMs - (clock.now() - waitedMs() - began);
      if (waitedMs() > 0 && left > 0) {
        timer = clock.after(Math.max(left, RECHECK_MS), onTimer);
        return;
      }
      if (!end()) return;
      const error = new HookTimeout(`${asked.hook} did not settle within ${timeoutMs} ms`);
      this.#fault(asked, "timeout", error);
      failed(asked.failed);
    };
    let timer = clock.after(timeoutMs, onTimer);
    whenSettled(answer, (value) => {
      if (end()) settled(value);
    }, (error) => {
      if (end()) failed(this.#threw(asked, error));
    });
  }

  /** What stands for the answer of a hook that threw or rejected. */
  #threw<T>(asked: HookCall<T>, error: unknown): T {
    const excused = asked.excuse?.(error);
    if (excused !== undefined) return excused;
    this.#fault(asked, "threw", error);
    return asked.failed;
  }

  #overloaded({ hook }: HookCall<unknown>): boolean {
    return this.#pendingFor(hook) >= (this.#options.maxPending ?? MAX_PENDING_HOOKS);
  }

  /** What is counted against the bound of a hook. */
  #pendingFor(hook: HookName): number {
    const kind = KIND_OF.get(hook)!;
    // It is called all the same: not to watch what becomes of it costs nobody anything.
    const others = kind === NOTIFIED ? this.#pending[0]! : 0;
    return this.#pending[kind]! + others;
  }

  #refuseOverload(asked: HookCall<unknown>): void {
    const pending = this.#pendingFor(asked.hook);
    const error = new HookOverload(`${pending} hooks have not settled yet`);
    this.#fault(asked, "overloaded", error);
  }

  #fault({ hook, context, args }: HookCall<unknown>, kind: FaultKind, error: unknown): void {
    this.faults.failed(hook, kind, error, this.#options.clock.wall());
    try {
      this.#options.onFault(this.plugin.name, hook, error, context, args ?? []);
    } catch {
      // A log that fails must not let a client in, nor stop the plugins behind this one.
    }
  }
}
