/**
 * A clock that several processes of one machine share.
 *
 * @module
 */

/** Milliseconds since 1970 in steps of about a microsecond. It never goes back in one process. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves after `ms`. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
