/**
 * Times a piece of code, for the benchmarks of single codecs.
 *
 * @module
 */

/** Time spent on each round (ms). */
const ROUND_MS = 300;
const ROUNDS = 5;

/** What one run of the code gets through. */
export interface Work {
  readonly bytes: number;
  readonly messages: number;
}

/** Prints the best of some rounds: megabytes (10^6) and messages per second. */
export function measure(name: string, { bytes, messages }: Work, run: () => void): void {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let runs = 0;
    let spent = 0;
    while (spent < ROUND_MS) {
      run();
      runs++;
      spent = performance.now() - start;
    }
    best = Math.min(best, spent / runs);
  }
  const rate = (bytes / best / 1000).toFixed(0).padStart(6);
  const count = (messages / best).toFixed(0).padStart(6);
  console.log(`${name.padEnd(44)} ${rate} MB/s ${count} k messages/s`);
}
