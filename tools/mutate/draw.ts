/**
 * Draws mutations by a seed.
 *
 * @module
 */
import type { Mutation } from "./mutation.ts";

/** Numbers of at least 0 and below 1, the same ones for the same seed (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle<T>(list: readonly T[], random: () => number): T[] {
  const shuffled = [...list];
  for (let left = shuffled.length; left > 1; left--) {
    const other = Math.floor(random() * left);
    [shuffled[left - 1], shuffled[other]] = [shuffled[other]!, shuffled[left - 1]!];
  }
  return shuffled;
}

/**
 * All of `mutations` in an order by `seed`. Lines are drawn, and of each line one mutation; the
 * others come once every line has had its turn. So a table of numbers counts as often as it has
 * lines, and not as often as it has numbers.
 */
export function drawOrder(mutations: readonly Mutation[], seed: number): Mutation[] {
  const random = randomFrom(seed);
  const lines = Map.groupBy(mutations, ({ file, line }) => `${file}:${line}`);
  let turns = shuffle([...lines.values()].map((line) => shuffle(line, random)), random);
  const order: Mutation[] = [];
  for (let turn = 0; turns.length > 0; turn++) {
    for (const line of turns) order.push(line[turn]!);
    turns = turns.filter((line) => line.length > turn + 1);
  }
  return order;
}
