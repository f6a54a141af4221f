/**
 * Classifies video messages by their first bytes.
 *
 * @module
 */
import { findFourCc, NOT_FOUND, packetTypeAt, skipModEx } from "./enhanced.ts";
import { MediaFlag } from "./flags.ts";
import {
  AVC_HEADER_LENGTH,
  AvcPacketType,
  VideoCodecId,
  VideoFrameType,
  VideoPacketType,
} from "./flv_tag.ts";

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
  // Metadata comes before commands: FFmpeg sends it with the frame type of a command.
  if (packetTypeAt(start) === VideoPacketType.Metadata) return 0;
  if (frameType === VideoFrameType.Command) return MediaFlag.Command;
  const place = findFourCc(payload, start, VideoPacketType.Multitrack);
  if (place === NOT_FOUND) return 0;
  switch (packetTypeAt(place)) {
    case VideoPacketType.SequenceStart:
    case VideoPacketType.Mpeg2TsSequenceStart:
      return MediaFlag.SequenceHeader;
    case VideoPacketType.CodedFrames:
    case VideoPacketType.CodedFramesX:
      return frameFlags(frameType);
    case VideoPacketType.SequenceEnd:
      return MediaFlag.EndOfSequence;
    default:
      return 0;
  }
}

function frameFlags(frameType: number): number {
  if (frameType === VideoFrameType.Key) return MediaFlag.Key;
  return frameType === VideoFrameType.Disposable ? MediaFlag.Disposable : 0;
}
