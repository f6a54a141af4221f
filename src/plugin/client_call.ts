/**
 * Calls of clients that plugins make while they answer one: what comes of them is the client's doing,
 * and so is the time that they take.
 *
 * @module
 */
import type { Clock } from "../ports.ts";
import type { CallContext } from "./contexts.ts";

/** How a call of a client failed: it answered `_error`, not in time, is gone, or has too many to answer. */
export type ClientCallFailure = "error" | "timeout" | "gone" | "busy";

const WORDS: Readonly<Record<ClientCallFailure, string>> = {
  error: "The client answered with an error",
  timeout: "The client did not answer in time",
  gone: "The client is gone",
  busy: "Too many calls wait for an answer of the client",
};

/** What `callClient` rejects with. A plugin that lets it through has answered, and is not at fault. */
export class ClientCallError extends Error {
  /** Name of the class. */
  override readonly name = "ClientCallError";

  /** Why there is no result. */
  constructor(
    readonly kind: ClientCallFailure,
    /** What the client said with its `_error`, as plain data. */
    readonly value?: unknown,
  ) {
    super(WORDS[kind]);
  }
}

/** How far the causes of an error are followed. */
const MAX_CAUSES = 8;

/** The failed call of a client that an error is, or that it names as its cause. Does not throw. */
export function clientCallErrorIn(error: unknown): ClientCallError | undefined {
  try {
    for (let depth = 0; depth < MAX_CAUSES && error instanceof Error; depth++) {
      if (error instanceof ClientCallError) return error;
      // That of `Promise.any`, which has several reasons.
      if (error instanceof AggregateError && error.errors.length > 0) {
        const { errors } = error;
        if (!errors.every((each) => each instanceof ClientCallError)) return undefined;
        return errors[0];
      }
      error = error.cause;
    }
  } catch {
    // A getter of its own.
  }
  return undefined;
}

/** Knows for how long a plugin has been waiting for a client while it answers one call. */
export class ClientWaits {
  readonly #clock: Clock;
  #waiting = 0;
  #since = 0;
  #before = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds in which at least one answer of the client was waited for. */
  get ms(): number {
    return this.#before + (this.#waiting > 0 ? this.#clock.now() - this.#since : 0);
  }

  /** `callClient`, measured. Nobody has to wait for its promise: a rejection is then lost. */
  measure(callClient: CallContext["callClient"]): CallContext["callClient"] {
    return (method, ...args) => {
      const answer = callClient(method, ...args);
      if (this.#waiting++ === 0) this.#since = this.#clock.now();
      const end = () => {
        const { ms } = this;
        if (--this.#waiting === 0) this.#before = ms;
      };
      answer.then(end, end);
      return answer;
    };
  }
}
