/**
 * Long answers made in slices, so that no request keeps the others, and the media, waiting.
 *
 * @module
 */

/** Longest that requests, all of them together, work before everything else has its turn (ms). */
export const SLICE_MS = 3;
/** Most items of one slice: a clock may be coarse. */
export const SLICE_ITEMS = 100;

/** The time that the requests of one server share. */
export class Slices {
  readonly #now: () => number;
  #spent = 0;
  #items = 0;
  #pause: Promise<void> | undefined;

  /** `now` tells milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Does `work` with each item, in order, as many at once as there is time for. */
  async each<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
    const iterator = items[Symbol.iterator]();
    await this.run({
      next() {
        // To make an item may take as long as to use it.
        const step = iterator.next();
        if (!step.done) work(step.value);
        return step;
      },
    });
  }

  /** Makes steps, as many at once as there is time for. @returns what the last one has */
  async run<R>(steps: Iterator<unknown, R>): Promise<R> {
    for (;;) {
      // Behind a pause others may have been faster.
      while (this.#spent >= SLICE_MS || this.#items >= SLICE_ITEMS) await this.#rest();
      const start = this.#now();
      const step = steps.next();
      this.#spent += this.#now() - start;
      this.#items++;
      if (step.done) return step.value;
    }
  }

  #rest(): Promise<void> {
    return this.#pause ??= new Promise((resolve) =>
      setTimeout(() => {
        this.#spent = this.#items = 0;
        this.#pause = undefined;
        resolve();
      }, 0)
    );
  }
}
