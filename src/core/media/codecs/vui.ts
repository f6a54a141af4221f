/**
 * What the usability information of H.264 and H.265 has in common: it begins alike
 * [H.264 §E.1.1], [H.265 §E.2.1].
 *
 * @module
 */
import type { BitReader } from "../fields/bits.ts";

/** aspect_ratio_idc that is followed by a ratio. */
const EXTENDED_SAR = 255;

/** Reads up to the chroma sample location, that included; returns the transfer characteristics. */
export function readVideoSignal(reader: BitReader): number | undefined {
  let transfer: number | undefined;
  if (reader.flag() && reader.bits(8) === EXTENDED_SAR) reader.skip(32);
  if (reader.flag()) reader.skip(1); // overscan
  if (reader.flag()) { // video signal type
    reader.skip(4);
    if (reader.flag()) {
      reader.skip(8);
      transfer = reader.bits(8);
      reader.skip(8);
    }
  }
  if (reader.flag()) { // chroma sample location
    reader.ue();
    reader.ue();
  }
  return reader.failed ? undefined : transfer;
}
