/**
 * Hands every message to the part of a session that knows what to do with it.
 *
 * @module
 */
import type { AmfLimits } from "../../amf/mod.ts";
import { MessageType } from "../message/types.ts";
import { type Command, readCommand } from "./command.ts";
import { isDataCommand } from "./data_message.ts";
import type { MediaRouter } from "./media_router.ts";
import type { PeerControl } from "./peer_control.ts";

/** Takes one message. @throws {ProtocolError} when it breaks the protocol or a limit */
export type MessageTaker = (
  type: number,
  messageStreamId: number,
  timestamp: number,
  payload: Uint8Array,
) => void;

/**
 * Sorts messages by type. `command` takes commands, `undefined` for one without a name; `amf` are
 * the bounds of one. `sharedObject` takes what is said to shared objects.
 */
export function dispatcher(
  media: MediaRouter,
  control: PeerControl,
  command: (command: Command | undefined) => void,
  sharedObject: (type: 16 | 19, payload: Uint8Array) => void,
  amf: Partial<AmfLimits> = {},
): MessageTaker {
  return (type, messageStreamId, timestamp, payload) => {
    switch (type) {
      case MessageType.Audio:
      case MessageType.Video:
        return media.media(type, messageStreamId, timestamp, payload);
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
        return media.data(type, messageStreamId, timestamp, payload);
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        return isDataCommand(type, payload)
          ? media.data(type, messageStreamId, timestamp, payload)
          : command(readCommand(type, messageStreamId, payload, amf));
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        return sharedObject(type, payload);
      case MessageType.WindowAckSize:
        return control.windowAckSize(payload);
      case MessageType.SetPeerBandwidth:
        return control.peerBandwidth(payload);
      case MessageType.UserControl:
        return control.userControl(payload);
      case MessageType.SetChunkSize:
      case MessageType.Abort:
      case MessageType.Acknowledgement:
        return control.noted(payload);
      default:
        return control.unknown();
    }
  };
}
