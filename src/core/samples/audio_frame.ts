/**
 * How long a frame of sound lasts.
 *
 * @module
 */
import type { AudioTrackFormat } from "./track_format.ts";

/** Ticks of a frame, `undefined` when it is damaged. */
export function audioFrameTicks(format: AudioTrackFormat, _frame: Uint8Array): number | undefined {
  return format.frameTicks;
}
