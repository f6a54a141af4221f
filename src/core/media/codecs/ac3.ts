/**
 * Frames of AC-3 and E-AC-3, which have no sequence header.
 *
 * @module
 */
import type { AudioFormat } from "./audio_format.ts";
import { BitReader } from "../fields/bits.ts";
import { plausibleSampleRate } from "../fields/plausible.ts";

/** Hertz of AC-3 [ATSC A/52 §5.4.1.3]. */
const AC3_RATES = [48_000, 44_100, 32_000];

/** Channels of AC-3 by acmod, without the low frequency one [ATSC A/52 §5.4.2.3]. */
const AC3_CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];

/** Reads the header of an AC-3 or E-AC-3 frame [ATSC A/52 §5.3, §E.1.2]. */
export function parseAc3Frame(frame: Uint8Array): AudioFormat | undefined {
  if (frame.length < 8 || frame[0] !== 0x0b || frame[1] !== 0x77) return undefined;
  const bsid = frame[5]! >> 3;
  const reader = new BitReader(frame);
  let rate: number | undefined;
  let mode: number;
  if (bsid > 10) {
    reader.skip(16 + 2 + 3 + 11); // syncword, strmtyp, substreamid, frmsiz
    const code = reader.bits(2);
    const second = reader.bits(2); // fscod2 of half rates, or the number of blocks
    rate = code === 3 ? (AC3_RATES[second] ?? NaN) / 2 : AC3_RATES[code];
    mode = reader.bits(3);
  } else {
    reader.skip(16 + 16); // syncword, crc1
    rate = AC3_RATES[reader.bits(2)];
    reader.skip(6 + 5 + 3); // frmsizecod, bsid, bsmod
    mode = reader.bits(3);
    if ((mode & 1) !== 0 && mode !== 1) reader.skip(2); // cmixlev
    if ((mode & 4) !== 0) reader.skip(2); // surmixlev
    if (mode === 2) reader.skip(2); // dsurmod
  }
  const channels = AC3_CHANNELS[mode]! + reader.bit();
  const sampleRate = plausibleSampleRate(rate);
  return sampleRate === undefined ? undefined : { sampleRate, channels };
}
