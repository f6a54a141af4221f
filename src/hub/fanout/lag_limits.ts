/**
 * How far one player may fall behind, and how often.
 *
 * @module
 */

/** How far a player may fall behind before it skips to a key frame. */
export interface PlayerLimits {
  /** Encoded bytes not yet handed to the player's connection. */
  readonly bytes: number;
  /** Milliseconds since the oldest of them arrived. */
  readonly ms: number;
  /** How often within {@link OVERFLOW_WINDOW_MS} a player may go over before it is ended; 0 for ever. */
  readonly overflows: number;
}

/** Overflows further apart than this are not held against a player (ms). */
export const OVERFLOW_WINDOW_MS = 60_000;

/**
 * The limits of one player. What it is behind by when it joins, a cached GOP, is old already and may
 * be larger than the limits: only what comes on top counts, until it has caught up.
 */
export class LagLimits {
  readonly limits: PlayerLimits;
  #bytes: number;
  #ms: number;
  /** When it went over, within the last minute, and what it had been handed by then. */
  #overflows: number[] = [];
  #bytesAtOverflow = -1;

  constructor(limits: PlayerLimits) {
    this.limits = limits;
    this.#bytes = limits.bytes;
    this.#ms = limits.ms;
  }

  /** It joined, so far behind. */
  joined(lag: number, lagMs: number): void {
    this.#bytes = lag + this.limits.bytes;
    this.#ms = lagMs + this.limits.ms;
  }

  /** It has caught up. */
  reset(): void {
    this.#bytes = this.limits.bytes;
    this.#ms = this.limits.ms;
  }

  /** It is this far behind, and by what it has caught up less is allowed. */
  caughtUpTo(lag: number, lagMs?: number): void {
    const { bytes, ms } = this.limits;
    if (lag + bytes < this.#bytes) this.#bytes = lag + bytes;
    if (lagMs !== undefined && lagMs + ms < this.#ms) this.#ms = lagMs + ms;
  }

  /** Whether it is over a limit. */
  isOver(lag: number, lagMs: number): boolean {
    return lag > this.#bytes || lagMs > this.#ms;
  }

  /** Whether less than `share` of the limit in bytes is left. */
  nearBytes(lag: number, share: number): boolean {
    return lag > this.#bytes - this.limits.bytes * share;
  }

  /** Whether less than `share` of the limit in time is left. */
  nearMs(lagMs: number, share: number): boolean {
    return lagMs > this.#ms - this.limits.ms * share;
  }

  /**
   * It went over. While it takes nothing at all it goes over again and again, but that is one and the
   * same stall.
   *
   * @returns what that is: `end` when it was too often
   */
  overflow(bytesOut: number, now: number): "same" | "new" | "end" {
    if (bytesOut === this.#bytesAtOverflow) return "same";
    this.#bytesAtOverflow = bytesOut;
    // Nothing is counted that nobody asks for.
    if (this.limits.overflows === 0) return "new";
    this.#overflows = this.#overflows.filter((at) => now - at < OVERFLOW_WINDOW_MS);
    this.#overflows.push(now);
    return this.#overflows.length >= this.limits.overflows ? "end" : "new";
  }
}
