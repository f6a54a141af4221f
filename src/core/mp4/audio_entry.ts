/**
 * Sample entries of sound [ISO/IEC 14496-12 §12.2.3].
 *
 * @module
 */
import { joined } from "../bytes/join.ts";
import { LOWEST_MPEG1_RATE } from "../samples/mpeg_audio.ts";
import type { AudioTrackFormat } from "../samples/track_format.ts";
import { box, type Bytes, fullBox, u16, u24, u32, u8, zeros } from "./box.ts";
import { esds, OBJECT_MPEG1_AUDIO, OBJECT_MPEG2_AUDIO, OBJECT_MPEG4_AUDIO } from "./descriptors.ts";

/** Highest rate that a sample entry holds. */
const MAX_RATE = 65_535;

/** The sample entry of a track. `bitrate` is bits per second, 0 if it is not known. */
export function audioEntry(format: AudioTrackFormat, bitrate: number): Uint8Array {
  const { config } = format;
  switch (format.codec) {
    case "aac":
      return entry("mp4a", format, esds(OBJECT_MPEG4_AUDIO, config, bitrate));
    case "mp3": {
      const isMpeg1 = format.sampleRate >= LOWEST_MPEG1_RATE;
      const objectType = isMpeg1 ? OBJECT_MPEG1_AUDIO : OBJECT_MPEG2_AUDIO;
      return entry("mp4a", format, esds(objectType, config, bitrate));
    }
    case "opus":
      return entry("Opus", format, box("dOps", opusSpecific(config)), bitRates(bitrate));
    case "flac":
      return entry("fLaC", format, flacSpecific(config), bitRates(bitrate));
    case "ac3":
      return entry("ac-3", format, box("dac3", config), bitRates(bitrate));
    case "eac3":
      return entry("ec-3", format, box("dec3", config), bitRates(bitrate));
  }
}

function bitRates(bitrate: number): Uint8Array {
  return bitrate > 0 ? box("btrt", u32(0), u32(bitrate), u32(bitrate)) : new Uint8Array();
}

/**
 * The identification header as a file has it: without its name, of version 0, and its numbers the other
 * way round [Opus in ISOBMFF §4.3.2].
 */
function opusSpecific(head: Uint8Array): Uint8Array {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return joined([
    u8(0),
    u8(head[9]!), // channels
    u16(view.getUint16(10, true)), // pre-skip
    u32(view.getUint32(12, true)), // sample rate of what was recorded
    u16(view.getInt16(16, true)), // gain
    head.subarray(18), // mapping family and table
  ]);
}

/** STREAMINFO as the last metadata block, which is block type 0 [FLAC in ISOBMFF §3.3.2]. */
function flacSpecific(info: Uint8Array): Uint8Array {
  return fullBox("dfLa", 0, 0, u8(0x80), u24(info.length), info);
}

function entry(type: string, format: AudioTrackFormat, ...boxes: readonly Bytes[]): Uint8Array {
  const { channels, bitDepth = 16 } = format;
  return box(
    type,
    zeros(6),
    u16(1), // data_reference_index
    zeros(8),
    u16(channels),
    u16(bitDepth),
    u32(0),
    // With 16 bits behind the point.
    u16(entryRate(format)),
    u16(0),
    ...boxes,
  );
}

/** A rate that does not fit is told by the configuration; of FLAC its half or quarter is here. */
function entryRate({ codec, sampleRate }: AudioTrackFormat): number {
  if (sampleRate <= MAX_RATE) return sampleRate;
  if (codec !== "flac") return 0;
  let rate = sampleRate;
  while (rate > MAX_RATE && rate % 2 === 0) rate /= 2;
  return rate > MAX_RATE ? 0 : rate;
}
