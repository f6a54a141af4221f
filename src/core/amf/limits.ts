/**
 * How much of a peer's AMF is decoded, and the count of it.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";

/** Bounds of one decoding, of AMF0 and the AMF3 inside it together. */
export interface AmfLimits {
  /** Objects and arrays inside each other; more than {@link MAX_AMF_DEPTH} counts as that. */
  readonly maxDepth: number;
  /** Values altogether, members and items included. */
  readonly maxNodes: number;
  /** Bytes of one string, name or XML text. */
  readonly maxStringBytes: number;
  /** Bytes of the whole body. */
  readonly maxTotalBytes: number;
}

/** The deepest nesting read or written at all: both recurse, and the stack is finite. */
export const MAX_AMF_DEPTH = 256;

/** Limits for commands, which are small. The default everywhere. */
export const COMMAND_AMF_LIMITS: AmfLimits = {
  maxDepth: 16,
  maxNodes: 2048,
  maxStringBytes: 16 * 1024,
  maxTotalBytes: 64 * 1024,
};

/** Limits for data messages: XMP text can be long. The worst body takes some milliseconds. */
export const DATA_AMF_LIMITS: AmfLimits = {
  maxDepth: 16,
  maxNodes: 4096,
  maxStringBytes: 256 * 1024,
  maxTotalBytes: 256 * 1024,
};

/** Counts what one decoding has built, so that AMF3 inside AMF0 shares the bounds. */
export class AmfBudget {
  readonly #limits: AmfLimits;
  readonly #maxDepth: number;
  #depth = 0;
  #nodes = 0;

  /** Bounds that are left out are those of commands. */
  constructor(limits: Partial<AmfLimits> = {}) {
    this.#limits = { ...COMMAND_AMF_LIMITS, ...limits };
    this.#maxDepth = Math.min(this.#limits.maxDepth, MAX_AMF_DEPTH);
  }

  /** Refuses a body of `length` bytes that is too long. */
  body(length: number): void {
    const { maxTotalBytes } = this.#limits;
    if (length > maxTotalBytes) {
      throw new ProtocolError("limit", `AMF of ${length} bytes, at most ${maxTotalBytes} are read`);
    }
  }

  /** Counts a value. */
  node(): void {
    if (++this.#nodes > this.#limits.maxNodes) {
      throw new ProtocolError("limit", `AMF of more than ${this.#limits.maxNodes} values`);
    }
  }

  /** Counts a string of `length` bytes; returns `length`. */
  string(length: number): number {
    const { maxStringBytes } = this.#limits;
    if (length > maxStringBytes) {
      throw new ProtocolError(
        "limit",
        `AMF string of ${length} bytes, at most ${maxStringBytes} are read`,
      );
    }
    return length;
  }

  /** Goes into an object or array. */
  enter(): void {
    if (++this.#depth > this.#maxDepth) {
      throw new ProtocolError("limit", `AMF nested more than ${this.#maxDepth} deep`);
    }
  }

  /** Comes out of it again. */
  leave(): void {
    this.#depth--;
  }
}
