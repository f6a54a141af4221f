/**
 * Keeps playback near the newest picture: a player that fell behind plays a little faster, or skips.
 *
 * @module
 */

/** @typedef {import("./types.d.ts").EdgeView} EdgeView */

/** How far behind playback begins to be (s), and how far it may get by itself. */
export const TARGET = 0.15;
export const MAX_TARGET = 1.5;
/** What a player that ran dry is given more (s). */
const STEP = 0.1;
/** Further behind than this it skips (s): to catch up by playing faster would take too long. */
const SKIP = 2;
/** The same when playback begins, at the end of a whole group of pictures (s). */
const FIRST_SKIP = 0.3;
/** So much behind the target it hurries (s), until it is there. */
const LATE = 0.1;
const HURRY = 1.1;
/** Gaps in what is there that are narrower than this are played across by the browser itself (s). */
const GAP = 0.05;

/**
 * What to do now: the rate to play at, and the time to go to if it has to skip.
 *
 * @param {EdgeView} view
 * @returns {{ rate: number, seek?: number }}
 */
export function steer({ time, ranges, target, rate, fresh = false }) {
  const last = ranges.at(-1);
  if (last === undefined) return { rate: 1 };
  const [start, end] = last;
  const here = ranges.find(([from, to]) => time >= from - GAP && time <= to);
  // In front of a gap, or of what is there at all: the browser would wait for what never comes.
  if (here !== last && (here === undefined || here[1] - time < GAP) && time < start) {
    return { rate: 1, seek: Math.max(start, end - target) };
  }
  const behind = end - time;
  if (behind > (fresh ? FIRST_SKIP : SKIP) + target) {
    return { rate: 1, seek: Math.max(start, end - target) };
  }
  if (behind > target + LATE) return { rate: HURRY };
  return { rate: behind > target && rate > 1 ? rate : 1 };
}

/**
 * How far behind a player should be that ran dry at `target`.
 *
 * @param {number} target
 */
export function afterStall(target) {
  return Math.min(MAX_TARGET, target + STEP);
}

/**
 * Whether a player of HLS is so far behind that it has to skip: hls.js plays faster where a Target Duration
 * makes up for it, and further behind it does nothing.
 *
 * @param {{ latency: number, target: number, targetDuration: number }} view seconds behind the newest
 *   picture, as it is and as it should be
 */
export function isLeftBehind({ latency, target, targetDuration }) {
  return latency - target > targetDuration;
}
