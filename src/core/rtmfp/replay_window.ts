/**
 * Tells packets that have come before by their sequence numbers [RFC 7425 §4.6.2].
 *
 * @module
 */

/** How many numbers behind the newest one are remembered; what is older counts as come before. */
export const REPLAY_WINDOW = 2048;

const WORD_BITS = 32;

/** The newest number of a peer, and which of those behind it have come. */
export class ReplayWindow {
  #newest = -1;
  readonly #seen = new Int32Array(REPLAY_WINDOW / WORD_BITS);

  /** Whether a packet of this number is new. */
  isNew(number: number): boolean {
    if (number > this.#newest) return true;
    if (number <= this.#newest - REPLAY_WINDOW) return false;
    const slot = number % REPLAY_WINDOW;
    return (this.#seen[Math.floor(slot / WORD_BITS)]! & 1 << slot % WORD_BITS) === 0;
  }

  /** Notes a number that is new, of a packet that is genuine. */
  note(number: number): void {
    if (number > this.#newest) {
      if (number - this.#newest >= REPLAY_WINDOW) this.#seen.fill(0);
      else {
        for (let passed = this.#newest + 1; passed < number; passed++) {
          this.#mark(passed % REPLAY_WINDOW, false);
        }
      }
      this.#newest = number;
    }
    this.#mark(number % REPLAY_WINDOW, true);
  }

  #mark(slot: number, seen: boolean): void {
    const word = Math.floor(slot / WORD_BITS);
    const bit = 1 << slot % WORD_BITS;
    this.#seen[word] = seen ? this.#seen[word]! | bit : this.#seen[word]! & ~bit;
  }
}
