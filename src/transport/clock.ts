/**
 * The machine's clock. Its timers do not keep the process alive.
 *
 * @module
 */
import type { Clock } from "../ports.ts";

/** Makes a clock; `unref` is the runtime's way to let the process end while a timer is pending. */
export function createClock(unref: (timer: ReturnType<typeof setTimeout>) => void): Clock {
  return {
    now: () => performance.now(),
    wall: () => Date.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      unref(timer);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
