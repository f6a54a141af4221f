/**
 * How far a recording may be sent: ahead of what its client shows by as much as that buffers.
 *
 * @module
 */
import type { Clock } from "../../ports.ts";

/**
 * What is not yet due goes out with what is, as a share of what the client buffers and the most of it (ms): few
 * large writes and reads cost much less than many.
 */
const EARLY_SHARE = 0.5;
const MOST_EARLY_MS = 500;

/** The rest of a block does so if it is early by no more than that (ms). */
const MOST_BLOCK_EARLY_MS = 1_000;

/** What a client is taken to buffer that does not say it, and the least (ms). */
const USUAL_BUFFER_MS = 1_000;
const LEAST_BUFFER_MS = 100;

/** Whose buffer it is. */
export interface Buffering {
  /** What the client buffers (ms), 0 if it did not say. It may change at any time. */
  readonly bufferMs: number;
}

/** The pace of one player. Times are those of the file (ms). */
export class RecordedPace {
  readonly #clock: Clock;
  readonly #client: Buffering;
  readonly #maxAheadMs: number;
  /** What is shown at {@link #since}. */
  #from = 0;
  #since = 0;

  /** @param maxAheadMs the most that is sent ahead of what the client shows */
  constructor(clock: Clock, client: Buffering, maxAheadMs: number) {
    this.#clock = clock;
    this.#client = client;
    this.#maxAheadMs = maxAheadMs;
  }

  /** The client shows what is at `time`, in `inMs` from now. */
  begin(time: number, inMs = 0): void {
    this.#from = time;
    this.#since = this.#clock.now() + inMs;
  }

  /** What the client shows now, if it shows everything as it comes. */
  get shown(): number {
    return this.#from + this.#clock.now() - this.#since;
  }

  /** Up to where messages are due. */
  get due(): number {
    return this.shown + this.#ahead;
  }

  /** Up to where messages go out that are in a block, with those that are due; it ends at `latest`. */
  to(latest: number): number {
    return this.isNear(latest)
      ? latest
      : this.due + Math.min(this.#ahead * EARLY_SHARE, MOST_EARLY_MS);
  }

  /** Whether a block that ends at `latest` may go out as a whole. */
  isNear(latest: number): boolean {
    return latest <= this.due + Math.min(this.#ahead, MOST_BLOCK_EARLY_MS);
  }

  get #ahead(): number {
    const buffer = Math.max(LEAST_BUFFER_MS, this.#client.bufferMs || USUAL_BUFFER_MS);
    return Math.min(buffer, this.#maxAheadMs);
  }
}
