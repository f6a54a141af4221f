/**
 * Formats of tracks of pictures.
 *
 * @module
 */
import { parseAvcConfig } from "../media/codecs/avc_config.ts";
import { codecString } from "../media/describe/codec_string.ts";
import { avcParameterSets } from "./parameter_sets.ts";
import { type FormatResult, VIDEO_TIMESCALE } from "./track_format.ts";

/**
 * The format of an H.264 track.
 *
 * @param record AVCDecoderConfigurationRecord; copied
 */
export function avcFormat(record: Uint8Array): FormatResult {
  const config = parseAvcConfig(record);
  const exact = codecString("avc", record);
  if (config?.width === undefined || config.height === undefined || exact === undefined) {
    return damaged("H.264", record);
  }
  if (avcParameterSets(record) === undefined) {
    return { problem: "The configuration of H.264 lacks a sequence or picture parameter set" };
  }
  const nalLength = (record[4]! & 3) + 1;
  if (nalLength === 3) {
    return { problem: "The configuration of H.264 says that sizes of NAL units have 3 bytes" };
  }
  return {
    format: {
      kind: "video",
      codec: "avc",
      codecString: exact,
      config: record.slice(),
      timescale: VIDEO_TIMESCALE,
      width: config.width,
      height: config.height,
      ...(config.frameRate !== undefined && { frameRate: config.frameRate }),
      nalLength,
    },
  };
}

/** A configuration that cannot be read. */
function damaged(codec: string, record: Uint8Array): FormatResult {
  return { problem: `The configuration of ${codec} is damaged (${record.length} bytes)` };
}
