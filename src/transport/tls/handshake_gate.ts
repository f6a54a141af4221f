/**
 * Spreads the TLS handshakes of a crowd over time: each takes the only thread for a millisecond or two,
 * and players wait for that.
 *
 * @module
 */

/** Handshakes that may begin in a window. */
const STARTS = 2;
/** The window (ms). */
const WINDOW_MS = 5;

/** Lets so many handshakes begin at a time; the others wait in the order in which they came. */
export class HandshakeGate {
  readonly #waiting = new Set<() => void>();
  #started = 0;
  #open = true;

  /** Calls `begin` now or later, once. @returns what takes it out again */
  enter(begin: () => void): () => void {
    if (this.#open && this.#started < STARTS) {
      if (this.#started++ === 0) this.#wait();
      begin();
      return () => {};
    }
    this.#waiting.add(begin);
    return () => void this.#waiting.delete(begin);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  #wait(): void {
    setTimeout(this.#next, WINDOW_MS);
  }

  readonly #next = (): void => {
    this.#started = 0;
    for (const begin of this.#waiting) {
      if (this.#started === STARTS) break;
      this.#waiting.delete(begin);
      this.#started++;
      begin();
    }
    if (this.#started > 0) this.#wait();
  };
}

/** The one of this thread, whatever listens. */
export const handshakes = new HandshakeGate();
