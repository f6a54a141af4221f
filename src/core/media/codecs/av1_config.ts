/**
 * The sequence header of AV1 [AV1 in ISOBMFF §2.3.3], [AV1 §5.5].
 *
 * @module
 */
import { BitReader } from "../fields/bits.ts";
import { hdrOf, type HdrTransfer } from "../fields/colour.ts";
import { pictureSize } from "../fields/picture_size.ts";
import { plausibleFrameRate } from "../fields/plausible.ts";

/** What an AV1CodecConfigurationRecord says. */
export interface Av1Config {
  /** Name of the profile, `undefined` for a reserved one. */
  readonly profile?: string;
  /** Level, such as `4.0`; missing when the encoder sets no bounds. */
  readonly level?: string;
  /** Bits of a sample. */
  readonly bitDepth: number;
  /** Pixels; missing when the record has no sequence header. */
  readonly width?: number;
  /** Pixels; missing when the record has no sequence header. */
  readonly height?: number;
  /** Frames per second, when they are constant and the sequence header says so. */
  readonly frameRate?: number;
  /** The transfer function, when the sequence header names one of high dynamic range. */
  readonly hdr?: HdrTransfer;
  /** Colours, when the sequence header has them: primaries, transfer, matrix [H.273], full range. */
  readonly colours?: readonly [number, number, number, number];
}

/** Marker bit and version 1. */
const MARKER_AND_VERSION = 0x81;

/** Bytes before the open bitstream units. */
const FIXED_LENGTH = 4;

/** obu_type of a sequence header. */
const OBU_SEQUENCE_HEADER = 1;

/** Most units looked at; the sequence header must be the first. */
const MAX_UNITS = 8;

/** seq_level_idx that says: any level. */
const MAXIMUM_LEVEL = 31;

const PROFILES = ["Main", "High", "Professional"];

/** Reads an AV1CodecConfigurationRecord; `undefined` when it is none or damaged. */
export function parseAv1Config(record: Uint8Array): Av1Config | undefined {
  if (record.length < FIXED_LENGTH || record[0] !== MARKER_AND_VERSION) return undefined;
  const level = record[1]! & 0x1f;
  const depth = record[2]!;
  const config = {
    profile: PROFILES[record[1]! >> 5],
    level: level === MAXIMUM_LEVEL ? undefined : `${2 + (level >> 2)}.${level & 3}`,
    bitDepth: (depth & 0x40) === 0 ? 8 : (depth & 0x20) === 0 ? 10 : 12,
  };
  if (record.length === FIXED_LENGTH) return config;
  const header = findSequenceHeader(record.subarray(FIXED_LENGTH));
  const sequence = header && parseSequenceHeader(header);
  return sequence === undefined ? undefined : { ...config, ...sequence };
}

function findSequenceHeader(units: Uint8Array): Uint8Array | undefined {
  let at = 0;
  for (let count = 0; count < MAX_UNITS && at < units.length; count++) {
    const header = units[at]!;
    at += (header & 4) === 0 ? 1 : 2; // obu_extension_flag
    let length = units.length - at;
    if ((header & 2) !== 0) { // obu_has_size_field: leb128
      length = 0;
      for (let index = 0; index < 4; index++) {
        const byte = units[at++];
        if (byte === undefined) return undefined;
        length += (byte & 0x7f) << (7 * index);
        if ((byte & 0x80) === 0) break;
      }
    }
    if (at + length > units.length) return undefined;
    if (((header >> 3) & 15) === OBU_SEQUENCE_HEADER) return units.subarray(at, at + length);
    at += length;
  }
  return undefined;
}

/** sequence_header_obu up to the colours [AV1 §5.5.1]. */
function parseSequenceHeader(unit: Uint8Array) {
  const reader = new BitReader(unit);
  const profile = reader.bits(3);
  reader.skip(1); // still_picture
  let frameRate: number | undefined;
  const reduced = reader.flag(); // reduced_still_picture_header
  if (reduced) reader.skip(5); // seq_level_idx
  else frameRate = readOperatingPoints(reader);
  const [widthBits, heightBits] = [reader.bits(4) + 1, reader.bits(4) + 1];
  const size = pictureSize(reader.bits(widthBits) + 1, reader.bits(heightBits) + 1);
  if (reader.failed || size === undefined) return undefined;
  skipTools(reader, reduced);
  const colours = readColours(reader, profile);
  // A header that ends behind its size is still good for that.
  if (reader.failed || colours === undefined) return { ...size, frameRate };
  const hdr = hdrOf(colours[1]);
  return { ...size, frameRate, colours, ...(hdr !== undefined && { hdr }) };
}

/** From frame_id_numbers_present_flag to enable_restoration. */
function skipTools(reader: BitReader, reduced: boolean): void {
  if (!reduced && reader.flag()) reader.skip(4 + 3); // lengths of frame ids
  reader.skip(3); // superblock size, filter intra, intra edge filter
  if (!reduced) {
    reader.skip(4); // interintra and masked compound, warped motion, dual filter
    const orderHint = reader.flag();
    if (orderHint) reader.skip(2);
    // seq_choose_screen_content_tools: the frames say, else one flag does.
    const screenContent = reader.flag() || reader.flag();
    if (screenContent && !reader.flag()) reader.skip(1); // integer motion vectors
    if (orderHint) reader.skip(3);
  }
  reader.skip(3); // superres, cdef, restoration
}

/** color_config up to color_range [AV1 §5.5.2]; `undefined` when the colours are not told. */
function readColours(
  reader: BitReader,
  profile: number,
): [number, number, number, number] | undefined {
  const high = reader.flag();
  if (profile === 2 && high) reader.skip(1); // twelve_bit
  if (profile !== 1) reader.skip(1); // mono_chrome
  if (!reader.flag()) return undefined;
  const [primaries, transfer, matrix] = [reader.bits(8), reader.bits(8), reader.bits(8)];
  // RGB as computers have it is always of full range.
  const isRgb = primaries === 1 && transfer === 13 && matrix === 0;
  return [primaries, transfer, matrix, isRgb ? 1 : reader.bit()];
}

/** From timing_info_present_flag to the last operating point; returns the frame rate. */
function readOperatingPoints(reader: BitReader): number | undefined {
  let frameRate: number | undefined;
  let delayBits = 0;
  if (reader.flag()) {
    const unitsInTick = reader.bits(32);
    const timeScale = reader.bits(32);
    if (reader.flag()) frameRate = plausibleFrameRate(timeScale / unitsInTick / (reader.ue() + 1));
    if (reader.flag()) { // decoder_model_info
      delayBits = reader.bits(5) + 1;
      reader.skip(32 + 5 + 5);
    }
  }
  const displayDelay = reader.flag();
  const points = reader.bits(5) + 1;
  for (let point = 0; point < points; point++) {
    reader.skip(12); // operating_point_idc
    if (reader.bits(5) > 7) reader.skip(1); // seq_level_idx, seq_tier
    if (delayBits > 0 && reader.flag()) reader.skip(2 * delayBits + 1);
    if (displayDelay && reader.flag()) reader.skip(4);
  }
  return frameRate;
}
