/**
 * The way in of an RTMFP client: messages on its flows become the bytes of chunks that a session reads, one
 * chunk for each message, written into the room ahead of it. Nothing is copied for that.
 *
 * @module
 */
import { MessageType } from "../../core/rtmp/message/types.ts";
import { MESSAGE_ROOM } from "../../core/rtmfp/assembly.ts";
import type { ReceiveFlow } from "../../core/rtmfp/receive_flow.ts";
import { messageStreamOf, TC_HEADER_LENGTH } from "../../core/rtmfp/tc_message.ts";

/** Tells a session that every message is one chunk: Set Chunk Size with the largest there is. */
export const WHOLE_MESSAGES: Uint8Array = Uint8Array.of(
  ...[2, 0, 0, 0, 0, 0, 4, MessageType.SetChunkSize, 0, 0, 0, 0, 0x00, 0xff, 0xff, 0xff],
);

/** Waits of flows for one another, at the most. */
const MAX_BARRIERS = 8;

/** The user control message that has flows wait for one another [RFC 7425 §5.2]. */
const FLOW_SYNC = 34;

/** Of what is before the payload: a type 0 header, and the time once more where it is long. */
const CHUNK_HEADER = 12;
const LONG_TIME = 0xffffff;

/** Flows that wait for others. */
interface Barrier {
  readonly count: number;
  readonly flows: Set<ReceiveFlow>;
}

/** The way in of one client. */
export class InFlows {
  readonly #held = new Set<ReceiveFlow>();
  readonly #barriers = new Map<number, Barrier>();

  /** Whether a flow waits for others. */
  isHeld(flow: ReceiveFlow): boolean {
    return this.#held.has(flow);
  }

  /** A flow is over, and nobody waits for it. */
  forget(flow: ReceiveFlow): void {
    this.#held.delete(flow);
    for (const [id, { flows }] of this.#barriers) {
      if (flows.delete(flow) && flows.size === 0) this.#barriers.delete(id);
    }
  }

  /**
   * A message of a flow, behind its room, as a chunk; `undefined` when it is none for the session.
   * `onReleased` is told when flows need not wait any more.
   */
  chunkOf(
    flow: ReceiveFlow,
    message: Uint8Array,
    onReleased: () => void,
  ): Uint8Array | undefined {
    const payload = MESSAGE_ROOM + TC_HEADER_LENGTH;
    if (message.length < payload) return undefined;
    const type = message[MESSAGE_ROOM]!;
    switch (type) {
      case MessageType.SetChunkSize:
      case MessageType.Abort:
      case MessageType.Acknowledgement:
      case MessageType.WindowAckSize:
      case MessageType.SetPeerBandwidth:
        return undefined;
      case MessageType.UserControl:
        if (this.#synchronises(flow, message.subarray(payload), onReleased)) return undefined;
    }
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    const time = view.getUint32(MESSAGE_ROOM + 1);
    const isLong = time >= LONG_TIME;
    const start = payload - CHUNK_HEADER - (isLong ? 4 : 0);
    const length = message.length - payload;
    if (length > 0xffffff) return undefined;
    const shortTime = isLong ? LONG_TIME : time;
    message[start] = 3;
    message[start + 1] = shortTime >>> 16;
    view.setUint16(start + 2, shortTime & 0xffff);
    message[start + 4] = length >>> 16;
    view.setUint16(start + 5, length & 0xffff);
    message[start + 7] = type;
    view.setUint32(start + 8, messageStreamOf(flow.metadata)!, true);
    if (isLong) view.setUint32(start + 12, time);
    return message.subarray(start);
  }

  /** Whether a user control message has its flow wait for others; see {@link FLOW_SYNC}. */
  #synchronises(flow: ReceiveFlow, payload: Uint8Array, onReleased: () => void): boolean {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    if (payload.length < 10 || view.getUint16(0) !== FLOW_SYNC) return false;
    const id = view.getUint32(2);
    const count = view.getUint32(6);
    let barrier = this.#barriers.get(id);
    if (barrier === undefined) {
      // Without a place to wait they do not.
      if (this.#barriers.size >= MAX_BARRIERS || count < 2) return true;
      this.#barriers.set(id, barrier = { count, flows: new Set() });
    }
    barrier.flows.add(flow);
    if (barrier.flows.size >= Math.min(count, barrier.count)) {
      this.#barriers.delete(id);
      for (const waiting of barrier.flows) this.#held.delete(waiting);
      onReleased();
    } else this.#held.add(flow);
    return true;
  }
}
