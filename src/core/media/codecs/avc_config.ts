/**
 * The sequence header of H.264 [ISO/IEC 14496-15 §5.3.3.1].
 *
 * @module
 */
import { parseAvcSps } from "./avc_sps.ts";
import type { VideoSignal } from "./vui.ts";

/** What an AVCDecoderConfigurationRecord says. */
export interface AvcConfig extends VideoSignal {
  /** Name of the profile, `undefined` for one that has none here. */
  readonly profile?: string;
  /** Level, such as `4.0` or `1b`. */
  readonly level: string;
  /** Pixels, behind cropping; missing when the record has no parameter set. */
  readonly width?: number;
  /** Pixels, behind cropping; missing when the record has no parameter set. */
  readonly height?: number;
  /** Frames per second, when the parameter set says. */
  readonly frameRate?: number;
  /** Bits of a luma sample; missing when the record has no parameter set. */
  readonly bitDepth?: number;
}

/** Bytes before the first sequence parameter set's length. */
const FIXED_LENGTH = 6;

/** constraint_set1_flag and constraint_set3_flag. */
const SET1 = 0x40;
const SET3 = 0x10;

/** profile_idc of the profiles before High. */
const BASELINE = 66;
const MAIN = 77;
const EXTENDED = 88;

/** Names of the other profiles [H.264 §A.2]. */
const PROFILES: ReadonlyMap<number, string> = new Map([
  [MAIN, "Main"],
  [EXTENDED, "Extended"],
  [100, "High"],
  [110, "High 10"],
  [122, "High 4:2:2"],
  [244, "High 4:4:4 Predictive"],
  [44, "CAVLC 4:4:4 Intra"],
  [118, "Multiview High"],
  [128, "Stereo High"],
]);

/** Profiles that constraint_set3_flag turns into an intra profile. */
const WITH_INTRA = new Set([110, 122, 244]);

/**
 * Reads an AVCDecoderConfigurationRecord and the first sequence parameter set in it; `undefined` when
 * it is none or damaged. Its reserved bits are not looked at: encoders get them wrong.
 */
export function parseAvcConfig(record: Uint8Array): AvcConfig | undefined {
  if (record.length < FIXED_LENGTH || record[0] !== 1) return undefined;
  const sets = record[5]! & 0x1f;
  if (sets === 0) return named(record[1]!, record[2]!, record[3]!);
  const start = FIXED_LENGTH + 2;
  const length = ((record[FIXED_LENGTH] ?? 0) << 8) + (record[FIXED_LENGTH + 1] ?? 0);
  if (start + length > record.length) return undefined;
  const sps = parseAvcSps(record.subarray(start, start + length));
  if (sps === undefined) return undefined;
  const { profileIdc, constraints, levelIdc, ...rest } = sps;
  return { ...named(profileIdc, constraints, levelIdc), ...rest };
}

function named(profileIdc: number, constraints: number, levelIdc: number) {
  return {
    profile: profileName(profileIdc, constraints),
    level: levelName(profileIdc, constraints, levelIdc),
  };
}

function profileName(profileIdc: number, constraints: number): string | undefined {
  if (profileIdc === BASELINE) {
    return (constraints & SET1) !== 0 ? "Constrained Baseline" : "Baseline";
  }
  const name = PROFILES.get(profileIdc);
  const intra = WITH_INTRA.has(profileIdc) && (constraints & SET3) !== 0;
  return intra ? (profileIdc === 244 ? "High 4:4:4 Intra" : `${name} Intra`) : name;
}

/** Level 1b is number 9, but 11 with a flag in the profiles that are older than it [H.264 §A.3.1]. */
function levelName(profileIdc: number, constraints: number, levelIdc: number): string {
  const old = profileIdc === BASELINE || profileIdc === MAIN || profileIdc === EXTENDED;
  if (old ? levelIdc === 11 && (constraints & SET3) !== 0 : levelIdc === 9) return "1b";
  return `${Math.floor(levelIdc / 10)}.${levelIdc % 10}`;
}
