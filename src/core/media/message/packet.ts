/**
 * Opens audio and video messages: which codec, what kind of packet, and where its bytes are.
 *
 * @module
 */
import {
  audioCodecOfFormat,
  audioCodecOfFourCc,
  videoCodecOfFourCc,
  videoCodecOfId,
} from "../codecs/codec_names.ts";
import {
  findFourCc,
  isEnhancedCommand,
  NOT_FOUND,
  offsetAt,
  packetTypeAt,
  skipModEx,
  Tracks,
  tracksAt,
} from "../enhanced/packet_header.ts";
import {
  AAC_HEADER_LENGTH,
  AacPacketType,
  AudioPacketType,
  AVC_HEADER_LENGTH,
  AvcPacketType,
  SoundFormat,
  VideoCodecId,
  VideoFrameType,
  VideoPacketType,
} from "../flv_tag.ts";
import { FOURCC_LENGTH } from "../four_cc.ts";
import { opusHeadAt } from "../codecs/opus.ts";

/**
 * The AV1 video descriptor of an MPEG2TSSequenceStart [AV1 in MPEG-2 TS §2.2.2]: behind its tag and its
 * length it begins like the configuration record.
 */
const AV1_DESCRIPTOR_TAG = 0x80;
const AV1_DESCRIPTOR_HEADER = 2;

/** A message taken apart; of several tracks the first. */
export interface MediaPacket {
  /** Short name of the codec. */
  readonly codec: string;
  /** `config` is a decoder configuration, `frame` coded media, `other` neither. */
  readonly kind: "config" | "frame" | "other";
  /** What is behind the tag header, of AVC, HEVC and VVC frames with a composition time or without. */
  readonly body: Uint8Array;
}

/** Opens a video message; `undefined` when it has no codec: it is empty, cut short or a command. */
export function openVideo(payload: Uint8Array): MediaPacket | undefined {
  const first = payload[0];
  if (first === undefined) return undefined;
  const frameType = (first >> 4) & 7;
  if (first >= 0x80) {
    const start = skipModEx(payload);
    if (start === NOT_FOUND || isEnhancedCommand(payload, frameType, start)) return undefined;
    const place = findFourCc(payload, start, VideoPacketType.Multitrack);
    return place === NOT_FOUND ? undefined : openEnhanced(payload, place, videoCodecOfFourCc, [
      VideoPacketType.CodedFrames,
      VideoPacketType.CodedFramesX,
    ]);
  }
  if (frameType === VideoFrameType.Command) return undefined;
  const id = first & 15;
  const codec = videoCodecOfId(id);
  if (id !== VideoCodecId.Avc && id !== VideoCodecId.Hevc && id !== VideoCodecId.Av1) {
    return { codec, kind: "frame", body: payload.subarray(1) };
  }
  const kind = payload[1] === AvcPacketType.SequenceHeader
    ? "config"
    : payload[1] === AvcPacketType.Coded
    ? "frame"
    : "other";
  return { codec, kind, body: payload.subarray(AVC_HEADER_LENGTH) };
}

/** Opens an audio message; `undefined` when it has no codec: it is empty or cut short. */
export function openAudio(payload: Uint8Array): MediaPacket | undefined {
  const first = payload[0];
  if (first === undefined) return undefined;
  const format = first >> 4;
  if (format === SoundFormat.Enhanced) {
    const start = skipModEx(payload);
    if (start === NOT_FOUND) return undefined;
    const place = findFourCc(payload, start, AudioPacketType.Multitrack);
    return place === NOT_FOUND
      ? undefined
      : openEnhanced(payload, place, audioCodecOfFourCc, [AudioPacketType.CodedFrames]);
  }
  const codec = audioCodecOfFormat(format);
  const opusHead = format === SoundFormat.Opus ? opusHeadAt(payload) : 0;
  if (opusHead > 0) return { codec, kind: "config", body: payload.subarray(opusHead) };
  if (format !== SoundFormat.Aac) return { codec, kind: "frame", body: payload.subarray(1) };
  const kind = payload[1] === AacPacketType.SequenceHeader
    ? "config"
    : payload[1] === AacPacketType.Raw
    ? "frame"
    : "other";
  return { codec, kind, body: payload.subarray(AAC_HEADER_LENGTH) };
}

/** @param place of the FourCC */
function openEnhanced(
  payload: Uint8Array,
  place: number,
  codecOf: (fourCc: string) => string,
  coded: readonly number[],
): MediaPacket {
  let at = offsetAt(place);
  const codec = codecOf(String.fromCharCode(...payload.subarray(at, at + FOURCC_LENGTH)));
  at += FOURCC_LENGTH;
  let end = payload.length;
  const tracks = tracksAt(place);
  if (tracks !== Tracks.Single) at += 1; // track id
  if (tracks === Tracks.ManyTracks || tracks === Tracks.ManyTracksManyCodecs) {
    const size = ((payload[at] ?? 0) << 16) + ((payload[at + 1] ?? 0) << 8) +
      (payload[at + 2] ?? 0);
    at += 3;
    end = Math.min(end, at + size);
  }
  const type = packetTypeAt(place);
  // Of audio 5 is multitrack, which has been opened.
  if (type === VideoPacketType.Mpeg2TsSequenceStart && payload[at] === AV1_DESCRIPTOR_TAG) {
    return { codec, kind: "config", body: payload.subarray(at + AV1_DESCRIPTOR_HEADER, end) };
  }
  // Both kinds of media begin with 0, the sequence start.
  const kind = type === VideoPacketType.SequenceStart
    ? "config"
    : coded.includes(type)
    ? "frame"
    : "other";
  return { codec, kind, body: payload.subarray(at, end) };
}
