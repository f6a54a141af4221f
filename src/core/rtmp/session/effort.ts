/**
 * What messages cost to take, so that a peer can be held to a rate of work, not only of bytes.
 *
 * @module
 */
import { MessageType } from "../message/types.ts";

/** What a command costs however short it is: it is decoded, carried out and answered. */
export const COMMAND_EFFORT = 20;

/**
 * The effort of a message of `length` bytes. 1 is that of taking a short audio or video message,
 * one or two microseconds; media costs no more for being long, as bytes are bounded by the network.
 */
export function messageEffort(type: number, length: number): number {
  // Nearly all there is.
  if (type === MessageType.Audio || type === MessageType.Video) return 1;
  switch (type) {
    case MessageType.CommandAmf0:
    case MessageType.CommandAmf3:
    case MessageType.SharedObjectAmf0:
    case MessageType.SharedObjectAmf3:
      return COMMAND_EFFORT + (length >> 5);
    case MessageType.DataAmf0:
    case MessageType.DataAmf3:
      return 4 + (length >> 8);
    case MessageType.Aggregate:
      // As many messages as fit into it, if they are no shorter than sound is.
      return 1 + (length >> 6);
    case MessageType.UserControl:
    case MessageType.SetPeerBandwidth:
      return 2;
    default:
      return 1;
  }
}
