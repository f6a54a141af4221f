/**
 * Names of codecs with their profiles and levels, as the `codecs` parameter of media types has them
 * [RFC 6381], [ISO/IEC 14496-15 Annex E], [AV1 in ISOBMFF §5], [VP Codec ISO Media File Format Binding].
 *
 * @module
 */
import { hex } from "../../bytes/hex.ts";
import { parseAacConfig } from "../codecs/aac_config.ts";
import { type Av1Config, parseAv1Config } from "../codecs/av1_config.ts";
import { parseAvcConfig } from "../codecs/avc_config.ts";
import { parseHevcConfig } from "../codecs/hevc_config.ts";
import { parseVpConfig, vpConfigStart } from "../codecs/vp_config.ts";
import { parseVvcConfig } from "../codecs/vvc_config.ts";

/** Of codecs that have no profiles, or whose profiles are in their sequence headers. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ["avc", "avc1"],
  ["hevc", "hvc1"],
  ["vvc", "vvc1"],
  ["av1", "av01"],
  ["vp8", "vp08"],
  ["vp9", "vp09"],
  ["aac", "mp4a.40"],
  ["opus", "opus"],
  ["flac", "flac"],
  ["ac3", "ac-3"],
  ["eac3", "ec-3"],
  ["mp3", "mp3"],
]);

/** The codec alone, as far as its name tells; `undefined` of one that has no such name. */
export function plainCodecString(codec: string): string | undefined {
  return PLAIN.get(codec);
}

/**
 * The codec with what its sequence header tells; `undefined` when that is damaged, or tells nothing.
 *
 * @param codec short name
 * @param record the decoder configuration in the header
 */
export function codecString(codec: string, record: Uint8Array): string | undefined {
  switch (codec) {
    case "avc":
      return parseAvcConfig(record) && `avc1.${hex(record.subarray(1, 4))}`;
    case "hevc":
      return parseHevcConfig(record) && `hvc1.${hevc(record)}`;
    case "vvc": {
      const codecs = parseVvcConfig(record)?.codecs;
      return codecs && `vvc1.${codecs}`;
    }
    case "av1": {
      const config = parseAv1Config(record);
      return config && `av01.${av1(record, config)}`;
    }
    case "vp8":
    case "vp9": {
      const config = parseVpConfig(record);
      const start = vpConfigStart(record);
      return config && [
        codec === "vp8" ? "vp08" : "vp09",
        ...[record[start]!, record[start + 1]!, config.bitDepth].map(twoDigits),
      ].join(".");
    }
    case "aac": {
      const config = parseAacConfig(record);
      return config && `mp4a.40.${config.signalledType}`;
    }
    default:
      return undefined;
  }
}

/** Profile space and profile, compatibility, tier and level, constraints without zeros at the end. */
function hevc(record: Uint8Array): string {
  const space = ["", "A", "B", "C"][record[1]! >> 6]!;
  const profile = record[1]! & 0x1f;
  const tier = (record[1]! & 0x20) !== 0 ? "H" : "L";
  let compatibility = 0;
  for (let bit = 0; bit < 32; bit++) {
    // The first flag is the lowest bit.
    if ((record[2 + (bit >> 3)]! >> (7 - (bit & 7)) & 1) !== 0) compatibility += 2 ** bit;
  }
  let end = 12;
  while (end > 6 && record[end - 1] === 0) end--;
  const constraints = [...record.subarray(6, end)].map((byte) => byte.toString(16).toUpperCase());
  return [
    `${space}${profile}`,
    compatibility.toString(16).toUpperCase(),
    `${tier}${record[12]!}`,
    ...constraints,
  ].join(".");
}

/**
 * Profile, level and tier, bit depth; when the colours are told also these, behind whether there is
 * luma only, and how chroma is sampled and sited.
 */
function av1(record: Uint8Array, { bitDepth, colours }: Av1Config): string {
  const flags = record[2]!;
  const tier = (flags & 0x80) !== 0 ? "H" : "M";
  const level = twoDigits(record[1]! & 0x1f);
  const exact = `${record[1]! >> 5}.${level}${tier}.${twoDigits(bitDepth)}`;
  if (colours === undefined) return exact;
  const bit = (shift: number) => flags >> shift & 1;
  const chroma = `${bit(4)}.${bit(3)}${bit(2)}${flags & 3}`;
  const [primaries, transfer, matrix, range] = colours;
  return `${exact}.${chroma}.${[primaries, transfer, matrix].map(twoDigits).join(".")}.${range}`;
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, "0");
}
