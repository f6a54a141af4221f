/**
 * Finds the name that a misspelt one was meant to be.
 *
 * @module
 */

/** Edits (insert, delete, change, swap of neighbours) from `a` to `b`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(row[j - 1] + 1, previous[j] + 1, previous[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2] + 1);
      }
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length];
}

/** Longest name worth comparing: the work grows with its length. */
const MAX_LENGTH = 64;

/**
 * The known name nearest to `name`, if one is near enough to be meant. Case, dots, dashes and
 * underscores do not count, so `rtmp_port` finds `rtmp.port`.
 */
export function suggest(name: string, known: readonly string[]): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const plain = (text: string) => text.toLowerCase().replace(/[-_.]/g, "");
  const wanted = plain(name);
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(wanted, plain(candidate));
    if (edits < least) [nearest, least] = [candidate, edits];
  }
  return nearest;
}
