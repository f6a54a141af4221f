/**
 * Sample entries of sound [ISO/IEC 14496-12 §12.2.3].
 *
 * @module
 */
import type { AudioTrackFormat } from "../samples/track_format.ts";
import { box, type Bytes, u16, u32, zeros } from "./box.ts";
import { esds, OBJECT_MPEG4_AUDIO } from "./descriptors.ts";

/** The sample entry of a track. `bitrate` is bits per second, 0 if it is not known. */
export function audioEntry(format: AudioTrackFormat, bitrate: number): Uint8Array {
  const { config } = format;
  switch (format.codec) {
    case "aac":
      return entry("mp4a", format, esds(OBJECT_MPEG4_AUDIO, config, bitrate));
    default:
      return entry("", format);
  }
}

function entry(type: string, format: AudioTrackFormat, ...boxes: readonly Bytes[]): Uint8Array {
  const { sampleRate, channels, bitDepth = 16 } = format;
  return box(
    type,
    zeros(6),
    u16(1), // data_reference_index
    zeros(8),
    u16(channels),
    u16(bitDepth),
    u32(0),
    // With 16 bits behind the point; a rate that does not fit is told by the configuration alone.
    u16(sampleRate > 65_535 ? 0 : sampleRate),
    u16(0),
    ...boxes,
  );
}
