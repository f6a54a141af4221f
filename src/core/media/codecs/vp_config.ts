/**
 * The configuration record of VP8 and VP9. It has no picture size, which is in the key frames.
 *
 * @module
 */

/** What a VPCodecConfigurationRecord says. */
export interface VpConfig {
  /** Name of the profile, such as `Profile 0`. */
  readonly profile: string;
  /** Level, such as `3.1`; missing when it is not known. */
  readonly level?: string;
  /** Bits of a sample. */
  readonly bitDepth: number;
  /** The transfer function, when it is one of high dynamic range. */
  readonly hdr?: HdrTransfer;
}

import { hdrOf, type HdrTransfer } from "../fields/colour.ts";

/** Version 1 and no flags: some encoders send the record as the full box it is in MP4. */
const FULL_BOX_HEADER = [1, 0, 0, 0];

/**
 * Reads a VPCodecConfigurationRecord, alone or as a full box; `undefined` when it is none
 * [VP Codec ISO Media File Format Binding §2.2].
 */
export function parseVpConfig(record: Uint8Array): VpConfig | undefined {
  const start = vpConfigStart(record);
  if (record.length < start + 8) return undefined;
  const profile = record[start]!;
  const level = record[start + 1]!;
  const bitDepth = record[start + 2]! >> 4;
  if (profile > 3 || (bitDepth !== 8 && bitDepth !== 10 && bitDepth !== 12)) return undefined;
  const hdr = hdrOf(record[start + 4]);
  return {
    profile: `Profile ${profile}`,
    level: level < 10 ? undefined : `${Math.floor(level / 10)}.${level % 10}`,
    bitDepth,
    ...(hdr !== undefined && { hdr }),
  };
}

/** Where the record begins, behind the header of the full box if there is one. */
export function vpConfigStart(record: Uint8Array): number {
  const full = FULL_BOX_HEADER.every((byte, index) => record[index] === byte);
  return full ? FULL_BOX_HEADER.length : 0;
}
