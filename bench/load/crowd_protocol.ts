/**
 * What the load generator and its crowd say to each other: commands in and events out, a line each.
 * The crowd is a process of its own, so that the many players do not delay the publishers and the
 * probes that measure.
 *
 * @module
 */
import type { LoadOptions } from "./options.ts";

/** What the crowd is told when it starts. */
export interface CrowdTask {
  readonly options: LoadOptions;
  /** When the first player joins, by the shared clock (ms). */
  readonly startAt: number;
}

/** `start` begins the measured window, `stop` ends it. */
export type CrowdCommand = "start" | "stop";

/** What the crowd counted in the window. */
export interface CrowdCount {
  /** Players that were to read throughout, and the bytes they got. */
  readonly reading: number;
  readonly bytes: number;
  /** Of these, how many got a key frame, were closed, refused, or got nothing for 2 s at the end. */
  readonly playing: number;
  readonly closed: number;
  readonly refused: number;
  readonly stalled: number;
  /** Of the slow players, how many the server closed. */
  readonly slowClosed: number;
  /** From connecting to the first key frame (ms), before the window. */
  readonly joinMs: readonly number[];
  /** The same of those that joined within it, how many of them saw none, and the bytes they got. */
  readonly lateJoinMs: readonly number[];
  readonly lateFailed: number;
  readonly lateBytes: number;
  /** CPU time that the crowd itself used (s). */
  readonly cpuSeconds: number;
}

/** What the crowd reports. */
export type CrowdEvent =
  /** All have joined, or there is no more hope for the rest. */
  | { readonly event: "ready" }
  | { readonly event: "started" }
  | { readonly event: "stopped"; readonly count: CrowdCount };
