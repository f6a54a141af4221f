/**
 * Arithmetic with 32-bit timestamps that wrap after 49.7 days [RTMP 1.0 §4].
 *
 * @module
 */

/**
 * Milliseconds from `earlier` to `later`, in -2^31..2^31-1: the shorter way around. The result is
 * negative when `later` is in truth the earlier one. Half a period apart, which no order can
 * settle, counts as negative.
 */
export function timestampDelta(earlier: number, later: number): number {
  return (later - earlier) | 0;
}
