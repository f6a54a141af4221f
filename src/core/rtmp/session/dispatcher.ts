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

/** The parts of a session that take messages. */
export interface MessageTargets {
  readonly media: MediaRouter;
  readonly control: PeerControl;
  /** The bounds of a command. */
  readonly amf: Partial<AmfLimits> | undefined;
  /** Takes a command, `undefined` for one without a name. */
  command(command: Command | undefined): void;
  /** Takes what is said to shared objects. */
  sharedObject(type: 16 | 19, payload: Uint8Array): void;
}

/** Hands one message on by its type. @throws {ProtocolError} when it breaks the protocol or a limit */
export function dispatch(
  to: MessageTargets,
  type: number,
  messageStreamId: number,
  timestamp: number,
  payload: Uint8Array,
): void {
  switch (type) {
    case MessageType.Audio:
    case MessageType.Video:
      return to.media.media(type, messageStreamId, timestamp, payload);
    case MessageType.DataAmf0:
    case MessageType.DataAmf3:
      return to.media.data(type, messageStreamId, timestamp, payload);
    case MessageType.CommandAmf0:
    case MessageType.CommandAmf3:
      return isDataCommand(type, payload)
        ? to.media.data(type, messageStreamId, timestamp, payload)
        : to.command(readCommand(type, messageStreamId, payload, to.amf));
    case MessageType.SharedObjectAmf0:
    case MessageType.SharedObjectAmf3:
      return to.sharedObject(type, payload);
    case MessageType.WindowAckSize:
      return to.control.windowAckSize(payload);
    case MessageType.SetPeerBandwidth:
      return to.control.peerBandwidth(payload);
    case MessageType.UserControl:
      return to.control.userControl(payload);
    case MessageType.SetChunkSize:
    case MessageType.Abort:
    case MessageType.Acknowledgement:
      return to.control.noted(payload);
    default:
      return to.control.unknown();
  }
}
