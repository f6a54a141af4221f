/**
 * Time, as the hub is given it: it reads no clock of its own.
 *
 * @module
 */

/** What was to be called later. */
export interface HubTimer {
  cancel(): void;
}

/** The time of the server, in ms that only ever grow. */
export interface HubClock {
  now(): number;
  /** Calls `callback` in a turn of its own, `ms` from now. */
  after(ms: number, callback: () => void): HubTimer;
}
