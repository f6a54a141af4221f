/**
 * The sequence header of H.265 [ISO/IEC 14496-15 §8.3.3.1], [H.265 §7.3.2.2].
 *
 * @module
 */
import { BitReader, removeEmulationPrevention } from "./bits.ts";
import { type PictureSize, pictureSize } from "./picture_size.ts";

/** What an HEVCDecoderConfigurationRecord says. */
export interface HevcConfig {
  /** Name of the profile, `undefined` for one that has none here. */
  readonly profile?: string;
  /** Level, such as `5.1`. */
  readonly level: string;
  /** Bits of a luma sample. */
  readonly bitDepth: number;
  /** Pixels, behind cropping; missing when the record has no parameter set. */
  readonly width?: number;
  /** Pixels, behind cropping; missing when the record has no parameter set. */
  readonly height?: number;
}

/** Bytes before the first array of NAL units. */
const FIXED_LENGTH = 23;

/** nal_unit_type of a sequence parameter set. */
const NAL_SPS = 33;

/** Most NAL units looked at. There are three kinds, and one of each as a rule. */
const MAX_UNITS = 64;

/** general_profile_idc [H.265 §A.3]. */
const PROFILES: ReadonlyMap<number, string> = new Map([
  [1, "Main"],
  [2, "Main 10"],
  [3, "Main Still Picture"],
  [4, "Rext"],
  [5, "High Throughput"],
  [9, "Screen Content"],
]);

/** Reads an HEVCDecoderConfigurationRecord; `undefined` when it is none or damaged. */
export function parseHevcConfig(record: Uint8Array): HevcConfig | undefined {
  if (record.length < FIXED_LENGTH || record[0] !== 1) return undefined;
  const levelIdc = record[12]!;
  const config = {
    profile: PROFILES.get(record[1]! & 0x1f),
    level: `${Math.floor(levelIdc / 30)}.${Math.floor(levelIdc % 30 / 3)}`,
    bitDepth: (record[17]! & 7) + 8,
  };
  const sps = findSps(record);
  if (sps === "damaged") return undefined;
  if (sps === undefined) return config;
  const size = parseSps(sps);
  return size === undefined ? undefined : { ...config, ...size };
}

function findSps(record: Uint8Array): Uint8Array | "damaged" | undefined {
  let at = FIXED_LENGTH;
  let units = 0;
  for (let array = 0; array < record[22]!; array++) {
    if (at + 3 > record.length) return "damaged";
    const type = record[at]! & 0x3f;
    const count = (record[at + 1]! << 8) + record[at + 2]!;
    at += 3;
    for (let unit = 0; unit < count; unit++) {
      if (++units > MAX_UNITS || at + 2 > record.length) return "damaged";
      const end = at + 2 + (record[at]! << 8) + record[at + 1]!;
      if (end > record.length) return "damaged";
      if (type === NAL_SPS) return record.subarray(at + 2, end);
      at = end;
    }
  }
  return undefined;
}

/** Up to the conformance window. */
function parseSps(nal: Uint8Array): PictureSize | undefined {
  if (nal.length < 2 || ((nal[0]! >> 1) & 0x3f) !== NAL_SPS) return undefined;
  const reader = new BitReader(removeEmulationPrevention(nal.subarray(2)));
  reader.skip(4); // sps_video_parameter_set_id
  const subLayers = reader.bits(3);
  reader.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(reader, subLayers);
  reader.ue(); // sps_seq_parameter_set_id
  const format = reader.ue();
  const chroma = format === 3 && reader.flag() ? 0 : format;
  const [codedWidth, codedHeight] = [reader.ue(), reader.ue()];
  let [left, right, top, bottom] = [0, 0, 0, 0];
  if (reader.flag()) {
    [left, right, top, bottom] = [reader.ue(), reader.ue(), reader.ue(), reader.ue()];
  }
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = chroma === 1 ? 2 : 1;
  if (reader.failed) return undefined;
  return pictureSize(
    codedWidth - (left + right) * unitX,
    codedHeight - (top + bottom) * unitY,
  );
}

/**
 * [H.265 §7.3.3]
 *
 * @param subLayers sps_max_sub_layers_minus1
 */
function skipProfileTierLevel(reader: BitReader, subLayers: number): void {
  const profileBits = 88;
  const levelBits = 8;
  reader.skip(profileBits + levelBits);
  let bits = 0;
  for (let layer = 0; layer < subLayers; layer++) {
    if (reader.flag()) bits += profileBits;
    if (reader.flag()) bits += levelBits;
  }
  // With any sub-layer the flags are padded to eight pairs.
  if (subLayers > 0) reader.skip((8 - subLayers) * 2);
  reader.skip(bits);
}
