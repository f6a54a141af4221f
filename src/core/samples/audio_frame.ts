/**
 * How long a message of sound lasts, by what is in it.
 *
 * @module
 */
import { BitReader } from "../media/fields/bits.ts";
import { dolbySamples } from "./dolby.ts";
import { mp3Samples } from "./mpeg_audio.ts";
import type { AudioTrackFormat } from "./track_format.ts";

/** Samples at 48 kHz of an Opus frame, by the low bits of its configuration [RFC 6716 §3.1]. */
const SILK = [480, 960, 1920, 2880];
const HYBRID = [480, 960];
const CELT = [120, 240, 480, 960];

/** Longest Opus packet: 120 ms [RFC 6716 §3.2.5]. */
const MAX_OPUS = 5760;

/** Samples by block size code of FLAC, 0 where the header tells them apart [RFC 9639 §9.1.1]. */
const FLAC_BLOCKS = [
  ...[0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768],
];

/** Ticks of a message, `undefined` when it is damaged. */
export function audioFrameTicks(format: AudioTrackFormat, frame: Uint8Array): number | undefined {
  if (format.frameTicks !== undefined) return format.frameTicks;
  switch (format.codec) {
    case "opus":
      return opusSamples(frame);
    case "flac":
      return flacSamples(frame);
    case "mp3":
      return mp3Samples(frame);
    default:
      return dolbySamples(frame);
  }
}

/** Samples of an Opus packet [RFC 6716 §3.1, §3.2]. */
export function opusSamples(packet: Uint8Array): number | undefined {
  const toc = packet[0];
  if (toc === undefined) return undefined;
  const config = toc >> 3;
  const frame = config < 12
    ? SILK[config & 3]!
    : config < 16
    ? HYBRID[config & 1]!
    : CELT[config & 3]!;
  const code = toc & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 63;
  const samples = frame * count;
  return samples === 0 || samples > MAX_OPUS ? undefined : samples;
}

/** Samples of a FLAC frame [RFC 9639 §9.1]. */
export function flacSamples(frame: Uint8Array): number | undefined {
  if (frame.length < 6 || frame[0] !== 0xff || (frame[1]! & 0xfe) !== 0xf8) return undefined;
  const code = frame[2]! >> 4;
  if (code !== 6 && code !== 7) return FLAC_BLOCKS[code] || undefined;
  // Behind the number of the frame or sample, which is coded as characters of UTF-8 are.
  const lead = Math.clz32(~(frame[4]! << 24));
  const reader = new BitReader(frame.subarray(4 + Math.max(1, lead)));
  const samples = reader.bits(code === 6 ? 8 : 16) + 1;
  return reader.failed ? undefined : samples;
}
