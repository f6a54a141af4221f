/**
 * Counts what a peer sends and says when to acknowledge it [RTMP 1.0 §5.4.3, §5.4.4].
 *
 * @module
 */

/** A peer that wants acknowledgements more often than this many bytes is answered this often. */
export const MIN_ACK_WINDOW = 32 * 1024;
/** Some publishers never announce a window, yet stall without acknowledgements. */
export const DEFAULT_ACK_WINDOW = 2_500_000;

/** Counts bytes from the first one of the connection on. */
export class Acknowledger {
  #received: number;
  #acknowledged: number;
  #every = DEFAULT_ACK_WINDOW / 2;

  /** `received` bytes have come, and were acknowledged, before it begins to count. */
  constructor(received = 0) {
    this.#received = this.#acknowledged = received;
  }

  /** Bytes received so far: the true total, beyond 2^32 as well. */
  get received(): number {
    return this.#received;
  }

  /** Counts bytes that arrived. */
  add(bytes: number): void {
    this.#received += bytes;
  }

  /** The peer's Window Acknowledgement Size, in bytes; any value, held to sensible ones. */
  setWindow(bytes: number): void {
    this.#every = Math.max(MIN_ACK_WINDOW, Math.min(bytes, DEFAULT_ACK_WINDOW)) / 2;
  }

  /** The total to acknowledge now; `undefined` until half a window has come since the last one. */
  take(): number | undefined {
    if (this.#received - this.#acknowledged < this.#every) return undefined;
    return this.#acknowledged = this.#received;
  }
}
