/**
 * Classifies audio messages by their first bytes.
 *
 * @module
 */
import {
  findFourCc,
  NOT_FOUND,
  packetTypeAt,
  skipModEx,
  Tracks,
  tracksAt,
} from "../enhanced/packet_header.ts";
import { MediaFlag } from "./flags.ts";
import { opusHeadAt } from "../codecs/opus.ts";
import { AAC_HEADER_LENGTH, AacPacketType, AudioPacketType, SoundFormat } from "../flv_tag.ts";

/**
 * The {@linkcode MediaFlag}s of an audio message; 0 of coded frames and of a message that is empty, cut
 * short or of an unknown kind.
 *
 * @param payload the message body
 */
export function audioFlags(payload: Uint8Array): number {
  if (payload.length < 2) return 0;
  const format = payload[0]! >> 4;
  if (format === SoundFormat.Aac) {
    // Some encoders first send a header without a configuration, which no decoder can use.
    return payload[1] === AacPacketType.SequenceHeader && payload.length > AAC_HEADER_LENGTH
      ? MediaFlag.SequenceHeader
      : 0;
  }
  if (format === SoundFormat.Enhanced) return enhancedFlags(payload);
  return format === SoundFormat.Opus && opusHeadAt(payload) > 0 ? MediaFlag.SequenceHeader : 0;
}

/** [E-RTMP v2 "Enhanced Audio"]. AC-3 has a SequenceStart with nothing in it, and it is one. */
function enhancedFlags(payload: Uint8Array): number {
  const start = skipModEx(payload);
  if (start === NOT_FOUND) return 0;
  const place = findFourCc(payload, start, AudioPacketType.Multitrack);
  if (place === NOT_FOUND) return 0;
  const flags = packetFlags(packetTypeAt(place));
  return tracksAt(place) === Tracks.Single ? flags : flags | MediaFlag.Multitrack;
}

function packetFlags(packetType: number): number {
  switch (packetType) {
    case AudioPacketType.SequenceStart:
      return MediaFlag.SequenceHeader;
    case AudioPacketType.SequenceEnd:
      return MediaFlag.EndOfSequence;
    case AudioPacketType.MultichannelConfig:
      return MediaFlag.Presentation;
    default:
      return 0;
  }
}
