/**
 * The sequence parameter set of H.265 [H.265 §7.3.2.2, §E.2.1].
 *
 * @module
 */
import { BitReader, removeEmulationPrevention } from "../fields/bits.ts";
import { pictureSize } from "../fields/picture_size.ts";
import { plausibleFrameRate } from "../fields/plausible.ts";
import { readVideoSignal, type VideoSignal } from "./vui.ts";

/** What a sequence parameter set says. */
export interface HevcSps extends VideoSignal {
  /** Pixels, behind cropping. */
  readonly width: number;
  /** Pixels, behind cropping. */
  readonly height: number;
  /** Frames per second, when it says. */
  readonly frameRate?: number;
}

/** nal_unit_type of a sequence parameter set. */
export const NAL_SPS = 33;

/** Most short-term reference picture sets, and long-term reference pictures [H.265 §7.4.3.2.1]. */
const MAX_SHORT_TERM_SETS = 64;
const MAX_LONG_TERM = 32;

/** Most pictures of a reference picture set: as many as the decoded picture buffer holds. */
const MAX_DELTAS = 16;

/** Reads the set in a NAL unit, header included; `undefined` when it is none or damaged. */
export function parseHevcSps(nal: Uint8Array): HevcSps | undefined {
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
  const size = pictureSize(
    codedWidth - (left + right) * unitX,
    codedHeight - (top + bottom) * unitY,
  );
  // A set that ends behind its size is still good for that.
  return size && { ...size, ...readUsability(reader, subLayers) };
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

/** From the bit depths to the timing in the usability information. */
function readUsability(reader: BitReader, subLayers: number) {
  reader.ue(); // bit_depth_luma_minus8
  reader.ue(); // bit_depth_chroma_minus8
  const orderBits = reader.ue() + 4;
  for (let layer = reader.flag() ? 0 : subLayers; layer <= subLayers; layer++) {
    for (let count = 0; count < 3; count++) reader.ue(); // buffering, reorder, latency
  }
  for (let count = 0; count < 6; count++) reader.ue(); // block sizes and hierarchy depths
  if (reader.flag() && reader.flag()) skipScalingLists(reader);
  reader.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (reader.flag()) { // pcm_enabled_flag
    reader.skip(4 + 4);
    reader.ue();
    reader.ue();
    reader.skip(1);
  }
  if (!skipShortTermSets(reader)) return {};
  if (reader.flag()) { // long_term_ref_pics_present_flag
    const pictures = reader.ue();
    if (pictures > MAX_LONG_TERM) return {};
    reader.skip(pictures * (orderBits + 1));
  }
  reader.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  if (!reader.flag()) return {};
  const signal = readVideoSignal(reader);
  reader.skip(3); // neutral chroma, field sequence, frame or field information
  if (reader.flag()) { for (let edge = 0; edge < 4; edge++) reader.ue(); } // display window
  let frameRate: number | undefined;
  if (reader.flag()) {
    const unitsInTick = reader.bits(32);
    const timeScale = reader.bits(32);
    if (!reader.failed) frameRate = plausibleFrameRate(timeScale / unitsInTick);
  }
  return { ...(frameRate !== undefined && { frameRate }), ...signal };
}

/** [H.265 §7.3.4] */
function skipScalingLists(reader: BitReader): void {
  for (let size = 0; size < 4; size++) {
    // Of the largest size there is one list for luma of intra pictures, and one of inter pictures.
    const step = size === 3 ? 3 : 1;
    for (let matrix = 0; matrix < 6; matrix += step) {
      if (reader.failed) return;
      if (!reader.flag()) {
        reader.ue(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (size > 1) reader.se(); // scaling_list_dc_coef_minus8
      const coefficients = Math.min(64, 1 << (4 + (size << 1)));
      for (let index = 0; index < coefficients; index++) reader.se();
    }
  }
}

/** [H.265 §7.3.7]; `false` when the sets cannot be right. */
function skipShortTermSets(reader: BitReader): boolean {
  const sets = reader.ue();
  if (sets > MAX_SHORT_TERM_SETS) return false;
  let deltas = 0;
  for (let set = 0; set < sets; set++) {
    if (set > 0 && reader.flag()) { // inter_ref_pic_set_prediction_flag
      reader.skip(1); // delta_rps_sign
      reader.ue(); // abs_delta_rps_minus1
      let kept = 0;
      for (let index = 0; index <= deltas; index++) {
        // used_by_curr_pic_flag, else use_delta_flag
        if (reader.flag() || reader.flag()) kept++;
      }
      deltas = kept;
    } else {
      deltas = reader.ue() + reader.ue();
      if (deltas > MAX_DELTAS) return false;
      for (let index = 0; index < deltas; index++) {
        reader.ue(); // delta_poc_minus1
        reader.skip(1); // used_by_curr_pic_flag
      }
    }
    if (deltas > MAX_DELTAS || reader.failed) return false;
  }
  return true;
}
