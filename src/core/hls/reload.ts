/**
 * Delivery directives of requests for a media playlist, and what becomes of a blocking reload
 * [RFC 8216bis §6.2.5].
 *
 * @module
 */
import { TICKS_PER_SECOND } from "./part_plan.ts";
import type { MediaWindow } from "./window.ts";

/** What a request asks for. */
export interface Directives {
  /** `_HLS_msn`. */
  readonly msn: number | undefined;
  /** `_HLS_part`. */
  readonly part: number | undefined;
  /** `_HLS_skip` is `YES` or `v2`: there are no date ranges to tell them apart. */
  readonly skip: boolean;
}

/** A request without directives. */
export const NO_DIRECTIVES: Directives = { msn: undefined, part: undefined, skip: false };

/** Most digits of a number that is looked at: all of them are exact. */
const NUMBER = /^\d{1,15}$/;

/** Reads the directives of a query; `undefined` when they cannot be [RFC 8216bis §6.2.5.2]. */
export function parseDirectives(query: URLSearchParams): Directives | undefined {
  const [msn, part, skip] = ["_HLS_msn", "_HLS_part", "_HLS_skip"].map((name) => query.get(name));
  if (typeof msn === "string" && !NUMBER.test(msn)) return undefined;
  if (typeof part === "string" && (!NUMBER.test(part) || typeof msn !== "string")) return undefined;
  return {
    msn: typeof msn === "string" ? Number(msn) : undefined,
    part: typeof part === "string" ? Number(part) : undefined,
    skip: skip === "YES" || skip === "v2",
  };
}

/** `ready`: the playlist has it; `wait`: it will; `too-far`: it is nothing to wait for. */
export type ReloadState = "ready" | "wait" | "too-far";

/** How many segments ahead of the last one may be waited for. */
const ADVANCE_SEGMENTS = 2;

/** Parts that may be asked for behind the last one [RFC 8216bis §6.2.5.2]. */
export function advancePartLimit(partTarget: number): number {
  if (partTarget <= 0 || partTarget >= TICKS_PER_SECOND) return 3;
  return Math.ceil(3 * TICKS_PER_SECOND / partTarget);
}

/** What becomes of a request. */
export function reloadState<B>(window: MediaWindow<B>, { msn, part }: Directives): ReloadState {
  if (window.ended || msn === undefined) return "ready";
  const { nextMsn } = window;
  if (msn < nextMsn) {
    if (part === undefined) return "ready";
    // Behind the last part of a segment is the first of the next one.
    const last = window.kept.findLast((segment) => segment.msn === msn);
    if (msn < nextMsn - 1 || last === undefined || part < last.parts.length) return "ready";
    return window.open === undefined ? "wait" : "ready";
  }
  const parts = window.open?.parts.length ?? 0;
  // The last segment that a playlist has is the one before `nextMsn`.
  if (msn > nextMsn - 1 + ADVANCE_SEGMENTS) return "too-far";
  if (part === undefined) return "wait";
  if (msn === nextMsn && part < parts) return "ready";
  const ahead = msn === nextMsn ? part - parts : part;
  return ahead >= advancePartLimit(window.limits.partTarget) ? "too-far" : "wait";
}
