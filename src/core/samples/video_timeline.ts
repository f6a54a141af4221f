/**
 * The time line of a track of pictures.
 *
 * @module
 */
import type { Sample } from "./sample.ts";
import { VIDEO_TIMESCALE } from "./track_format.ts";

const TICKS_OF_MS = VIDEO_TIMESCALE / 1000;

/** How long a picture is taken to last when there is none to go by (ms). */
const DEFAULT_FRAME_MS = 40;

/** A picture whose end is not known yet: it becomes the sample, without another object for each. */
type Held = { -readonly [Member in keyof Sample]: Sample[Member] };

/**
 * Pictures last until the next one, so each comes out when the next one goes in. Their times are those
 * of the source; only where decode times stand still or go back they are moved on by a tick, while
 * presentation times stay.
 */
export class VideoTimeline {
  /** Ticks between the end of the last sample that came out and the one behind it. */
  gapTicks = 0;
  readonly #maxTicks: number;
  #held: Held | undefined;
  /** Decode time of the last sample (ticks); below any, before the first. */
  #last = -1;
  /** Usual duration (ticks). */
  #usual: number;

  /**
   * @param maxGapMs longest that a picture may last; where the next one comes later, there is a gap
   * @param frameRate what the configuration says
   */
  constructor(maxGapMs: number, frameRate?: number) {
    this.#maxTicks = maxGapMs * TICKS_OF_MS;
    this.#usual = frameRate === undefined
      ? DEFAULT_FRAME_MS * TICKS_OF_MS
      : Math.round(VIDEO_TIMESCALE / frameRate);
  }

  /** How long a picture usually lasts (ms). */
  get usualMs(): number {
    return this.#usual / TICKS_OF_MS;
  }

  /**
   * Takes a picture.
   *
   * @param ms its decode time
   * @param compositionMs its presentation time less the decode time
   * @param size bytes that it has where `data` has none
   * @returns the picture before it
   */
  push(
    ms: number,
    compositionMs: number,
    key: boolean,
    data: Uint8Array,
    size?: number,
  ): Sample | undefined {
    const dts = Math.max(ms * TICKS_OF_MS, this.#last + 1);
    const composition = (ms + compositionMs) * TICKS_OF_MS - dts;
    const done = this.#held && this.#finish(this.#held, dts);
    this.#held = size === undefined
      ? { dts, duration: 0, composition, key, data }
      : { dts, duration: 0, composition, key, data, size };
    this.#last = dts;
    return done;
  }

  /** The picture that waits for the next one, as long as the one before it lasted. */
  flush(): Sample | undefined {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) held.duration = this.#usual;
    return held;
  }

  #finish(held: Held, next: number): Sample {
    const ticks = next - held.dts;
    this.gapTicks = 0;
    if (ticks > this.#maxTicks) {
      held.duration = Math.min(this.#usual, ticks);
      this.gapTicks = ticks - held.duration;
      return held;
    }
    // A repaired decode time says nothing of how long pictures last.
    if (ticks >= TICKS_OF_MS) this.#usual = ticks;
    held.duration = ticks;
    return held;
  }
}
