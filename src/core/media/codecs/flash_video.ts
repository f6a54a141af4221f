/**
 * Picture sizes of the codecs of Flash that have no sequence header.
 *
 * @module
 */
import { BitReader } from "../fields/bits.ts";
import { type PictureSize, pictureSize } from "../fields/picture_size.ts";

/** PictureSize of Sorenson H.263; 0 and 1 are followed by a size [FLV §E.4.3.2]. */
const H263_SIZES: readonly (readonly [number, number] | undefined)[] = [
  undefined,
  undefined,
  [352, 288],
  [176, 144],
  [128, 96],
  [320, 240],
  [160, 120],
];

/** Size of a Sorenson H.263 picture [FLV §E.4.3.2]; `undefined` when it is none. */
export function h263FrameSize(frame: Uint8Array): PictureSize | undefined {
  const reader = new BitReader(frame);
  if (reader.bits(17) !== 1) return undefined; // PictureStartCode
  reader.skip(5 + 8); // Version, TemporalReference
  const code = reader.bits(3);
  const bits = code === 0 ? 8 : 16;
  const [width, height] = code < 2
    ? [reader.bits(bits), reader.bits(bits)]
    : H263_SIZES[code] ?? [];
  return reader.failed ? undefined : pictureSize(width, height);
}

/** Size of a screen video picture, of version 1 or 2 [FLV §E.4.3.3, §E.4.3.4]. */
export function screenFrameSize(frame: Uint8Array): PictureSize | undefined {
  const reader = new BitReader(frame);
  reader.skip(4); // BlockWidth
  const width = reader.bits(12);
  reader.skip(4); // BlockHeight
  const height = reader.bits(12);
  return reader.failed ? undefined : pictureSize(width, height);
}
