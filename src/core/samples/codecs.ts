/**
 * From a decoder configuration, or a frame of a codec that has none, to the format of a track.
 *
 * @module
 */
import {
  audioCodecOfFourCc,
  UNKNOWN_CODEC,
  videoCodecOfFourCc,
} from "../media/codecs/codec_names.ts";
import { FourCc, fourCcText } from "../media/four_cc.ts";
import { aacFormat } from "./audio_format.ts";
import type { FormatResult } from "./track_format.ts";
import { avcFormat } from "./video_format.ts";

/** Lowest FourCC; numbers below it are ids of codecs that have none. */
const FIRST_FOUR_CC = 0x20_00_00_00;

/**
 * The format that a configuration stands for.
 *
 * @param codec FourCC as a number, one of `FourCc`
 * @param config what follows the header of the sequence header message; copied
 */
export function formatOfConfig(
  kind: "audio" | "video",
  codec: number,
  config: Uint8Array,
): FormatResult {
  switch (codec) {
    case FourCc.Avc:
      return avcFormat(config);
    case FourCc.Aac:
      return aacFormat(config);
    default:
      return { problem: `${codecName(kind, codec)} cannot be held by this container` };
  }
}

/** A name for people: the short one of the codec, else its number. */
export function codecName(kind: "audio" | "video", codec: number): string {
  const text = fourCcText(codec);
  const name = kind === "video" ? videoCodecOfFourCc(text) : audioCodecOfFourCc(text);
  if (name !== UNKNOWN_CODEC) return name;
  return codec < FIRST_FOUR_CC ? `Codec ${codec}` : JSON.stringify(text);
}
