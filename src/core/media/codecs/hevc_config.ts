/**
 * The sequence header of H.265 [ISO/IEC 14496-15 §8.3.3.1], [H.265 §7.3.2.2].
 *
 * @module
 */
import { NAL_SPS, parseHevcSps } from "./hevc_sps.ts";
import { plausibleFrameRate } from "../fields/plausible.ts";
import type { VideoSignal } from "./vui.ts";

/** What an HEVCDecoderConfigurationRecord says. */
export interface HevcConfig extends VideoSignal {
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
  /** Frames per second, when the record or its parameter set says. */
  readonly frameRate?: number;
}

/** Bytes before the first array of NAL units. */
const FIXED_LENGTH = 23;

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
  // avgFrameRate, in frames per 256 seconds; most encoders leave it at 0.
  const frameRate = plausibleFrameRate(((record[19]! << 8) + record[20]!) / 256);
  const known = { ...config, ...(frameRate !== undefined && { frameRate }) };
  const nal = findSps(record);
  if (nal === "damaged") return undefined;
  if (nal === undefined) return known;
  const sps = parseHevcSps(nal);
  return sps === undefined ? undefined : { ...known, ...sps };
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
