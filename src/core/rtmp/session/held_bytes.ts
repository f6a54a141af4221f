/**
 * Bytes of a peer that wait, because nothing may be read at the moment.
 *
 * @module
 */
import { ProtocolError } from "../../errors.ts";
import type { AssemblyAccount } from "../chunk/assembly_budget.ts";

/** Most bytes kept, should the transport not stop reading. */
export const MAX_HELD_BYTES = 1024 * 1024;

/** What all share that keep nothing: nearly everybody, nearly always. */
const NOTHING = new Uint8Array(0);

/** Bytes in the order in which they came, at twice their size in memory at the most. */
export class HeldBytes {
  readonly #budget: AssemblyAccount;
  #buffer = NOTHING;
  #start = 0;
  #end = 0;

  /** `budget` is charged for the memory. */
  constructor(budget: AssemblyAccount) {
    this.#budget = budget;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The bytes that wait, as a view: valid until the next call of any method. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /**
   * Adds a copy of `bytes`.
   *
   * @throws {ProtocolError} `limit` when it would be more than {@link MAX_HELD_BYTES}, or than the
   *   budget has left
   */
  push(bytes: Uint8Array): void {
    const { length } = this;
    const needed = length + bytes.length;
    if (needed > MAX_HELD_BYTES) {
      throw new ProtocolError(
        "limit",
        `More than ${MAX_HELD_BYTES} bytes came while nothing was read`,
      );
    }
    if (this.#end + bytes.length > this.#buffer.length) {
      const capacity = length === 0 ? needed : Math.min(MAX_HELD_BYTES, 2 * needed);
      this.#budget.take(capacity);
      const grown = new Uint8Array(capacity);
      grown.set(this.bytes);
      this.#budget.give(this.#buffer.length);
      this.#buffer = grown;
      this.#start = 0;
      this.#end = length;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.clear();
  }

  /** Forgets all, and gives the memory back. */
  clear(): void {
    this.#budget.give(this.#buffer.length);
    this.#buffer = NOTHING;
    this.#start = this.#end = 0;
  }
}
