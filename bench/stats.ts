/**
 * Medians and percentiles.
 *
 * @module
 */

/** How some measurements of one thing are spread. */
export interface Spread {
  /** How many there are. */
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The value in the middle, between the middle two of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The spread of `values`; zeros when there is none. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { n: 0, p50: 0, p99: 0, max: 0 };
  const sorted = values.toSorted((a, b) => a - b);
  return {
    n: sorted.length,
    p50: ofSorted(sorted, 0.5),
    p99: ofSorted(sorted, 0.99),
    max: sorted.at(-1)!,
  };
}

/** The value below which the share `part` (0..1) of the sorted values lies. */
function ofSorted(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}
