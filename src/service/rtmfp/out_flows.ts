/**
 * The way out of an RTMFP client: the bytes of chunks that a session writes become messages on flows
 * [RFC 7425 §5]. There is one flow for what belongs to the connection, and for each message stream one for
 * sound, one for pictures and one for all else, so that what is lost of one holds up no other.
 *
 * @module
 */
import { ProtocolError } from "../../core/errors.ts";
import { audioFlags } from "../../core/media/message/audio_flags.ts";
import { MediaFlag } from "../../core/media/message/flags.ts";
import { videoFlags } from "../../core/media/message/video_flags.ts";
import { ChunkDecoder, type MessageSink } from "../../core/rtmp/chunk/decoder.ts";
import { MessageType } from "../../core/rtmp/message/types.ts";
import { UserControlEvent } from "../../core/rtmp/message/user_control.ts";
import type { Outgoing } from "../../core/rtmfp/outgoing.ts";
import type { SendFlow } from "../../core/rtmfp/send_flow.ts";
import { metadataOf, tcMessage } from "../../core/rtmfp/tc_message.ts";

/** How long a frame of a live stream may take to arrive before it is given up (ms). */
export const FRAME_MS = 2000;

/** Most flows of one client; who has more streams than that is served no further. */
const MAX_OUT_FLOWS = 128;

/** Kinds of flows: numbers, as each message is looked up by its own. */
const KIND = { control: 0, audio: 1, video: 2, data: 3 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];
/** How many there are. */
const KINDS = 4;

/** The way out of one client. */
export class OutFlows implements MessageSink {
  readonly #outgoing: Outgoing;
  /** The client's control flow, which all of ours answer. */
  readonly #association: number;
  readonly #onPing: (time: number) => void;
  readonly #decoder = new ChunkDecoder({
    lendPayloads: true,
    maxChunkStreams: 65_536,
    maxMediaBytes: 0xffffff,
    maxCommandBytes: 0xffffff,
    maxAudioBytes: 0xffffff,
  });
  /** By message stream and kind. */
  readonly #flows = new Map<number, SendFlow>();
  /** Message streams that play recordings, of which nothing is given up. */
  readonly #recorded = new Set<number>();
  #now = 0;

  /** `onPing` is told of pings, which are those of the session below in this protocol. */
  constructor(outgoing: Outgoing, association: number, onPing: (time: number) => void) {
    this.#outgoing = outgoing;
    this.#association = association;
    this.#onPing = onPing;
  }

  /** Takes bytes of chunks, whole messages or not. */
  write(bytes: Uint8Array, now: number): void {
    this.#now = now;
    this.#decoder.decode(bytes, 0, this);
  }

  /** Takes a message of the session. */
  onMessage(type: number, streamId: number, timestamp: number, payload: Uint8Array): boolean {
    switch (type) {
      // Flows have no chunks, windows or acknowledgements of RTMP [RFC 7425 §5.3].
      case MessageType.SetChunkSize:
      case MessageType.Abort:
      case MessageType.Acknowledgement:
      case MessageType.WindowAckSize:
      case MessageType.SetPeerBandwidth:
        return true;
      case MessageType.UserControl:
        if (this.#control(payload)) return true;
        break;
      case MessageType.Audio:
      case MessageType.Video:
        this.#flow(streamId, type === MessageType.Audio ? KIND.audio : KIND.video).write(
          tcMessage(type, timestamp, payload),
          this.#deadline(type, streamId, payload),
        );
        return true;
    }
    this.#flow(streamId, KIND.data).write(tcMessage(type, timestamp, payload));
    return true;
  }

  /** Whether a user control message is not for the client. */
  #control(payload: Uint8Array): boolean {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    if (payload.length < 6) return false;
    const event = view.getUint16(0);
    const value = view.getUint32(2);
    if (event === UserControlEvent.PingRequest) {
      this.#onPing(value);
      return true;
    }
    if (event === UserControlEvent.StreamIsRecorded) this.#recorded.add(value);
    else if (event === UserControlEvent.StreamEof) this.#recorded.delete(value);
    return false;
  }

  /** When a message is given up: frames that others make up for, soon. */
  #deadline(type: number, streamId: number, payload: Uint8Array): number {
    const flags = type === MessageType.Audio ? audioFlags(payload) : videoFlags(payload);
    const needed = MediaFlag.Key | MediaFlag.SequenceHeader | MediaFlag.EndOfSequence |
      MediaFlag.Command | MediaFlag.Presentation;
    const lasts = (flags & needed) !== 0 || this.#recorded.has(streamId);
    return lasts ? Infinity : this.#now + FRAME_MS;
  }

  #flow(streamId: number, asked: Kind): SendFlow {
    const kind = streamId === 0 ? KIND.control : asked;
    const key = streamId * KINDS + kind;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      if (this.#outgoing.flowCount >= MAX_OUT_FLOWS) {
        throw new ProtocolError("limit", "The client does not take what is over");
      }
      const critical = kind === KIND.audio || kind === KIND.video;
      flow = this.#outgoing.open(metadataOf(streamId), this.#association, critical);
      this.#flows.set(key, flow);
    }
    return flow;
  }

  /** The client does not want a flow any more: its stream is gone. Another one may come in its place. */
  refused(flow: SendFlow): void {
    for (const [key, own] of this.#flows) if (own === flow) this.#flows.delete(key);
  }
}
