/**
 * The elementary stream descriptor of MPEG-4 audio [ISO/IEC 14496-1 §7.2.6], [ISO/IEC 14496-14 §5.6].
 *
 * @module
 */
import { type Bytes, fullBox, u16, u24, u32, u8 } from "./box.ts";

/** Tags of descriptors. */
const ES = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC = 5;
const SL_CONFIG = 6;

/** streamType of audio with upStream 0 and the reserved bit. */
const AUDIO_STREAM = 5 << 2 | 1;

/** predefined: for use in MP4 files. */
const SL_MP4 = 2;

/** objectTypeIndication of MPEG-4 audio. */
export const OBJECT_MPEG4_AUDIO = 0x40;
/** objectTypeIndication of MPEG-1 audio, that of MP3 at the rates of MPEG-1. */
export const OBJECT_MPEG1_AUDIO = 0x6b;
/** objectTypeIndication of MPEG-2 audio, that of MP3 at half of these rates. */
export const OBJECT_MPEG2_AUDIO = 0x69;

/**
 * The `esds` box.
 *
 * @param objectType one of the numbers above
 * @param config decoder specific information, empty if there is none
 * @param bitrate bits per second, 0 if it is not known
 */
export function esds(objectType: number, config: Uint8Array, bitrate: number): Uint8Array {
  const decoder = descriptor(
    DECODER_CONFIG,
    u8(objectType),
    u8(AUDIO_STREAM),
    u24(0), // bufferSizeDB
    u32(bitrate), // maxBitrate
    u32(bitrate), // avgBitrate
    config.length === 0 ? [] : descriptor(DECODER_SPECIFIC, config),
  );
  return fullBox(
    "esds",
    0,
    0,
    descriptor(ES, u16(0), u8(0), decoder, descriptor(SL_CONFIG, u8(SL_MP4))),
  );
}

/** The tag, the size in groups of seven bits, the contents. */
function descriptor(tag: number, ...contents: readonly Bytes[]): number[] {
  let size = contents.reduce((sum, { length }) => sum + length, 0);
  const sizes = [size & 127];
  while ((size >>>= 7) > 0) sizes.unshift(size & 127 | 128);
  return [tag, ...sizes, ...contents.flatMap((content) => Array.from(content))];
}
