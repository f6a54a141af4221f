/**
 * Formats of tracks for tests, from configurations that real encoders made.
 *
 * @module
 */
import { FormatFinder } from "../../../src/core/samples/format_finder.ts";
import { FourCc } from "../../../src/core/media/mod.ts";
import type {
  AudioTrackFormat,
  TrackFormat,
  VideoTrackFormat,
} from "../../../src/core/samples/mod.ts";
import { VIDEO_HEADER } from "../../support/media.ts";
import { mediaVectors } from "../media/vectors.ts";

const FOUR_CCS = {
  ...{ avc: FourCc.Avc, hevc: FourCc.Hevc, av1: FourCc.Av1 },
  ...{ aac: FourCc.Aac, opus: FourCc.Opus, flac: FourCc.Flac },
} as const;

/** The format of a configuration; fails where there is none. */
export function formatOf(codec: keyof typeof FOUR_CCS, config: Uint8Array): TrackFormat {
  const kind = codec === "avc" || codec === "hevc" || codec === "av1" ? "video" : "audio";
  const result = new FormatFinder(kind).onConfig(FOUR_CCS[codec], config);
  if (result?.format === undefined) throw new Error(result?.problem);
  return result.format;
}

/** H.264 of 320x240 from x264: one parameter set of either kind. */
export const AVC = formatOf("avc", VIDEO_HEADER.subarray(5)) as VideoTrackFormat;

/** H.265 from x265. */
export const HEVC = formatOf("hevc", mediaVectorBytes("hevc")) as VideoTrackFormat;

/** AAC LC at 44.1 kHz with two channels. */
export const AAC_LC = formatOf("aac", Uint8Array.of(0x12, 0x10)) as AudioTrackFormat;

function mediaVectorBytes(file: string): Uint8Array {
  const { hex } = mediaVectors<{ hex: string }>(file, 1)[0]!;
  return Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
}
