/**
 * Which values of a stream's description are worth showing. Encoders write zeros, fill metadata with
 * guesses, and anyone can send anything.
 *
 * @module
 */

/** Widest and highest picture, in pixels: the limit of AV1 and VP9. */
export const MAX_DIMENSION = 65_536;

/**
 * Highest frame rate, per second. Some encoders give the ticks of their clock as the rate, which are
 * a thousand and more.
 */
export const MAX_FRAME_RATE = 480;

/** Highest sample rate, in hertz. */
export const MAX_SAMPLE_RATE = 768_000;

/** Most audio channels: 22.2 has 24, ambisonics of high order more. */
export const MAX_CHANNELS = 64;

/** `value` when it is a number above 0 and up to `most`, else `undefined`. */
function upTo(most: number, value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && value <= most ? value : undefined;
}

/** `value` when it is such a whole number, else `undefined`. */
function wholeUpTo(most: number, value: unknown): number | undefined {
  return Number.isInteger(value) ? upTo(most, value) : undefined;
}

/** A width or height in pixels, `undefined` when it cannot be one. */
export function plausibleDimension(value: unknown): number | undefined {
  return wholeUpTo(MAX_DIMENSION, value);
}

/** Frames per second to three digits, `undefined` when they cannot be. */
export function plausibleFrameRate(value: unknown): number | undefined {
  const rate = upTo(MAX_FRAME_RATE, value);
  return rate === undefined ? undefined : upTo(MAX_FRAME_RATE, Math.round(rate * 1000) / 1000);
}

/** A sample rate in hertz, `undefined` when it cannot be one. */
export function plausibleSampleRate(value: unknown): number | undefined {
  return wholeUpTo(MAX_SAMPLE_RATE, value);
}

/** A number of channels, `undefined` when it cannot be one. */
export function plausibleChannels(value: unknown): number | undefined {
  return wholeUpTo(MAX_CHANNELS, value);
}
