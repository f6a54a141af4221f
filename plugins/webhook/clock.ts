/**
 * Time, as tests may make it stand still.
 *
 * @module
 */

/** A timer that can be given up. */
export interface WebhookTimer {
  /** Does nothing once it has fired. */
  cancel(): void;
}

/** What tells the time. */
export interface WebhookClock {
  /** Monotonic milliseconds from an arbitrary start. */
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
  /** Calls `callback` once after `ms`. */
  after(ms: number, callback: () => void): WebhookTimer;
}

/** The clock of the machine. */
export const MACHINE_CLOCK: WebhookClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};
