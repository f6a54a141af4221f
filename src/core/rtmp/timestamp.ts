/**
 * Arithmetic with 32-bit timestamps that wrap after 49.7 days [RTMP 1.0 §4].
 *
 * @module
 */

/** Milliseconds after which timestamps start again at 0. */
export const TIMESTAMP_PERIOD = 0x100000000;

/**
 * Milliseconds from `earlier` to `later`, in -2^31..2^31-1: the shorter way around. The result is
 * negative when `later` is in truth the earlier one. Half a period apart, which no order can
 * settle, counts as negative.
 */
export function timestampDelta(earlier: number, later: number): number {
  return (later - earlier) | 0;
}

/** Orders two timestamps that are less than half a period apart: negative when `a` is earlier. */
export function compareTimestamps(a: number, b: number): number {
  return timestampDelta(b, a);
}

/** Follows one stream's timestamps across wraps, as a plain count of milliseconds. */
export class TimestampUnwrapper {
  #last: number | undefined = undefined;

  /**
   * The time nearest to the last one whose low 32 bits are `timestamp`. The first timestamp is
   * taken as it is. Streams may jump backwards; a result is below 0 only when one jumps back across
   * 0 at its start.
   */
  unwrap(timestamp: number): number {
    const last = this.#last;
    const time = last === undefined ? timestamp : last + timestampDelta(last, timestamp);
    this.#last = time;
    return time;
  }
}
