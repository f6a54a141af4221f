/**
 * The header that stands before each frame of AAC in a transport stream: ADTS
 * [ISO/IEC 14496-3 §1.A.3.2].
 *
 * @module
 */
import type { AacFraming } from "../samples/aac_framing.ts";

/** Bytes of a header without checksum. */
export const ADTS_LENGTH = 7;

/** Longest frame, header included: its length has 13 bits. */
export const MAX_ADTS_FRAME = 8191;

/** Highest sampling_frequency_index that is one. */
const LAST_RATE = 12;

/** Why ADTS has no header for a configuration; nothing if it has. */
export function adtsProblem(
  { objectType, rateIndex, channelConfig }: AacFraming,
): string | undefined {
  if (objectType < 1 || objectType > 4) {
    return `AAC of object type ${objectType} has no ADTS header`;
  }
  if (rateIndex > LAST_RATE) return "AAC at a sample rate of its own has no ADTS header";
  if (channelConfig < 1 || channelConfig > 7) {
    return "AAC with channels of its own has no ADTS header";
  }
  return undefined;
}

/** Writes the header of a frame of so many bytes, header not included. */
export function writeAdts(
  { objectType, rateIndex, channelConfig }: AacFraming,
  length: number,
  target: Uint8Array,
  offset: number,
): void {
  const size = length + ADTS_LENGTH;
  target[offset] = 0xff;
  target[offset + 1] = 0xf1; // MPEG-4, no checksum
  target[offset + 2] = objectType - 1 << 6 | rateIndex << 2 | channelConfig >> 2;
  target[offset + 3] = (channelConfig & 3) << 6 | size >> 11;
  target[offset + 4] = size >> 3;
  target[offset + 5] = (size & 7) << 5 | 0x1f; // buffer fullness: variable rate
  target[offset + 6] = 0xfc;
}
