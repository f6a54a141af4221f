/**
 * A store of entries in a key-value bucket of NATS.
 *
 * @module
 */
import type { KV } from "@nats-io/kv";
import type { BusEntry, BusStore } from "../ports.ts";

/** Codes of JetStream for an entry that somebody changed meanwhile. */
const CONFLICTS = new Set([10071, 10164]);

/** What a store is made with. */
export interface NatsStoreOptions {
  /** The bucket; rejects while there is none. */
  bucket(): Promise<KV>;
  /** Longest time for an answer (ms). */
  readonly timeoutMs: number;
  /** It failed in a way that the bucket may be gone. */
  onFailed(error: unknown): void;
}

/** A store in NATS. */
export class NatsStore implements BusStore {
  readonly #options: NatsStoreOptions;

  constructor(options: NatsStoreOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<BusEntry | undefined> {
    const entry = await this.#attempt((bucket) => bucket.get(key));
    return entry === null || entry.operation !== "PUT"
      ? undefined
      : { value: entry.string(), revision: entry.revision };
  }

  async put(key: string, value: string, revision: number): Promise<number | undefined> {
    try {
      return await this.#attempt((bucket) =>
        revision === 0 ? bucket.create(key, value) : bucket.update(key, value, revision)
      );
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  async remove(key: string, revision: number): Promise<void> {
    try {
      await this.#attempt((bucket) => bucket.delete(key, { previousSeq: revision }));
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }

  async #attempt<T>(act: (bucket: KV) => Promise<T>): Promise<T> {
    const { bucket, timeoutMs, onFailed } = this.#options;
    try {
      return await withinMs(bucket().then(act), timeoutMs);
    } catch (error) {
      if (!isConflict(error)) onFailed(error);
      throw error;
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && CONFLICTS.has(error.code as number);
}

/** `promise`, or a rejection behind `ms`. */
export function withinMs<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`NATS did not answer in ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
