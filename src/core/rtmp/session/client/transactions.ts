/**
 * Requests of ours that wait for an answer, by transaction id [RTMP 1.0 §7.2.1].
 *
 * @module
 */
import { UsageError } from "../../../errors.ts";

/** Ids of transactions and what is to be done about each. It knows no time: deadlines are its owner's. */
export class Transactions<T> {
  readonly #pending = new Map<number, T>();
  readonly #limit: number;
  #last = 0;

  /** `limit` is the most that may wait at once, because a server may never answer. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many wait. */
  get size(): number {
    return this.#pending.size;
  }

  /** An id that nobody waits for: for requests whose answer means nothing. */
  next(): number {
    // AMF0 numbers are doubles; servers may hold ids in 31 bits.
    this.#last = this.#last >= 0x7fffffff ? 1 : this.#last + 1;
    return this.#last;
  }

  /**
   * An id for a request that waits.
   *
   * @throws {UsageError} when too many wait already
   */
  open(what: T): number {
    if (this.#pending.size >= this.#limit) {
      throw new UsageError(
        `Cannot ask the server for more: ${this.#limit} requests wait for an answer`,
      );
    }
    let id = this.next();
    while (this.#pending.has(id)) id = this.next();
    this.#pending.set(id, what);
    return id;
  }

  /** What waits for this id, which waits no longer; `undefined` when nothing does. */
  take(id: number): T | undefined {
    const what = this.#pending.get(id);
    this.#pending.delete(id);
    return what;
  }

  /** Waits for none any more. */
  clear(): void {
    this.#pending.clear();
  }
}
