/**
 * Ways to cut the same bytes into segments.
 *
 * @module
 */

/** A small seeded generator (mulberry32) of numbers in 0..1. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

/**
 * `bytes` whole, byte by byte, in short random cuts and in long random cuts. Every segment is a
 * fresh copy, so that whoever keeps a view of one is found out when the test overwrites it.
 */
export function feedings(bytes: Uint8Array, seed = 1): Uint8Array[][] {
  return [
    [bytes.slice()],
    cut(bytes, () => 1),
    cut(bytes, randomLength(seed, 7)),
    cut(bytes, randomLength(seed + 1, Math.max(2, bytes.length))),
  ];
}

/** Lengths in 1..`most`, most of them short. */
function randomLength(seed: number, most: number): () => number {
  const next = random(seed);
  return () => 1 + Math.floor(next() ** 2 * most);
}

function cut(bytes: Uint8Array, length: () => number): Uint8Array[] {
  const segments: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + length());
    segments.push(bytes.slice(at, end));
    at = end;
  }
  return segments;
}
