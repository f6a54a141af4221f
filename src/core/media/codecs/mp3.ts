/**
 * Frames of MP3, which has no sequence header.
 *
 * @module
 */
import type { AudioFormat } from "./audio_format.ts";
import { BitReader } from "../fields/bits.ts";

/** Hertz of MPEG-1 audio; MPEG-2 has half, MPEG-2.5 a quarter [ISO/IEC 11172-3 §2.4.2.3]. */
const MPEG_RATES = [44_100, 48_000, 32_000];

/** Reads the header of an MP3 frame [ISO/IEC 11172-3 §2.4.1.3]; `undefined` when there is none. */
export function parseMp3Frame(frame: Uint8Array): AudioFormat | undefined {
  const reader = new BitReader(frame);
  if (reader.bits(11) !== 0x7ff) return undefined;
  const version = reader.bits(2);
  if (version === 1 || reader.bits(2) !== 1) return undefined; // layer III
  reader.skip(1 + 4); // protection, bit rate
  const rate = MPEG_RATES[reader.bits(2)];
  reader.skip(1 + 1); // padding, private
  const channels = reader.bits(2) === 3 ? 1 : 2;
  if (reader.failed || rate === undefined) return undefined;
  return { sampleRate: version === 3 ? rate : version === 2 ? rate / 2 : rate / 4, channels };
}
