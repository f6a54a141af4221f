/**
 * Property tests that can be replayed.
 *
 * @module
 */

import process from "node:process";
import fc from "fast-check";

/**
 * Checks a fast-check property `runs` times, 100 if left out. The seed comes from the environment
 * variable SLUICE_TEST_SEED, or is random; a failure prints it.
 */
export function check<T>(property: fc.IRawProperty<T, false>, runs = 100): void {
  const given = process.env.SLUICE_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
  try {
    fc.assert(property, { seed, numRuns: runs });
  } catch (error) {
    console.error(`Property failed; replay with SLUICE_TEST_SEED=${seed}`);
    throw error;
  }
}

/**
 * Any text without half surrogate pairs, one character in two of ASCII. `fc.string` with the unit
 * `binary` makes a table of all characters first, which takes a second in each file that uses it.
 */
export function anyText(constraints: fc.ArrayConstraints = {}): fc.Arbitrary<string> {
  const beyond = fc.integer({ min: 0, max: 0x10f7ff }).map((n) => n < 0xd800 ? n : n + 0x800);
  return fc.array(fc.oneof(fc.nat(0x7f), beyond), constraints)
    .map((characters) => String.fromCodePoint(...characters));
}

/** The same of a property that is waited for. */
export async function checkAsync<T>(property: fc.IAsyncProperty<T>, runs = 100): Promise<void> {
  const given = process.env.SLUICE_TEST_SEED;
  const seed = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
  try {
    await fc.assert(property, { seed, numRuns: runs });
  } catch (error) {
    console.error(`Property failed; replay with SLUICE_TEST_SEED=${seed}`);
    throw error;
  }
}
