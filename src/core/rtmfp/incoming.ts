/**
 * What comes from the peer: its flows, and what it is told of them [RFC 7016 §3.6.3].
 *
 * @module
 */
import { ChunkType, DataFlag, DataOption } from "./chunk_types.ts";
import { readOption } from "./options.ts";
import type { PacketReader } from "./reader.ts";
import { ReceiveFlow } from "./receive_flow.ts";
import { vluLength } from "./vlu.ts";
import type { PacketWriter } from "./writer.ts";

/** Flows of a peer that are open at once. */
export const MAX_FLOWS = 64;

/** Longest metadata of a flow, bytes. */
const MAX_METADATA_LENGTH = 512;

/** Flows that are over and still acknowledged, in case the peer has not heard it. */
const MAX_ENDED_FLOWS = 64;

/** Bytes that the flows of a session hold together beyond the longest message. */
const BESIDE_MESSAGE_BYTES = 1024 * 1024;

/** Packets with data that one acknowledgement may be for. */
const PACKETS_PER_ACK = 2;

/** How long an acknowledgement waits for another (ms). */
const DELAYED_ACK_MS = 100;

/** Longest that the chunk of an acknowledgement gets, bytes; what is behind is told by the next. */
const MAX_ACK_LENGTH = 400;

/** Who is told of flows. */
export interface FlowOwner {
  /** Whether the peer may have one more flow of this kind. */
  onFlow(flow: ReceiveFlow): boolean;
  /** Messages of the flow are whole. */
  onMessages(flow: ReceiveFlow): void;
  /** Nothing follows on it. */
  onFlowEnd(flow: ReceiveFlow): void;
}

/** The way in of a session. */
export class Incoming {
  /** When acknowledgements are due (ms). */
  ackAt = Infinity;
  readonly #owner: FlowOwner;
  readonly #maxMessageBytes: number;
  readonly #flows = new Map<number, ReceiveFlow>();
  readonly #ended: number[] = [];
  readonly #held = { bytes: 0 };
  readonly #owing = new Set<ReceiveFlow>();
  /** Flows that are not wanted and not kept, by their ids: the peer is told with the next packet. */
  readonly #refused = new Set<number>();
  #packets = 0;
  // What Next User Data goes on from.
  #flow: ReceiveFlow | undefined;
  #sequence = 0;
  #forward = 0;

  /** `maxMessageBytes`: of the longest message. */
  constructor(owner: FlowOwner, maxMessageBytes: number) {
    this.#owner = owner;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Bytes held for what is not whole or not taken. */
  get heldBytes(): number {
    return this.#held.bytes;
  }

  /** All flows that are open. */
  get flows(): Iterable<ReceiveFlow> {
    return this.#flows.values();
  }

  /** A packet begins. */
  beginPacket(): void {
    this.#flow = undefined;
  }

  /** Reads User Data or Next User Data. Returns whether it was some. */
  userData(reader: PacketReader, isNext: boolean, now: number): boolean {
    const flags = reader.u8();
    let sequence: number;
    let id = 0;
    if (isNext) {
      if (this.#flow === undefined) return false;
      sequence = this.#sequence + 1;
    } else {
      id = reader.vlu();
      sequence = reader.vlu();
      const offset = reader.vlu();
      if (reader.failed || offset > sequence || sequence === 0) return false;
      this.#forward = sequence - offset;
      this.#flow = this.#flows.get(id);
    }
    this.#sequence = sequence;
    let metadata: Uint8Array | undefined;
    let association: number | undefined;
    let unknown = false;
    if ((flags & DataFlag.Options) !== 0) {
      for (;;) {
        const option = readOption(reader);
        if (option === undefined) break;
        const { type, value } = option;
        if (type === DataOption.Metadata) metadata = value;
        else if (type === DataOption.ReturnAssociation) association = readVlu(value);
        else unknown ||= type < DataOption.FirstOptional;
      }
    }
    if (reader.failed) return false;
    this.#flow ??= this.#open(id, metadata, association, unknown);
    const flow = this.#flow;
    if (flow === undefined) {
      if (this.#refused.size > 0) this.ackNow(now);
      return false;
    }
    this.#receive(flow, sequence, flags, reader.rest(), now);
    return true;
  }

  /** Opens a flow; `undefined` if it is not wanted, or cannot be told what it is. */
  #open(
    id: number,
    metadata: Uint8Array | undefined,
    association: number | undefined,
    unknown: boolean,
  ): ReceiveFlow | undefined {
    // The packet that said what it is for has not come yet.
    if (metadata === undefined) return undefined;
    const refuse = () => {
      if (this.#refused.size < MAX_FLOWS) this.#refused.add(id);
      return undefined;
    };
    const open = this.#flows.size - this.#ended.length;
    if (unknown || metadata.length > MAX_METADATA_LENGTH || open >= MAX_FLOWS) return refuse();
    const flow = new ReceiveFlow(
      id,
      metadata.slice(),
      association,
      this.#maxMessageBytes,
      this.#held,
    );
    if (!this.#owner.onFlow(flow)) return refuse();
    this.#flows.set(id, flow);
    return flow;
  }

  #receive(
    flow: ReceiveFlow,
    sequence: number,
    flags: number,
    data: Uint8Array,
    now: number,
  ): void {
    const gap = flow.hasGap;
    const wasEnded = flow.ended;
    // What there is no room for is sent again.
    if (this.heldBytes + data.length > this.#maxMessageBytes + BESIDE_MESSAGE_BYTES) return;
    const news = flow.receive(sequence, this.#forward, flags, data);
    if (news === "too long") this.refuse(flow, now);
    this.#owe(flow);
    const atOnce = news !== true || gap || flow.hasGap || flow.ended ||
      (flags & DataFlag.Abandon) !== 0;
    if (atOnce) this.ackNow(now);
    else this.ackAt = Math.min(this.ackAt, now + DELAYED_ACK_MS);
    if (flow.refusal !== undefined) flow.drop();
    else if (flow.messages.length > 0) this.#owner.onMessages(flow);
    if (flow.ended && !wasEnded) this.#end(flow);
  }

  #end(flow: ReceiveFlow): void {
    if (this.#ended.push(flow.id) > MAX_ENDED_FLOWS) {
      const oldest = this.#ended.shift()!;
      this.#flows.get(oldest)?.drop();
      this.#flows.delete(oldest);
    }
    if (flow.refusal === undefined) this.#owner.onFlowEnd(flow);
  }

  /** A packet with data was read to its end. */
  endPacket(now: number): void {
    if (++this.#packets >= PACKETS_PER_ACK) this.ackNow(now);
  }

  #owe(flow: ReceiveFlow): void {
    this.#owing.add(flow);
  }

  /** Acknowledgements are due at once. */
  ackNow(now: number): void {
    this.ackAt = now;
  }

  /** Takes nothing more of a flow, and tells the peer. */
  refuse(flow: ReceiveFlow, now: number, code = 0): void {
    if (flow.refusal !== undefined) return;
    flow.refusal = code;
    flow.drop();
    this.#owe(flow);
    this.ackNow(now);
  }

  /** There is room again in a flow, of which the peer is told. */
  tellRoom(flow: ReceiveFlow, now: number): void {
    this.#owe(flow);
    this.ackNow(now);
  }

  /** The peer asks whether a flow has room. */
  probed(id: number, now: number): void {
    const flow = this.#flows.get(id);
    if (flow !== undefined) this.tellRoom(flow, now);
  }

  /** Whether there is something to tell. */
  get owing(): boolean {
    return this.#owing.size > 0 || this.#refused.size > 0;
  }

  /** Writes what is due, as far as it fits. Returns whether all did. */
  writeAcks(writer: PacketWriter): boolean {
    for (const id of this.#refused) {
      if (!writeException(writer, id, 0)) return false;
      this.#refused.delete(id);
    }
    for (const flow of this.#owing) {
      if (flow.refusal !== undefined && !writeException(writer, flow.id, flow.refusal)) {
        return false;
      }
      if (!writeAck(writer, flow)) return false;
      this.#owing.delete(flow);
    }
    this.#packets = 0;
    this.ackAt = Infinity;
    return true;
  }
}

function readVlu(bytes: Uint8Array): number | undefined {
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
    if (byte < 0x80) return value;
  }
  return undefined;
}

function writeException(writer: PacketWriter, id: number, code: number): boolean {
  if (writer.room < 3 + vluLength(id) + vluLength(code)) return false;
  writer.begin(ChunkType.FlowException).vlu(id).vlu(code).end();
  return true;
}

/** Writes what has come of a flow, by ranges [RFC 7016 §2.3.14]. */
function writeAck(writer: PacketWriter, flow: ReceiveFlow): boolean {
  const { id, room, cumulative, ahead } = flow;
  const blocks = flow.refusal === undefined ? room : 0;
  if (writer.room < 3 + vluLength(id) + vluLength(blocks) + vluLength(cumulative)) return false;
  const limit = Math.min(writer.at + MAX_ACK_LENGTH, writer.bytes.length);
  writer.begin(ChunkType.AckRanges).vlu(id).vlu(blocks).vlu(cumulative);
  let last = cumulative;
  for (let at = 0; at < ahead.length;) {
    const first = ahead[at]!;
    let end = first;
    while (ahead[++at] === end + 1) end++;
    const holes = first - last - 2;
    const received = end - first;
    if (writer.at + vluLength(holes) + vluLength(received) > limit) break;
    writer.vlu(holes).vlu(received);
    last = end;
  }
  writer.end();
  return true;
}
