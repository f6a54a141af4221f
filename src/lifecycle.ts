/**
 * What starts and stops: one at a time, whatever is asked meanwhile.
 *
 * @module
 */
import { UsageError } from "./core/errors.ts";

/** How a thing starts and stops. */
export interface LifecycleSteps<T> {
  /**
   * Starts it. Rejects only when nothing is left of the attempt. Once `signal` is aborted nobody
   * wants it any more: the sooner it rejects, the sooner whoever stopped it goes on.
   */
  start(signal: AbortSignal): Promise<T>;
  /** Stops it. When it rejects, nothing is left all the same. */
  stop(running: T): Promise<void>;
}

/** A start that somebody asked for: it is waiting for a stop, on its way, or done. */
interface Attempt<T> {
  readonly abort: AbortController;
  readonly done: Promise<T>;
}

/**
 * Keeps a thing started or stopped. There is never more than one attempt that counts, and one stop
 * that runs: what comes later waits for it.
 */
export class Lifecycle<T> {
  readonly #steps: LifecycleSteps<T>;
  /** The start that counts; `undefined` from the moment that a stop was asked for, or it failed. */
  #attempt: Attempt<T> | undefined;
  #stopping: Promise<void> | undefined;
  #running: T | undefined;

  constructor(steps: LifecycleSteps<T>) {
    this.#steps = steps;
  }

  /** What runs, until it has stopped. */
  get running(): T | undefined {
    return this.#running;
  }

  /**
   * Starts it unless it runs or is about to; behind a stop that is under way, once that is over.
   *
   * @throws {UsageError} when it was stopped before it had started
   */
  async start(): Promise<T> {
    if (this.#attempt === undefined) {
      const abort = new AbortController();
      const attempt = { abort, done: this.#start(abort.signal, this.#stopping) };
      this.#attempt = attempt;
      // Not those who await it, who are told: only that an attempt that failed counts no more.
      attempt.done.catch(() => {
        if (this.#attempt === attempt) this.#attempt = undefined;
      });
    }
    const { abort, done } = this.#attempt;
    const running = await done;
    // It ran when this was asked, and a stop came behind.
    if (abort.signal.aborted) throw stopped();
    return running;
  }

  async #start(signal: AbortSignal, behind: Promise<void> | undefined): Promise<T> {
    // How that stop went is told to those who asked for it.
    await behind?.catch(() => {});
    if (signal.aborted) throw stopped();
    let running: T;
    try {
      running = await this.#steps.start(signal);
    } catch (error) {
      throw signal.aborted ? stopped() : error;
    }
    this.#running = running;
    return running;
  }

  /** Stops it, also while it starts. Resolves once nothing is left; further calls wait for it too. */
  async stop(): Promise<void> {
    const attempt = this.#attempt;
    if (attempt !== undefined) {
      this.#attempt = undefined;
      attempt.abort.abort();
      const stopping = this.#stop(attempt, this.#stopping);
      this.#stopping = stopping;
      const over = () => {
        if (this.#stopping === stopping) this.#stopping = undefined;
      };
      stopping.then(over, over);
    }
    await this.#stopping;
  }

  async #stop({ done }: Attempt<T>, behind: Promise<void> | undefined): Promise<void> {
    let running: T;
    try {
      running = await done;
    } catch {
      // It was told to whoever started it. A stop before it is over by now, or fails this one too.
      return await behind;
    }
    try {
      await this.#steps.stop(running);
    } finally {
      this.#running = undefined;
    }
  }
}

function stopped(): UsageError {
  return new UsageError("The server was stopped before it had started");
}

/** `promise`, or a rejection as soon as `signal` is aborted: some promises never settle. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
