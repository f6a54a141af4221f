/**
 * The parameter sets inside decoder configuration records of H.264 and H.265
 * [ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1].
 *
 * @module
 */

/** Bytes before the first set. */
const AVC_SETS_AT = 5;
const HEVC_ARRAYS_AT = 22;

/** nal_unit_type of the parameter sets of H.265: video, sequence, picture. */
const HEVC_VPS = 32;
const HEVC_SPS = 33;
const HEVC_PPS = 34;

/** Most sets: the counts of H.264 go up to 31 and 255, those of H.265 further. */
const MAX_SETS = 286;

/**
 * The sequence and picture parameter sets of an AVCDecoderConfigurationRecord, in their order, as
 * views; `undefined` when the record is cut short or lacks one of either kind.
 */
export function avcParameterSets(record: Uint8Array): Uint8Array[] | undefined {
  const sets: Uint8Array[] = [];
  let at = AVC_SETS_AT;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[at++] ?? 0) & mask;
    if (count === 0) return undefined;
    for (let index = 0; index < count; index++) {
      const set = sized(record, at);
      if (set === undefined) return undefined;
      sets.push(set);
      at += 2 + set.length;
    }
  }
  return sets;
}

/** The sets of one kind in an HEVCDecoderConfigurationRecord. */
export interface HevcArray {
  /** Where the byte is that says whether all sets of the kind are here, and which kind it is. */
  readonly at: number;
  /** nal_unit_type */
  readonly type: number;
  readonly units: readonly Uint8Array[];
}

/**
 * The arrays of an HEVCDecoderConfigurationRecord, as views; `undefined` when the record is cut short or
 * lacks a video, sequence or picture parameter set.
 */
export function hevcArrays(record: Uint8Array): HevcArray[] | undefined {
  const arrays: HevcArray[] = [];
  const count = record[HEVC_ARRAYS_AT] ?? 0;
  let at = HEVC_ARRAYS_AT + 1;
  let sets = 0;
  for (let index = 0; index < count; index++) {
    const start = at;
    const units: Uint8Array[] = [];
    const length = ((record[at + 1] ?? 0) << 8) + (record[at + 2] ?? 0);
    at += 3;
    for (let unit = 0; unit < length; unit++) {
      const set = sized(record, at);
      if (set === undefined || ++sets > MAX_SETS) return undefined;
      units.push(set);
      at += 2 + set.length;
    }
    arrays.push({ at: start, type: (record[start] ?? 0) & 0x3f, units });
  }
  const has = (type: number) =>
    arrays.some((array) => array.type === type && array.units.length > 0);
  return has(HEVC_VPS) && has(HEVC_SPS) && has(HEVC_PPS) ? arrays : undefined;
}

/** The unit behind its 16-bit size; `undefined` when it is empty or not all there. */
function sized(record: Uint8Array, at: number): Uint8Array | undefined {
  if (at + 2 > record.length) return undefined;
  const length = (record[at]! << 8) + record[at + 1]!;
  const end = at + 2 + length;
  return length === 0 || end > record.length ? undefined : record.subarray(at + 2, end);
}
