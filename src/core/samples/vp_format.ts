/**
 * Formats of tracks of VP8 and VP9, whose key frames tell the size of the picture
 * [VP Codec ISO Media File Format Binding §2].
 *
 * @module
 */
import { BitReader } from "../media/fields/bits.ts";
import { parseVpConfig, vpConfigStart } from "../media/codecs/vp_config.ts";
import { vp8FrameSize, vp9FrameSize } from "../media/codecs/vp_frame.ts";
import type { FormatResult } from "./track_format.ts";
import { videoFormat } from "./video_format.ts";

/** Bytes of a record without initialization data, which VP8 and VP9 have none of. */
const RECORD_LENGTH = 8;

/** Colours that are not told [H.273]. */
const UNSPECIFIED = 2;

/** Luma samples of a picture up to which a level goes, and ten times the level [VP9 levels]. */
const LEVELS = [
  ...[[36_864, 10], [73_728, 11], [122_880, 20], [245_760, 21], [552_960, 30]] as const,
  ...[[983_040, 31], [2_228_224, 40], [8_912_896, 50], [35_651_584, 60]] as const,
];
const HIGHEST_LEVEL = 62;

/**
 * The format of a track.
 *
 * @param config VPCodecConfigurationRecord, if one was sent, alone or as a full box
 * @param frame a key frame
 */
export function vpFormat(
  codec: "vp8" | "vp9",
  config: Uint8Array | undefined,
  frame: Uint8Array,
): FormatResult {
  const size = codec === "vp8" ? vp8FrameSize(frame) : vp9FrameSize(frame);
  if (size === undefined) {
    return { problem: `A key frame of ${codec} has no size that can be read` };
  }
  const record = config === undefined ? undefined : recordOf(config);
  const known = record ?? (codec === "vp8" ? vp8Record(size) : vp9Record(frame, size));
  const colours = [known[3]!, known[4]!, known[5]!, known[2]! & 1] as const;
  const told = colours[0] !== UNSPECIFIED || colours[1] !== UNSPECIFIED ||
    colours[2] !== UNSPECIFIED;
  return { format: videoFormat(codec, known, told ? { ...size, colours } : size, 0) };
}

function recordOf(config: Uint8Array): Uint8Array | undefined {
  if (parseVpConfig(config) === undefined) return undefined;
  const start = vpConfigStart(config);
  const record = config.slice(start, start + RECORD_LENGTH);
  record[6] = record[7] = 0;
  return record;
}

function vp8Record(size: Size): Uint8Array {
  return record(0, size, 8, 1, false, UNSPECIFIED);
}

/** [VP9 §6.2], from the beginning up to the colours. */
function vp9Record(frame: Uint8Array, size: Size): Uint8Array {
  const reader = new BitReader(frame);
  reader.skip(2);
  const profile = reader.bit() + 2 * reader.bit();
  if (profile === 3) reader.skip(1);
  reader.skip(4 + 24); // existing, type, shown, resilient; sync code
  const bitDepth = profile < 2 ? 8 : reader.flag() ? 12 : 10;
  const space = reader.bits(3);
  const isRgb = space === 7;
  const full = isRgb || reader.flag();
  const odd = profile === 1 || profile === 3;
  // Half as wide and high, or as the profile says; subsampling 2 is 4:2:2, 3 is 4:4:4.
  const [x, y] = odd && !isRgb ? [reader.bit(), reader.bit()] : odd ? [0, 0] : [1, 1];
  const chroma = x === 0 ? 3 : y === 0 ? 2 : 1;
  return record(profile, size, bitDepth, chroma, full, MATRICES[space]!);
}

/** matrixCoefficients by color_space of VP9: unknown, BT.601, 709, SMPTE 170 and 240, 2020, -, RGB. */
const MATRICES = [UNSPECIFIED, 5, 1, 6, 7, 9, UNSPECIFIED, 0];

interface Size {
  readonly width: number;
  readonly height: number;
}

function record(
  profile: number,
  { width, height }: Size,
  bitDepth: number,
  chroma: number,
  full: boolean,
  matrix: number,
): Uint8Array {
  const level = LEVELS.find(([samples]) => width * height <= samples)?.[1] ?? HIGHEST_LEVEL;
  // Primaries and transfer function go with the matrix where they have the same numbers.
  const same = matrix === 1 || matrix === 6 || matrix === 7 ? matrix : UNSPECIFIED;
  const range = full ? 1 : 0;
  return Uint8Array.of(
    profile,
    level,
    bitDepth << 4 | chroma << 1 | range,
    same,
    same,
    matrix,
    0,
    0,
  );
}
