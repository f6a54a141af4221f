/**
 * How many frames a part holds, and the Part Target Duration that follows from it.
 *
 * No part may be longer than PART-TARGET, and each but the last of a segment, and those that begin with
 * a key frame, has to have 85 % of it [RFC 8216bis §4.4.4.9]. Frames do not come in steps of a clock:
 * RTMP counts milliseconds, and cameras jitter. So parts are of a fixed number of frames, and PART-TARGET
 * is somewhat more than these take.
 *
 * @module
 */

/** Ticks of a second, in which times of HLS are counted here. */
export const TICKS_PER_SECOND = 90_000;

/** The share of PART-TARGET that a part has to have at the least. */
export const MIN_PART_SHARE = 0.85;

/** How much longer than its frames' usual duration a part may become. */
const SLACK = 1.05;

/**
 * With so many frames in a part, each is less than the share of it that may be missing: a part that
 * ends one frame early, because the frames in it came slowly, still has enough.
 */
const ENOUGH_FRAMES = 8;

/** How much longer than wished a part may be to hold {@link ENOUGH_FRAMES}. */
const MAX_STRETCH = 1.5;

/** Times of parts are written with milliseconds. */
const TICKS_PER_MS = TICKS_PER_SECOND / 1000;

/** What parts are made of. */
export interface PartPlan {
  /** Frames of the leading track in a part. */
  readonly frames: number;
  /** PART-TARGET, in ticks: whole milliseconds. */
  readonly target: number;
}

/** Plans parts of about `wish` ticks of a track whose frames take `frame` ticks each. */
export function planParts(frame: number, wish: number): PartPlan {
  const usual = Math.max(frame, 1);
  let frames = Math.max(1, Math.round(wish / usual));
  if (frames < ENOUGH_FRAMES && ENOUGH_FRAMES * usual <= MAX_STRETCH * wish) frames = ENOUGH_FRAMES;
  const target = Math.ceil(frames * usual * SLACK / TICKS_PER_MS) * TICKS_PER_MS;
  return { frames, target };
}

/**
 * Plans parts of a track whose frames take `frame` ticks each for a playlist whose PART-TARGET is known
 * already. Only where not even one frame fits, it has to become longer.
 */
export function planPartsWithin(frame: number, target: number): PartPlan {
  const usual = Math.max(frame, 1);
  const frames = Math.floor(target / (usual * SLACK));
  return frames > 0 ? { frames, target } : planParts(usual, usual);
}

/** The usual duration of a frame, of those that were seen; `fallback` where none were. */
export function usualDuration(durations: readonly number[], fallback: number): number {
  const sorted = durations.filter((duration) => duration > 0).sort((a, b) => a - b);
  if (sorted.length === 0) return fallback;
  // Jitter around a rate cancels out in the mean; what is far off, such as a pause, is left out.
  const median = sorted[sorted.length >> 1]!;
  const near = sorted.filter((duration) => duration <= 2 * median && duration >= median / 2);
  return near.reduce((sum, duration) => sum + duration, 0) / near.length;
}
