/**
 * Sample entries of pictures [ISO/IEC 14496-12 §12.1.3].
 *
 * @module
 */
import type { SampleVideoCodec, VideoTrackFormat } from "../samples/track_format.ts";
import { ascii, box, type Bytes, fixed16, fullBox, u16, u32, u8, zeros } from "./box.ts";

/** Pixels of an inch, which nobody looks at. */
const RESOLUTION = 72;

/** Pictures without alpha. */
const DEPTH = 0x18;

/** Most that the 16 bits of width and height hold. */
const MAX_SIZE = 65_535;

/**
 * The sample entry and its configuration box, of some codecs with a version [ISO/IEC 14496-15 §5.4, §8.4],
 * [AV1 in ISOBMFF §2], [VP Codec ISO Media File Format Binding §2].
 */
const ENTRIES: Readonly<
  Record<SampleVideoCodec, readonly [type: string, config: string, version?: number]>
> = {
  avc: ["avc1", "avcC"],
  hevc: ["hvc1", "hvcC"],
  av1: ["av01", "av1C"],
  vp8: ["vp08", "vpcC", 1],
  vp9: ["vp09", "vpcC", 1],
};

/** The sample entry of a track. `bitrate` is bits per second, 0 if it is not known. */
export function videoEntry(format: VideoTrackFormat, bitrate: number): Uint8Array {
  const { config, pixelAspect, colours } = format;
  const extras: Uint8Array[] = [];
  if (colours !== undefined) {
    extras.push(box(
      "colr",
      ...[ascii("nclx"), u16(colours.primaries), u16(colours.transfer), u16(colours.matrix)],
      u8(colours.fullRange ? 128 : 0),
    ));
  }
  if (pixelAspect !== undefined) {
    extras.push(box("pasp", u32(pixelAspect[0]), u32(pixelAspect[1])));
  }
  if (bitrate > 0) extras.push(box("btrt", u32(0), u32(bitrate), u32(bitrate)));
  const [type, configType, version] = ENTRIES[format.codec];
  const record = version === undefined
    ? box(configType, config)
    : fullBox(configType, version, 0, config);
  return entry(type, format, record, ...extras);
}

function entry(type: string, { width, height }: VideoTrackFormat, ...boxes: readonly Bytes[]) {
  return box(
    type,
    zeros(6),
    u16(1), // data_reference_index
    zeros(16),
    u16(Math.min(width, MAX_SIZE)),
    u16(Math.min(height, MAX_SIZE)),
    fixed16(RESOLUTION),
    fixed16(RESOLUTION),
    u32(0),
    u16(1), // frame_count
    zeros(32), // compressorname
    u16(DEPTH),
    u16(0xffff),
    ...boxes,
  );
}
