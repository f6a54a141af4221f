/**
 * Calls of a client, in both directions.
 *
 * @module
 */
import { type AmfValue, fromPlain, toPlain } from "../core/amf/mod.ts";
import type { ClientSession, ServerCall } from "../core/rtmp/session/client/mod.ts";
import type { Clock } from "../ports.ts";
import { RefusedError } from "./errors.ts";
import type { CallHandler } from "./options.ts";
import { Request } from "./request.ts";
import { readStatus } from "../core/rtmp/session/client/connect_command.ts";

/** Calls of the server that may wait for their answers at once. */
const MAX_SERVED = 16;

/** The calls of one client. */
export class Calls {
  readonly #session: ClientSession;
  readonly #clock: Clock;
  readonly #handler: CallHandler | undefined;
  readonly #asked = new Map<number, Request<unknown>>();
  #served = 0;

  constructor(session: ClientSession, clock: Clock, handler: CallHandler | undefined) {
    this.#session = session;
    this.#clock = clock;
    this.#handler = handler;
  }

  /** Calls a method of the server. @throws {UsageError} when it cannot be asked */
  call(method: string, args: readonly unknown[], timeoutMs: number): Promise<unknown> {
    const id = this.#session.call(method, args.map(fromPlain));
    const request = new Request<unknown>("call", this.#clock, timeoutMs, undefined, () => {
      this.#asked.delete(id);
      this.#session.forget(id);
    });
    this.#asked.set(id, request);
    return request.answer;
  }

  /** The server answered. */
  onAnswer(id: number, ok: boolean, value: AmfValue): void {
    const request = this.#asked.get(id);
    this.#asked.delete(id);
    if (ok) request?.succeed(toPlain(value));
    else request?.fail(new RefusedError("call", readStatus(value)));
  }

  /** The server calls. */
  onCall(call: ServerCall): void {
    if (this.#handler === undefined || this.#served >= MAX_SERVED) return this.#fail(call);
    this.#served++;
    this.#serve(call, this.#handler).finally(() => this.#served--);
  }

  async #serve(call: ServerCall, handler: CallHandler): Promise<void> {
    try {
      this.#session.answerCall(call, fromPlain(await handler(call.method, call.args)));
    } catch {
      this.#fail(call);
    }
  }

  #fail(call: ServerCall): void {
    this.#session.failCall(call, "There is no such method.");
  }

  /** The connection is over. */
  close(error: Error): void {
    for (const request of this.#asked.values()) request.fail(error);
    this.#asked.clear();
  }
}
