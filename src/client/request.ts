/**
 * Something that was asked of a server, until it is answered, too late, or called off.
 *
 * @module
 */
import type { Clock, Timer } from "../ports.ts";
import { RequestTimeoutError } from "./errors.ts";

/** A request of a client. The first of answer, failure, time limit and signal counts. */
export class Request<T> {
  /** The answer. */
  readonly answer: Promise<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: Timer | undefined;
  #open = true;

  /** `onGivenUp` is called when nobody waits any more and no answer came. */
  constructor(
    name: string,
    clock: Clock,
    timeoutMs: number,
    signal?: AbortSignal,
    onGivenUp: () => void = () => {},
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    this.#giveUp = onGivenUp;
    if (signal?.aborted) {
      this.#open = false;
      reject(signal.reason);
      return;
    }
    signal?.addEventListener("abort", this.#onAbort);
    this.#timer = clock.after(timeoutMs, () => {
      if (this.#settle()) this.#reject(new RequestTimeoutError(name, timeoutMs));
      onGivenUp();
    });
  }

  readonly #giveUp: () => void;
  readonly #onAbort = (): void => {
    if (!this.#settle()) return;
    this.#reject(this.#signal!.reason);
    this.#giveUp();
  };

  /** Whether it still waits. */
  get open(): boolean {
    return this.#open;
  }

  #settle(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#timer?.cancel();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }

  /** It was answered. */
  succeed(value: T): void {
    if (this.#settle()) this.#resolve(value);
  }

  /** It failed. */
  fail(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }
}
