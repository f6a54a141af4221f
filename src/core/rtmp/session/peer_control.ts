/**
 * Answers the control messages of a peer: windows, bandwidth, user control [RTMP 1.0 §5.4, §6.2].
 * Set Chunk Size and Abort are the chunk decoder's; acknowledgements need no answer.
 *
 * @module
 */
import { CONTROL_LENGTH } from "../chunk/format.ts";
import {
  applyPeerBandwidth,
  BandwidthLimit,
  decodeSetPeerBandwidth,
  decodeWindowAckSize,
  encodeAcknowledgement,
  encodeWindowAckSize,
  type PeerBandwidth,
} from "../message/control.ts";
import { MessageType } from "../message/types.ts";
import { decodeUserControl, UserControlEvent } from "../message/user_control.ts";
import { Acknowledger } from "./acknowledger.ts";
import type { NetStreams } from "./net_streams.ts";
import type { Replies } from "./replies.ts";

/** Answers the control messages of one peer. */
export class PeerControl {
  readonly acknowledger = new Acknowledger();
  /** Messages that were passed over: odd, but harmless. */
  oddMessages = 0;
  readonly #replies: Replies;
  readonly #streams: NetStreams;
  /** The window last announced to the peer, and what it last asked for. */
  #window: number;
  #bandwidth: PeerBandwidth | undefined;

  /** `window` is the Window Acknowledgement Size the peer is told at connect, bytes. */
  constructor(replies: Replies, streams: NetStreams, window: number) {
    this.#replies = replies;
    this.#streams = streams;
    this.#window = window;
  }

  /** Tells the peer how much has arrived, when it is time to. */
  acknowledge(): void {
    const total = this.acknowledger.take();
    if (total === undefined) return;
    this.#replies.control(MessageType.Acknowledgement, encodeAcknowledgement(total));
  }

  /** The peer's Window Acknowledgement Size. */
  windowAckSize(payload: Uint8Array): void {
    const window = payload.length < CONTROL_LENGTH ? 0 : decodeWindowAckSize(payload);
    if (window === 0) this.oddMessages++;
    else this.acknowledger.setWindow(window);
  }

  /** Set Chunk Size and Abort, which the chunk decoder obeys, and acknowledgements, which say nothing. */
  noted(payload: Uint8Array): void {
    if (payload.length < CONTROL_LENGTH) this.oddMessages++;
  }

  /** A message of a type that nobody knows. */
  unknown(): void {
    this.oddMessages++;
  }

  /** Set Peer Bandwidth [RTMP 1.0 §5.4.5]: the answer says what window we use now. */
  peerBandwidth(payload: Uint8Array): void {
    // Without a limit type that is known it cannot be told what is asked for.
    if (payload.length <= CONTROL_LENGTH || payload[CONTROL_LENGTH]! > BandwidthLimit.Dynamic) {
      this.oddMessages++;
      return;
    }
    const asked = decodeSetPeerBandwidth(payload);
    const window = applyPeerBandwidth(this.#window, this.#bandwidth, asked);
    // A dynamic limit that is obeyed counts as hard, one that is ignored changes nothing.
    if (asked.limitType !== BandwidthLimit.Dynamic) this.#bandwidth = asked;
    if (window === this.#window || window === 0) return;
    this.#window = window;
    this.#replies.control(MessageType.WindowAckSize, encodeWindowAckSize(window));
  }

  /** A user control message; those that ask for nothing, or are not known, are read past. */
  userControl(payload: Uint8Array): void {
    const message = decodeUserControl(payload);
    if (message === undefined) this.oddMessages++;
    else if (message.event === UserControlEvent.PingRequest) {
      this.#replies.userControl({ event: UserControlEvent.PingResponse, time: message.time });
    } else if (message.event === UserControlEvent.SetBufferLength) {
      const stream = this.#streams.byId.get(message.streamId);
      if (stream !== undefined) stream.bufferMs = message.bufferMs;
    }
  }
}
