/**
 * Remote calls of a session, in both directions [RTMP 1.0 §7.2.1.2]: those of the client, which
 * plugins answer, and ours, which the client answers.
 *
 * @module
 */
import { type AmfValue, fromPlain, toPlain, toPlainList } from "../../core/amf/mod.ts";
import { UsageError } from "../../core/errors.ts";
import type { RemoteCall } from "../../core/rtmp/session/mod.ts";
import { type CallAnswer, ClientCallError, NEUTRAL_REASON } from "../../plugin/mod.ts";
import type { Timer } from "../../ports.ts";
import type { SessionHost } from "./session_host.ts";

/** What a call of ours came to. */
export type ClientAnswer =
  | {
    /** How the client answered: `_result` or `_error`. */
    readonly kind: "result" | "error";
    /** Plain data. */
    readonly value: unknown;
  }
  | {
    /** No answer in time; the session is gone or not let in; too many calls wait for an answer. */
    readonly kind: "timeout" | "gone" | "busy";
  };

/** A call that waits for the client's answer. */
interface Waiting {
  readonly resolve: (answer: ClientAnswer) => void;
  readonly timer: Timer;
}

/** Calls of a connection that wait for an answer, in each direction, unless configured. */
export const MAX_PENDING_CALLS = 16;

/** Values that the arguments of one call, or of all that wait for an answer, have at the most. */
const MAX_ARGUMENT_VALUES = 4096;

/** Transaction ids are written as doubles; clients may read them as 32 bits. */
const MAX_TRANSACTION_ID = 0x7fffffff;

/** Both directions of one session's calls. */
export class Calling {
  readonly #host: SessionHost;
  /** Calls of the client that plugins have not answered yet. */
  #pending = 0;
  /** Values in the arguments of these. */
  #pendingValues = 0;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** A call of the client. Others are read meanwhile: answers come in the order they are ready. */
  onCall(call: RemoteCall): void {
    const { core, context, connected } = this.#host;
    const { maxPendingCalls } = context.config;
    if (this.#pending >= maxPendingCalls) {
      return core.failCall(call, `More than ${maxPendingCalls} calls wait for an answer.`);
    }
    if (!context.plugins.answers) return core.failCall(call, unknownMethod(call));
    // However few bytes they are: references are written out.
    const maxNodes = Math.max(MAX_ARGUMENT_VALUES, context.config.maxAmfValues);
    const { values, nodes } = toPlainList(call.args, { maxNodes });
    if (this.#pending > 0 && this.#pendingValues + nodes > maxNodes) {
      const why = `Calls that wait for an answer have more than ${maxNodes} values.`;
      return core.failCall(call, why);
    }
    const answer = context.plugins.call(
      call.method,
      values,
      {
        ...this.#host.connectContext(connected.query, connected.app),
        callClient: (method, ...args) => this.#callForPlugin(method, args),
      },
    );
    if (answer instanceof Promise) this.#await({ ...call, args: [] }, nodes, answer);
    else this.#answer(call, answer);
  }

  /** `call` is without its arguments, which nobody needs any more; they had so many `values`. */
  #await(call: RemoteCall, values: number, answer: Promise<CallAnswer | undefined>): void {
    this.#pending++;
    this.#pendingValues += values;
    // It never rejects.
    answer.then((answer) => {
      this.#pending--;
      this.#pendingValues -= values;
      this.#host.attempt(() => {
        this.#answer(call, answer);
        this.#host.writer.pump();
      });
    });
  }

  #answer(call: RemoteCall, answer: CallAnswer | undefined): void {
    const { core } = this.#host;
    if (answer === undefined) return core.failCall(call, unknownMethod(call));
    if (!answer.ok) return core.failCall(call, answer.reason);
    try {
      core.answerCall(call, answer.value);
    } catch (error) {
      // Names too long for AMF0, or a broken value that a plugin made itself.
      if (!(error instanceof UsageError)) throw error;
      core.failCall(call, NEUTRAL_REASON);
    }
  }

  async #callForPlugin(method: string, args: readonly unknown[]): Promise<unknown> {
    const answer = await this.call(method, args);
    if (answer.kind === "result") return answer.value;
    throw new ClientCallError(answer.kind, answer.kind === "error" ? answer.value : undefined);
  }

  /**
   * Calls a method of the client and waits for its answer, `callTimeoutMs` unless told otherwise.
   *
   * @throws {UsageError} at once, when the method or an argument cannot be sent
   */
  call(
    method: string,
    args: readonly unknown[],
    timeoutMs = this.#host.context.config.callTimeoutMs,
  ): Promise<ClientAnswer> {
    const { context } = this.#host;
    const values = callValues(method, args);
    if (this.#host.core.phase !== "connected") return Promise.resolve({ kind: "gone" });
    if (this.#waiting.size >= context.config.maxPendingCalls) {
      return Promise.resolve({ kind: "busy" });
    }
    const id = this.#lastId = this.#lastId % MAX_TRANSACTION_ID + 1;
    if (!this.#send(method, id, values)) return Promise.resolve({ kind: "gone" });
    const answered = new Promise<ClientAnswer>((resolve) => {
      const timer = context.runtime.clock.after(
        timeoutMs,
        () => this.#settle(id, { kind: "timeout" }),
      );
      this.#waiting.set(id, { resolve, timer });
    });
    this.#host.writer.pump();
    return answered;
  }

  /**
   * Calls a method of the client, which is to send no answer.
   *
   * @returns whether it was sent
   * @throws {UsageError} as {@link call}
   */
  notify(method: string, args: readonly unknown[]): boolean {
    const values = callValues(method, args);
    if (this.#host.core.phase !== "connected" || !this.#send(method, 0, values)) return false;
    this.#host.writer.pump();
    return true;
  }

  /** Whether it could be sent. A fault is the session's, not that of whoever calls. */
  #send(method: string, id: number, values: readonly AmfValue[]): boolean {
    try {
      this.#host.core.call(method, id, values);
      return true;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      this.#host.fault(error);
      return false;
    }
  }

  /** The client answered; whatever we did not ask, or no longer, is dropped. */
  onAnswer(transactionId: number, ok: boolean, value: AmfValue): void {
    if (!this.#waiting.has(transactionId)) return;
    this.#settle(transactionId, { kind: ok ? "result" : "error", value: toPlain(value) });
  }

  #settle(id: number, answer: ClientAnswer): void {
    const { timer, resolve } = this.#waiting.get(id)!;
    this.#waiting.delete(id);
    timer.cancel();
    resolve(answer);
  }

  /** The session is over. */
  close(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { kind: "gone" });
  }
}

function callValues(method: string, args: readonly unknown[]): AmfValue[] {
  // They would be taken for answers.
  if (method === "" || method === "_result" || method === "_error") {
    throw new UsageError("Cannot call a method of this name");
  }
  return args.map((value) => fromPlain(value));
}

function unknownMethod({ method }: RemoteCall): string {
  return `The method ${method.slice(0, 64)} does not exist.`;
}
