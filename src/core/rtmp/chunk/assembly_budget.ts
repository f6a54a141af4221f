/**
 * Memory that all connections of a server share for what is not yet read: messages that arrive in
 * pieces, and bytes that wait while a request is decided.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";

/** One part in this many of a budget may be buffers that are kept for the next message. */
const SPARE_SHARE = 4;

/**
 * Counts memory of many connections against one bound. Who asks for more than is left is refused;
 * the others keep what they have.
 */
export class AssemblyBudget {
  /** Most bytes at once. */
  readonly maxBytes: number;
  #used = 0;
  #spare = 0;

  /** `maxBytes` is the bound, in bytes; none if left out. */
  constructor(maxBytes = Infinity) {
    this.maxBytes = maxBytes;
  }

  /** Bytes taken and not given back, those of {@link spare} included. */
  get used(): number {
    return this.#used;
  }

  /** Bytes of buffers that are empty and wait for the next message. */
  get spare(): number {
    return this.#spare;
  }

  /**
   * Takes `bytes`.
   *
   * @throws {ProtocolError} `limit` when less is left; nothing is taken then
   */
  take(bytes: number): void {
    if (this.#used + bytes > this.maxBytes) {
      throw new ProtocolError(
        "limit",
        `Unfinished messages of all connections hold more than ${this.maxBytes} bytes`,
      );
    }
    this.#used += bytes;
  }

  /** Gives back `bytes` that were taken. */
  give(bytes: number): void {
    this.#used -= bytes;
  }

  /**
   * Keeps a buffer of `bytes`, taken before, for the next message. `false` when there are enough
   * such buffers: it is to be given back. So honest publishers never use up what others need.
   */
  keep(bytes: number): boolean {
    if (this.#spare + bytes > this.maxBytes / SPARE_SHARE) return false;
    this.#spare += bytes;
    return true;
  }

  /** Uses a buffer of `bytes` that was kept; it stays taken. */
  reuse(bytes: number): void {
    this.#spare -= bytes;
  }
}
