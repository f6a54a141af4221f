/**
 * Lets several sockets become readable before the event loop looks again, when it is woken very
 * often: what network cards call interrupt moderation. With a hundred publishers a wake-up for each
 * burst costs more than reading it does.
 *
 * @module
 */

/** Reads between two looks at the clock. */
const SAMPLE_READS = 64;
/** Milliseconds for that many reads, from which on the loop is woken too seldom to gain anything. */
const SAMPLE_MS = 64;
/** Reads in one turn of the event loop, from which on there is no need: they come together anyway. */
const ENOUGH_READS = 16;
/** How long the loop rests (ms): what this adds to the delay of media, and only under load. */
const REST_MS = 5;

/** Makes the event loop rest between reads while there are more than a thousand a second. */
export class ReadCoalescer {
  readonly #now: () => number;
  readonly #rest: () => void;
  readonly #afterTurn: (call: () => void) => void;
  #active = false;
  #sampled = 0;
  #sampledAt: number;
  /** Reads in this turn of the event loop. */
  #reads = 0;

  /**
   * @param now a steady clock (ms)
   * @param rest stops the thread for {@link REST_MS}
   * @param afterTurn calls back once all that is readable now has been read
   */
  constructor(
    now: () => number = () => performance.now(),
    rest: () => void = sleep,
    afterTurn: (call: () => void) => void = setImmediate,
  ) {
    this.#now = now;
    this.#rest = rest;
    this.#afterTurn = afterTurn;
    this.#sampledAt = now();
  }

  /** Something was read from a socket. */
  read(): void {
    if (++this.#sampled === SAMPLE_READS) this.#sample();
    if (this.#active && this.#reads++ === 0) this.#afterTurn(this.#endTurn);
  }

  #sample(): void {
    const now = this.#now();
    this.#active = now - this.#sampledAt < SAMPLE_MS;
    this.#sampled = 0;
    this.#sampledAt = now;
  }

  readonly #endTurn = (): void => {
    const few = this.#reads < ENOUGH_READS;
    this.#reads = 0;
    if (few && this.#active) this.#rest();
  };
}

const cell = new Int32Array(new SharedArrayBuffer(4));

function sleep(): void {
  Atomics.wait(cell, 0, 0, REST_MS);
}
