/**
 * Where in a file the pictures are that decoding can start at.
 *
 * @module
 */

/** A place in a file. */
export interface KeyFrame {
  /** Milliseconds, on the file's own time line. */
  readonly time: number;
  /** Where its tag, or its fragment, begins. */
  readonly offset: number;
}

/**
 * Key frames by time, of which so many are kept and no more: over that, every second one goes, and from then
 * on only every second one comes in. Whoever seeks walks on from the one that is found.
 */
export class KeyFrames {
  readonly #most: number;
  #times: number[] = [];
  #offsets: number[] = [];
  /** Of so many that come one is kept. */
  #every = 1;
  /** How many have come. */
  #count = 0;

  /** @param most the most that are kept, at least 2 */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many there are. */
  get size(): number {
    return this.#times.length;
  }

  /** Adds one behind the others; what is not later than the last one, in time and place, is left out. */
  add(time: number, offset: number): void {
    const last = this.#times.length - 1;
    if (last >= 0 && !(time > this.#times[last]! && offset > this.#offsets[last]!)) return;
    const number = this.#count++;
    if (number % this.#every !== 0) return;
    if (this.#times.length === this.#most) {
      const isEven = (_: number, index: number) => index % 2 === 0;
      this.#times = this.#times.filter(isEven);
      this.#offsets = this.#offsets.filter(isEven);
      this.#every *= 2;
      if (number % this.#every !== 0) return;
    }
    this.#times.push(time);
    this.#offsets.push(offset);
  }

  /** The last one at or before `time`, or the first where there is none before. */
  before(time: number): KeyFrame | undefined {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    return this.at(Math.max(0, low - 1));
  }

  /** By number, in order. */
  at(index: number): KeyFrame | undefined {
    const time = this.#times[index];
    return time === undefined ? undefined : { time, offset: this.#offsets[index]! };
  }

  *[Symbol.iterator](): IterableIterator<KeyFrame> {
    for (let index = 0; index < this.#times.length; index++) yield this.at(index)!;
  }
}
