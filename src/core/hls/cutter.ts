/**
 * Where segments end: at key frames, as long as these come often enough.
 *
 * @module
 */
import { TICKS_PER_SECOND } from "./part_plan.ts";

/** Segments are as long as wished if they are that close to it: times of RTMP are rounded. */
const NEARLY = 0.95;

/** Durations are rounded to whole seconds before they are held against the Target Duration. */
const ROUNDING = TICKS_PER_SECOND / 2 - 1;

/** What segments are made of. */
export interface SegmentPlan {
  /** Ticks from which on the next key frame ends a segment. */
  readonly wish: number;
  /** The Target Duration, ticks: whole seconds. */
  readonly target: number;
}

/** The Target Duration may be so many seconds at the most: GOPs that are longer are cut. */
export const MAX_TARGET_SECONDS = 10;

/** How many times the wished duration a segment may have of which nothing is known. */
const ROOM = 1.5;

/**
 * Plans segments of about `wish` ticks, of a stream with key frames `gop` ticks apart: at least that,
 * as far as it was seen. The Target Duration is not to change, so there is some room in it.
 *
 * @param last how far apart the last two key frames were. Others may be further, where an encoder sets them
 * by what is in the picture: it makes the room larger, never smaller
 */
export function planSegments(wish: number, gop: number | undefined, last = 0): SegmentPlan {
  const known = Math.max(gop ?? 0, last > ROOM * wish ? last : 0);
  const whole = known <= 0 ? ROOM * wish : Math.ceil(wish * NEARLY / known) * known;
  const seconds = Math.ceil((whole - ROUNDING / 2) / TICKS_PER_SECOND);
  const most = Math.max(MAX_TARGET_SECONDS, Math.ceil(wish / TICKS_PER_SECOND));
  return { wish, target: Math.max(1, Math.min(seconds, most)) * TICKS_PER_SECOND };
}

/** Whether a segment of `duration` ticks ends before a key frame. `whole`: it began with one. */
export function endsAtKey(
  { wish, target }: SegmentPlan,
  duration: number,
  whole: boolean,
): boolean {
  return !whole || duration >= wish * NEARLY || duration >= target;
}

/** Whether a segment has to end before it becomes `duration` ticks long. */
export function isTooLong({ target }: SegmentPlan, duration: number): boolean {
  return duration > target + ROUNDING;
}
