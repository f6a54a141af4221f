/**
 * Room for what is read of files and made into something else at once: many read at the same time, and each
 * for a moment only, so that a few arrays serve all of them and nothing is left to be collected.
 *
 * @module
 */

/** Bytes of each, by the power of two: larger ones are made for once. */
const SMALLEST = 16;
const LARGEST = 18;

/** Most of a size that wait to be used again. */
const MOST = 8;

const spare: Uint8Array[][] = Array.from({ length: LARGEST + 1 }, () => []);

/** At least `bytes` bytes, whose contents are anything. */
export function borrow(bytes: number): Uint8Array {
  const power = Math.max(SMALLEST, Math.ceil(Math.log2(bytes)));
  return spare[power]?.pop() ?? new Uint8Array(power > LARGEST ? bytes : 2 ** power);
}

/** Nobody reads it any more, nor writes to it. */
export function giveBack(room: Uint8Array): void {
  const kept = spare[Math.log2(room.length)];
  if (kept !== undefined && kept.length < MOST) kept.push(room);
}
