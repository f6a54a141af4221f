/**
 * The codec of a message as one number, the same in every form that it is sent in: to see where a
 * publisher changes it.
 *
 * @module
 */
import { findFourCc, NOT_FOUND, offsetAt, skipModEx } from "../enhanced/packet_header.ts";
import { AudioPacketType, SoundFormat, VideoCodecId, VideoPacketType } from "../flv_tag.ts";
import { FourCc, readFourCc } from "../four_cc.ts";

/** The key of a message that names no codec: it is empty, cut short or a command. */
export const NO_CODEC = 0;

/** Of video without Enhanced RTMP. */
const VIDEO_IDS: readonly number[] = Array.from({ length: 16 }, (_, id) => {
  if (id === VideoCodecId.Avc) return FourCc.Avc;
  if (id === VideoCodecId.Hevc) return FourCc.Hevc;
  return id === VideoCodecId.Av1 ? FourCc.Av1 : id;
});

/** Of audio without Enhanced RTMP. The first format is 0, and is a codec. */
const AUDIO_FORMATS: readonly number[] = Array.from({ length: 16 }, (_, format) => {
  if (format === SoundFormat.Aac) return FourCc.Aac;
  if (format === SoundFormat.Mp3 || format === SoundFormat.Mp3At8k) return FourCc.Mp3;
  return format === SoundFormat.Opus ? FourCc.Opus : format + 1;
});

/**
 * The FourCC of a video message, that of AVC, HEVC and AV1 also where they have a codec id; the id of
 * other codecs that have one; {@linkcode NO_CODEC} without any. Of several tracks it is the first's.
 */
export function videoCodecKey(payload: Uint8Array): number {
  if (payload.length < 2) return NO_CODEC;
  if (payload[0]! < 0x80) return payload[0]! >> 4 === 5 ? NO_CODEC : VIDEO_IDS[payload[0]! & 15]!;
  return enhancedKey(payload, VideoPacketType.Multitrack);
}

/** The same of an audio message; codecs without a FourCC have the sound format and 1. */
export function audioCodecKey(payload: Uint8Array): number {
  if (payload.length < 2) return NO_CODEC;
  const format = payload[0]! >> 4;
  if (format !== SoundFormat.Enhanced) return AUDIO_FORMATS[format]!;
  return enhancedKey(payload, AudioPacketType.Multitrack);
}

function enhancedKey(payload: Uint8Array, multitrack: number): number {
  const start = skipModEx(payload);
  const place = start === NOT_FOUND ? NOT_FOUND : findFourCc(payload, start, multitrack);
  return place === NOT_FOUND ? NO_CODEC : readFourCc(payload, offsetAt(place));
}
