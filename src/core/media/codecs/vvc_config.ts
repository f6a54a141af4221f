/**
 * The sequence header of H.266 [ISO/IEC 14496-15 §11.2.4.2]. It tells what there is to know itself, so
 * that no parameter set is read.
 *
 * @module
 */
import { BitReader } from "../fields/bits.ts";
import { pictureSize } from "../fields/picture_size.ts";
import { plausibleFrameRate } from "../fields/plausible.ts";

/** What a VvcDecoderConfigurationRecord says. Members are missing when it has no profile record. */
export interface VvcConfig {
  /** Name of the profile, `undefined` for one that has none here. */
  readonly profile?: string;
  /** Level, such as `5.1`. */
  readonly level?: string;
  /** Bits of a sample. */
  readonly bitDepth?: number;
  /** Pixels of the largest picture. */
  readonly width?: number;
  /** Pixels of the largest picture. */
  readonly height?: number;
  /** Frames per second on average, when it says. */
  readonly frameRate?: number;
  /** Profile, tier, level and constraints, as RFC 6381 has them behind `vvc1.`. */
  readonly codecs?: string;
}

/** general_profile_idc [H.266 §A.3]. */
const PROFILES: ReadonlyMap<number, string> = new Map([
  [1, "Main 10"],
  [17, "Multilayer Main 10"],
  [33, "Main 10 4:4:4"],
  [49, "Multilayer Main 10 4:4:4"],
  [65, "Main 10 Still Picture"],
  [97, "Main 10 4:4:4 Still Picture"],
]);

/** The five bits that a record begins with; before them may be the header of a full box, zeros. */
const RESERVED = 0xf8;
const FULL_BOX_HEADER = 4;

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Reads a VvcDecoderConfigurationRecord; `undefined` when it is none or damaged. */
export function parseVvcConfig(bytes: Uint8Array): VvcConfig | undefined {
  const isFull = bytes.length > FULL_BOX_HEADER &&
    bytes.subarray(0, FULL_BOX_HEADER).every((byte) => byte === 0);
  const record = isFull ? bytes.subarray(FULL_BOX_HEADER) : bytes;
  if (record.length === 0 || (record[0]! & RESERVED) !== RESERVED) return undefined;
  const reader = new BitReader(record);
  reader.skip(5 + 2); // reserved, LengthSizeMinusOne
  if (!reader.flag()) return {}; // ptl_present_flag
  reader.skip(9); // ols_idx
  const subLayers = reader.bits(3);
  reader.skip(2 + 2); // constant_frame_rate, chroma_format_idc
  const bitDepth = reader.bits(3) + 8;
  reader.skip(5 + 2);
  const constraintBytes = reader.bits(6);
  const profile = reader.bits(7);
  const tier = reader.bit();
  const level = reader.bits(8);
  // The two flags before general_constraint_info are counted among its bytes.
  const constraints: number[] = [];
  for (let index = 0; index < constraintBytes; index++) constraints.push(reader.bits(8));
  let levels = 0;
  for (let layer = 0; layer < subLayers - 1; layer++) levels += reader.bit();
  reader.align();
  reader.skip(8 * levels);
  reader.skip(32 * reader.bits(8)); // general_sub_profile_idc
  const size = pictureSize(reader.bits(16), reader.bits(16));
  const frameRate = plausibleFrameRate(reader.bits(16) / 256);
  if (reader.failed || size === undefined) return undefined;
  return {
    profile: PROFILES.get(profile),
    level: `${level >> 4}.${Math.floor((level & 15) / 3)}`,
    bitDepth,
    ...size,
    frameRate,
    codecs: `${profile}.${tier === 1 ? "H" : "L"}${level}${constraintsText(constraints)}`,
  };
}

/** The constraints in base 32 without zeros at the end [ISO/IEC 14496-15 §E.6]. */
function constraintsText(constraints: readonly number[]): string {
  let { length } = constraints;
  while (length > 0 && constraints[length - 1] === 0) length--;
  if (length === 0) return "";
  let text = "";
  let value = 0;
  let bits = 0;
  for (const byte of constraints.slice(0, length)) {
    value = value << 8 | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32[value >> (bits - 5) & 31];
    value &= (1 << bits) - 1;
  }
  if (bits > 0) text += BASE32[value << (5 - bits) & 31];
  return `.C${text}`;
}
