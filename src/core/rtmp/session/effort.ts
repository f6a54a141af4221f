/**
 * What messages cost to take, so that a peer can be held to a rate of work, not only of bytes.
 *
 * @module
 */
import { MOD_EX } from "../../media/enhanced/packet_header.ts";
import { EnhancedReader } from "../../media/enhanced/reader.ts";
import { AudioPacketType, SoundFormat, VideoPacketType } from "../../media/flv_tag.ts";
import { MessageType } from "../message/types.ts";

/** What a command costs however short it is: it is decoded, carried out and answered. */
export const COMMAND_EFFORT = 20;

/** What a request costs besides that somebody else decides, in turns and threads of its own. */
export const DECISION_EFFORT = 100;

/** What it costs to tell one receiver of something: a message in its queue, and a write. */
export const RECEIVER_EFFORT = 4;

/**
 * The effort of a message. 1 is that of taking a short audio or video message, one or two
 * microseconds; media costs no more for being long, as bytes are bounded by the network, but for
 * each track in it. An aggregate costs what is in it, which is charged message by message.
 */
export function messageEffort(type: number, payload: Uint8Array): number {
  const { length } = payload;
  const first = length > 0 ? payload[0]! : 0;
  // Nearly all there is.
  if (type === MessageType.Video) {
    if (first < 0x80) return 1;
    const packet = first & 15;
    return packet === VideoPacketType.Multitrack || packet === MOD_EX ? tracksOf(type, payload) : 1;
  }
  if (type === MessageType.Audio) {
    if (first >> 4 !== SoundFormat.Enhanced) return 1;
    const packet = first & 15;
    return packet === AudioPacketType.Multitrack || packet === MOD_EX ? tracksOf(type, payload) : 1;
  }
  switch (type) {
    case MessageType.CommandAmf0:
    case MessageType.CommandAmf3:
    case MessageType.SharedObjectAmf0:
    case MessageType.SharedObjectAmf3:
    case MessageType.DataAmf3: // It may have to be written anew.
      return COMMAND_EFFORT + (length >> 5);
    case MessageType.DataAmf0:
      return 4 + (length >> 8);
    case MessageType.UserControl:
    case MessageType.SetPeerBandwidth:
      return 2;
    default:
      return 1;
  }
}

const reader = new EnhancedReader();

/** How many tracks a message holds, at least 1. */
function tracksOf(type: number, payload: Uint8Array): number {
  const open = type === MessageType.Video ? reader.openVideo(payload) : reader.openAudio(payload);
  let count = 0;
  if (open) { while (reader.next()) count++; }
  return Math.max(1, count);
}
