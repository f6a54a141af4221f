/**
 * The time line of a track of sound.
 *
 * @module
 */
import type { Sample } from "./sample.ts";

/** Difference from the source below which nothing is done (ms): timestamps are rounded, and jitter. */
const DEADBAND_MS = 5;

/** Difference from the source that is no jitter (ms), or so many frames if they are long. */
const TOLERANCE_MS = 50;
const TOLERANCE_FRAMES = 1.5;

/** Frames over which the difference is averaged. */
const AVERAGED_FRAMES = 32;

/** Share of the averaged difference that one frame makes good, and the most of its length. */
const CORRECTION_SHARE = 1 / 16;
const MAX_CORRECTION = 1 / 32;

/** Frames that have to agree that something is missing, or too much. */
const WITNESSES = 2;

/**
 * Frames of sound follow one another without a seam: each begins where the one before it ends, and
 * lasts as long as its samples do, so that whole milliseconds add up to no error. Where the timestamps
 * of the source go away from that, as clocks of sound cards do, the frames last a few ticks more or
 * less; where sound is missing, they begin again at the time of the source; where there is more sound
 * than time, it is left out.
 */
export class AudioTimeline {
  /** Ticks that were missing before the last sample. */
  gapTicks = 0;
  /** Frames that were left out. */
  dropped = 0;
  readonly #rate: number;
  #next: number | undefined;
  /** Averaged difference of the source from this time line (ticks). */
  #difference = 0;
  #witnesses = 0;
  /** Frames are left out until there is time for them again. */
  #dropping = false;

  /** @param rate ticks of a second */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /**
   * Takes a frame.
   *
   * @param ms its time
   * @param ticks how long it lasts by its samples, above 0
   * @param size bytes that it has where `data` has none
   * @returns the same on the time line, or nothing if there is no room for it
   */
  push(ms: number, ticks: number, data: Uint8Array, size?: number): Sample | undefined {
    const due = ms * this.#rate / 1000;
    let dts = this.#next ?? Math.round(due);
    this.gapTicks = 0;
    const difference = due - dts;
    const tolerance = Math.max(TOLERANCE_MS * this.#rate / 1000, TOLERANCE_FRAMES * ticks);
    if (this.#dropping && difference <= -ticks / 2) {
      this.dropped++;
      return undefined;
    }
    this.#dropping = false;
    if (Math.abs(difference) <= tolerance) {
      this.#witnesses = 0;
      this.#difference += (difference - this.#difference) / AVERAGED_FRAMES;
    } else if (++this.#witnesses >= WITNESSES) {
      this.#witnesses = 0;
      this.#difference = 0;
      if (difference < 0) {
        this.#dropping = true;
        this.dropped++;
        return undefined;
      }
      dts = Math.round(due);
      this.gapTicks = dts - this.#next!;
    }
    const duration = ticks + this.#correction(ticks);
    this.#next = dts + duration;
    return size === undefined
      ? { dts, duration, composition: 0, key: true, data }
      : { dts, duration, composition: 0, key: true, data, size };
  }

  #correction(ticks: number): number {
    const deadband = DEADBAND_MS * this.#rate / 1000;
    const excess = Math.abs(this.#difference) - deadband;
    if (excess <= 0) return 0;
    const most = Math.floor(ticks * MAX_CORRECTION);
    const correction = Math.min(most, Math.ceil(excess * CORRECTION_SHARE)) *
      Math.sign(this.#difference);
    this.#difference -= correction;
    return correction;
  }
}
