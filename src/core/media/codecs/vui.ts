/**
 * What the usability information of H.264 and H.265 has in common: it begins alike
 * [H.264 §E.1.1], [H.265 §E.2.1].
 *
 * @module
 */
import type { BitReader } from "../fields/bits.ts";
import { hdrOf, type HdrTransfer } from "../fields/colour.ts";

/** What the video signal of a sequence says. A member is missing when it is not told. */
export interface VideoSignal {
  /** Width and height of a pixel, when they differ. */
  readonly pixelAspect?: readonly [number, number];
  /** Primaries, transfer, matrix [H.273]; full range is 1. */
  readonly colours?: readonly [number, number, number, number];
  /** The transfer function, when it is one of high dynamic range. */
  readonly hdr?: HdrTransfer;
}

/** aspect_ratio_idc that is followed by a ratio. */
const EXTENDED_SAR = 255;

/** Width and height of a pixel by aspect_ratio_idc [H.264 table E-1], from 2 on: 1 is square. */
const RATIOS: readonly (readonly [number, number])[] = [
  ...[[12, 11], [10, 11], [16, 11], [40, 33], [24, 11], [20, 11], [32, 11]] as const,
  ...[[80, 33], [18, 11], [15, 11], [64, 33], [160, 99], [4, 3], [3, 2], [2, 1]] as const,
];

/** Reads up to the chroma sample location, that included; nothing of it if the set ends before. */
export function readVideoSignal(reader: BitReader): VideoSignal {
  const pixelAspect = reader.flag() ? readAspect(reader) : undefined;
  if (reader.flag()) reader.skip(1); // overscan
  let colours: VideoSignal["colours"];
  if (reader.flag()) { // video signal type
    reader.skip(3);
    const fullRange = reader.bit();
    if (reader.flag()) colours = [reader.bits(8), reader.bits(8), reader.bits(8), fullRange];
  }
  if (reader.flag()) { // chroma sample location
    reader.ue();
    reader.ue();
  }
  if (reader.failed) return {};
  const hdr = hdrOf(colours?.[1]);
  return {
    ...(pixelAspect !== undefined && { pixelAspect }),
    ...(colours !== undefined && { colours }),
    ...(hdr !== undefined && { hdr }),
  };
}

function readAspect(reader: BitReader): readonly [number, number] | undefined {
  const idc = reader.bits(8);
  const ratio = idc === EXTENDED_SAR
    ? [reader.bits(16), reader.bits(16)] as const
    : RATIOS[idc - 2];
  // A side of 0 says that it is not known.
  return ratio === undefined || ratio[0] * ratio[1] === 0 || ratio[0] === ratio[1]
    ? undefined
    : ratio;
}
