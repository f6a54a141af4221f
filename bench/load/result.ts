/**
 * What one load on one server came to.
 *
 * @module
 */
import type { Spread } from "../stats.ts";

/** What one load on one server came to. Sizes in MB and GB are 10^6 and 10^9 bytes. */
export interface LoadResult {
  /** Players that were to read throughout. */
  readonly players: number;
  /** Of these, how many got a key frame, were closed, refused, or got nothing for 2 s at the end. */
  readonly playing: number;
  readonly closed: number;
  readonly refused: number;
  readonly stalled: number;
  /** Players that stopped reading, and how many of them the server closed. */
  readonly slow: number;
  readonly slowClosed: number;
  /** Length of the window (s). */
  readonly seconds: number;
  /** What the server took from the publishers. */
  readonly inGB: number;
  /** What it should have given to the players that read, at the least, and what it gave. */
  readonly dueGB: number;
  readonly outGB: number;
  /** Given of due; below 0.99 something was lost, dropped or late. */
  readonly delivered: number;
  /** CPU time of the server and all it started, user and system, and its share of one core. */
  readonly cpuSeconds: number;
  readonly cpuPercent: number;
  /** CPU time (s) per GB given, late joiners' included, and per GB taken. */
  readonly cpuPerOutGB: number;
  readonly cpuPerInGB: number;
  /** Resident memory of the server before the load, and at the end of the window. */
  readonly rssBeforeMB: number;
  readonly rssMB: number;
  /** From sending a picture to its arrival at a probe (ms). */
  readonly latencyMs: Spread;
  /** From connecting to the first key frame, of those that joined before the window (ms). */
  readonly joinMs: Spread;
  /** The same of those that joined within the window, and how many of them saw none. */
  readonly lateJoinMs: Spread;
  readonly lateFailed: number;
  /** What the publishers could not get rid of. */
  readonly backlogMB: number;
  /** What the generator itself used, and everybody else on the machine, as shares of one core. */
  readonly generatorPercent: number;
  readonly elsewherePercent: number;
}
