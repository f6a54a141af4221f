/**
 * A clock that several processes of one machine share.
 *
 * @module
 */

/** Milliseconds since 1970 in steps of about a microsecond. It never goes back in one process. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Stops this whole thread for `ms`, which may be a fraction of what timers can do. */
export function nap(ms: number): void {
  if (ms > 0) Atomics.wait(nothing, 0, 0, ms);
}
