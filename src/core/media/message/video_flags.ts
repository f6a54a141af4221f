/**
 * Classifies video messages by their first bytes.
 *
 * @module
 */
import {
  findFourCc,
  isEnhancedCommand,
  NOT_FOUND,
  packetTypeAt,
  skipModEx,
  Tracks,
  tracksAt,
} from "../enhanced/packet_header.ts";
import { MediaFlag } from "./flags.ts";
import {
  AVC_HEADER_LENGTH,
  AvcPacketType,
  VideoCodecId,
  VideoFrameType,
  VideoPacketType,
} from "../flv_tag.ts";

/**
 * The {@linkcode MediaFlag}s of a video message; 0 when it is empty, cut short or of an unknown kind.
 * A message of several tracks is judged by what all its tracks carry.
 *
 * @param payload the message body
 */
export function videoFlags(payload: Uint8Array): number {
  if (payload.length === 0) return 0;
  const first = payload[0]!;
  if (first >= 0x80) return enhancedFlags(payload, (first >> 4) & 7);
  const frameType = first >> 4;
  // A command has no packet type: one byte says start or end [FLV §E.4.3].
  if (frameType === VideoFrameType.Command) return MediaFlag.Command;
  if (payload.length === 1) return 0;
  const codec = first & 15;
  if (
    codec !== VideoCodecId.Avc && codec !== VideoCodecId.Hevc && codec !== VideoCodecId.Av1
  ) return frameFlags(frameType);
  switch (payload[1]) {
    case AvcPacketType.SequenceHeader:
      // Without a configuration it would only push out the one that is known.
      return payload.length > AVC_HEADER_LENGTH ? MediaFlag.SequenceHeader : 0;
    case AvcPacketType.Coded:
      return frameFlags(frameType);
    case AvcPacketType.EndOfSequence:
      return MediaFlag.EndOfSequence;
    default:
      return 0;
  }
}

/** [E-RTMP v2 "Enhanced Video"] */
function enhancedFlags(payload: Uint8Array, frameType: number): number {
  const start = skipModEx(payload);
  if (start === NOT_FOUND) return 0;
  if (isEnhancedCommand(payload, frameType, start)) return MediaFlag.Command;
  const place = findFourCc(payload, start, VideoPacketType.Multitrack);
  if (place === NOT_FOUND) return 0;
  const flags = packetFlags(packetTypeAt(place), frameType);
  return tracksAt(place) === Tracks.Single ? flags : flags | MediaFlag.Multitrack;
}

function packetFlags(packetType: number, frameType: number): number {
  switch (packetType) {
    case VideoPacketType.SequenceStart:
    case VideoPacketType.Mpeg2TsSequenceStart:
      return MediaFlag.SequenceHeader;
    case VideoPacketType.CodedFrames:
    case VideoPacketType.CodedFramesX:
      return frameFlags(frameType);
    case VideoPacketType.SequenceEnd:
      return MediaFlag.EndOfSequence;
    case VideoPacketType.Metadata:
      return MediaFlag.Presentation;
    default:
      return 0;
  }
}

function frameFlags(frameType: number): number {
  if (frameType === VideoFrameType.Key) return MediaFlag.Key;
  return frameType === VideoFrameType.Disposable ? MediaFlag.Disposable : 0;
}
