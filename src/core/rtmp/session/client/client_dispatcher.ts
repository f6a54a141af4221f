/**
 * Hands every message of a server to the part of a session that knows what to do with it.
 *
 * @module
 */
import { MessageType } from "../../message/types.ts";
import type { PeerControl } from "../peer_control.ts";
import type { AnswerReader } from "./answers.ts";
import type { ClientStreams } from "./client_streams.ts";

/** Takes one message. @throws {ProtocolError} when it breaks the protocol or a limit */
export type MessageTaker = (
  type: number,
  messageStreamId: number,
  timestamp: number,
  payload: Uint8Array,
) => void;

/** Sorts messages by type. `sharedObject` takes what is said to shared objects. */
export function clientDispatcher(
  streams: ClientStreams,
  answers: AnswerReader,
  control: PeerControl,
  sharedObject: (type: 16 | 19, payload: Uint8Array) => void,
): MessageTaker {
  return (type, messageStreamId, timestamp, payload) => {
    switch (type) {
      case MessageType.Audio:
      case MessageType.Video:
        return streams.media(type, messageStreamId, timestamp, payload);
      case MessageType.Aggregate:
        return streams.aggregate(messageStreamId, timestamp, payload);
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
        return streams.data(type, messageStreamId, timestamp, payload);
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        return answers.command(type, messageStreamId, payload);
      case MessageType.SharedObjectAmf0:
      case MessageType.SharedObjectAmf3:
        return sharedObject(type, payload);
      case MessageType.WindowAckSize:
        return control.windowAckSize(payload);
      case MessageType.SetPeerBandwidth:
        return control.peerBandwidth(payload);
      case MessageType.UserControl:
        streams.userControl(payload);
        return control.userControl(payload);
      case MessageType.SetChunkSize:
      case MessageType.Abort:
      case MessageType.Acknowledgement:
        // The decoder obeys them.
        return control.noted(payload);
      default:
        return control.unknown();
    }
  };
}
