/**
 * Formats of tracks of pictures whose configuration says all there is to know.
 *
 * @module
 */
import { parseAv1Config } from "../media/codecs/av1_config.ts";
import { parseAvcConfig } from "../media/codecs/avc_config.ts";
import { codecString } from "../media/describe/codec_string.ts";
import { parseHevcConfig } from "../media/codecs/hevc_config.ts";
import { avcParameterSets, hevcArrays } from "./parameter_sets.ts";
import {
  type Colours,
  type FormatResult,
  type SampleVideoCodec,
  VIDEO_TIMESCALE,
  type VideoTrackFormat,
} from "./track_format.ts";

/** Where the size of the sizes of NAL units is in a record, in the last two bits. */
const AVC_LENGTH_AT = 4;
const HEVC_LENGTH_AT = 21;

/** array_completeness of an array of H.265: all sets of this kind are in the record. */
const COMPLETE = 0x80;

/** What the configuration of a codec says of its pictures. */
interface PictureConfig {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly frameRate?: number | undefined;
  readonly pixelAspect?: readonly [number, number] | undefined;
  readonly colours?: readonly [number, number, number, number] | undefined;
}

/**
 * The format of an H.264 track. Some encoders send H.265 as H.264, for servers that know no other: its
 * record is taken for what it is.
 *
 * @param record AVCDecoderConfigurationRecord; copied
 */
export function avcFormat(record: Uint8Array): FormatResult {
  const config = parseAvcConfig(record);
  if (config?.width === undefined) {
    const hevc = hevcFormat(record);
    return hevc.format === undefined ? damaged("H.264", record) : hevc;
  }
  if (avcParameterSets(record) === undefined) return lacksSets("H.264");
  return ofNalUnits("avc", record.slice(), config, record[AVC_LENGTH_AT]!);
}

/**
 * The format of an H.265 track.
 *
 * @param record HEVCDecoderConfigurationRecord; copied
 */
export function hevcFormat(record: Uint8Array): FormatResult {
  const config = parseHevcConfig(record);
  if (config === undefined) return damaged("H.265", record);
  const arrays = hevcArrays(record);
  if (arrays === undefined || config.width === undefined) return lacksSets("H.265");
  // The sample entry hvc1 promises that no parameter set comes but in the record.
  const complete = record.slice();
  for (const { at } of arrays) complete[at]! |= COMPLETE;
  return ofNalUnits("hevc", complete, config, record[HEVC_LENGTH_AT]!);
}

/**
 * The format of an AV1 track.
 *
 * @param record AV1CodecConfigurationRecord; copied
 */
export function av1Format(record: Uint8Array): FormatResult {
  const config = parseAv1Config(record);
  if (config === undefined) return damaged("AV1", record);
  if (config.width === undefined) {
    return { problem: "The configuration of AV1 has no sequence header that can be read" };
  }
  return { format: videoFormat("av1", record.slice(), config, 0) };
}

/** The format of any codec. `width` and `height` of the configuration have to be there. */
export function videoFormat(
  codec: SampleVideoCodec,
  config: Uint8Array,
  { width, height, frameRate, pixelAspect, colours }: PictureConfig,
  nalLength: number,
): VideoTrackFormat {
  return {
    kind: "video",
    codec,
    codecString: codecString(codec, config) ?? codec,
    config,
    timescale: VIDEO_TIMESCALE,
    width: width!,
    height: height!,
    ...(frameRate !== undefined && { frameRate }),
    nalLength,
    ...(pixelAspect !== undefined && { pixelAspect }),
    ...(colours !== undefined && { colours: coloursOf(colours) }),
  };
}

function ofNalUnits(
  codec: "avc" | "hevc",
  record: Uint8Array,
  config: PictureConfig,
  lengths: number,
): FormatResult {
  const nalLength = (lengths & 3) + 1;
  if (nalLength === 3) {
    return { problem: `The configuration of ${codec} says that sizes of NAL units have 3 bytes` };
  }
  return { format: videoFormat(codec, record, config, nalLength) };
}

function coloursOf([primaries, transfer, matrix, range]: readonly number[]): Colours {
  return { primaries: primaries!, transfer: transfer!, matrix: matrix!, fullRange: range === 1 };
}

function damaged(codec: string, record: Uint8Array): FormatResult {
  return { problem: `The configuration of ${codec} is damaged (${record.length} bytes)` };
}

function lacksSets(codec: string): FormatResult {
  return { problem: `The configuration of ${codec} lacks parameter sets` };
}
