/**
 * The sequence parameter set of H.264 [H.264 §7.3.2.1.1, §E.1.1].
 *
 * @module
 */
import { BitReader, removeEmulationPrevention } from "../fields/bits.ts";
import { type PictureSize, pictureSize } from "../fields/picture_size.ts";
import { plausibleFrameRate } from "../fields/plausible.ts";
import { readVideoSignal, type VideoSignal } from "./vui.ts";

/** What a sequence parameter set says. */
export interface AvcSps extends VideoSignal {
  /** profile_idc. */
  readonly profileIdc: number;
  /** The byte behind it: constraint_set0_flag is bit 7. */
  readonly constraints: number;
  /** level_idc. */
  readonly levelIdc: number;
  /** Pixels, behind cropping. */
  readonly width: number;
  /** Pixels, behind cropping. */
  readonly height: number;
  /** Frames per second, when it says. */
  readonly frameRate?: number;
  /** Bits of a luma sample. */
  readonly bitDepth: number;
}

/** nal_unit_type of a sequence parameter set. */
const NAL_SPS = 7;

/** Profiles whose sets tell the chroma format and scaling lists [H.264 §7.3.2.1.1]. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Most reference frames of a picture order count cycle [H.264 §7.4.2.1.1]. */
const MAX_POC_CYCLE = 255;

/** Reads the set in a NAL unit, header included; `undefined` when it is none or damaged. */
export function parseAvcSps(nal: Uint8Array): AvcSps | undefined {
  if (nal.length < 4 || (nal[0]! & 0x1f) !== NAL_SPS) return undefined;
  const reader = new BitReader(removeEmulationPrevention(nal.subarray(1)));
  const profileIdc = reader.bits(8);
  const constraints = reader.bits(8);
  const levelIdc = reader.bits(8);
  reader.ue(); // seq_parameter_set_id
  const { chroma, bitDepth } = HIGH_PROFILES.has(profileIdc)
    ? readChroma(reader)
    : { chroma: 1, bitDepth: 8 };
  if (!skipPictureOrder(reader)) return undefined;
  const size = readSize(reader, chroma);
  if (reader.failed || size === undefined) return undefined;
  // A set that ends inside its usability information is still good for its size.
  const usability = reader.flag() ? readUsability(reader) : {};
  return { profileIdc, constraints, levelIdc, ...size, bitDepth, ...usability };
}

/** The members of the high profiles; `chroma` is ChromaArrayType. */
function readChroma(reader: BitReader): { chroma: number; bitDepth: number } {
  const format = reader.ue();
  const separatePlanes = format === 3 && reader.flag();
  const bitDepth = reader.ue() + 8;
  reader.ue(); // bit_depth_chroma_minus8
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) {
    const lists = format === 3 ? 12 : 8;
    for (let list = 0; list < lists; list++) {
      if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return { chroma: separatePlanes ? 0 : format, bitDepth };
}

/** [H.264 §7.3.2.1.1.1] */
function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  for (let index = 0; index < size; index++) {
    const next = (last + reader.se() + 256) % 256;
    if (next === 0 || reader.failed) return;
    last = next;
  }
}

/** From log2_max_frame_num_minus4 up to the size; `false` when it cannot be right. */
function skipPictureOrder(reader: BitReader): boolean {
  reader.ue(); // log2_max_frame_num_minus4
  const type = reader.ue();
  if (type === 0) {
    reader.ue(); // log2_max_pic_order_cnt_lsb_minus4
  } else if (type === 1) {
    reader.skip(1); // delta_pic_order_always_zero_flag
    reader.se(); // offset_for_non_ref_pic
    reader.se(); // offset_for_top_to_bottom_field
    const frames = reader.ue();
    if (frames > MAX_POC_CYCLE) return false;
    for (let frame = 0; frame < frames; frame++) reader.se();
  }
  reader.ue(); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  return true;
}

/** Size in pixels behind cropping [H.264 §7.4.2.1.1]. */
function readSize(reader: BitReader, chroma: number): PictureSize | undefined {
  const widthInMbs = reader.ue() + 1;
  const heightInMapUnits = reader.ue() + 1;
  // A map unit of an interlaced stream is a pair of macroblocks, one of each field.
  const fields = reader.flag() ? 1 : 2;
  if (fields === 2) reader.skip(1); // mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  let [left, right, top, bottom] = [0, 0, 0, 0];
  if (reader.flag()) {
    [left, right, top, bottom] = [reader.ue(), reader.ue(), reader.ue(), reader.ue()];
  }
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * fields;
  return pictureSize(
    widthInMbs * 16 - (left + right) * unitX,
    heightInMapUnits * 16 * fields - (top + bottom) * unitY,
  );
}

/** The usability information up to its timing [H.264 §E.1.1]. */
function readUsability(reader: BitReader): VideoSignal & { frameRate?: number } {
  const signal = readVideoSignal(reader);
  if (!reader.flag()) return signal;
  const unitsInTick = reader.bits(32);
  const timeScale = reader.bits(32);
  // A tick is a field, also when there are none.
  const frameRate = reader.failed ? undefined : plausibleFrameRate(timeScale / unitsInTick / 2);
  return { ...signal, frameRate };
}
