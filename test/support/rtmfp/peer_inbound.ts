/**
 * The flows that an RTMFP initiator of the tests receives; see `peer.ts`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Bytes, chunk, vlu } from "./wire.ts";

/** A message, as it came. */
export interface Came {
  readonly streamId: number;
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** A flow of the server. */
export interface FlowIn {
  readonly streamId: number;
  readonly early: Map<number, { readonly flags: number; readonly data: Buffer }>;
  upTo: number;
  message: Buffer[] | undefined;
}

/** All flows of one session. */
export class PeerInbound {
  /** Fragments that came more than once. */
  duplicates = 0;
  onMessage: (came: Came) => void = () => {};
  readonly #flows = new Map<number, FlowIn>();
  readonly #options: { readonly bits: boolean; readonly blocks: number };

  constructor(options: { readonly bits: boolean; readonly blocks: number }) {
    this.#options = options;
  }

  /** A flow by its id. */
  flow(id: number): FlowIn | undefined {
    return this.#flows.get(id);
  }

  /** Takes a fragment. */
  data(
    flags: number,
    { id, sequence, forward }: { id: number; sequence: number; forward: number },
    bytes: Bytes,
    acks: Set<FlowIn>,
  ): void {
    let metadata: Buffer | undefined;
    if ((flags & 0x80) !== 0) {
      for (;;) {
        const option = new Bytes(bytes.field());
        if (option.left === 0) break;
        if (option.vlu() === 0) metadata = option.rest();
      }
    }
    let flow = this.#flows.get(id);
    if (flow === undefined) {
      if (metadata === undefined) return;
      if (metadata.toString("latin1", 0, 2) !== "TC") throw new Error("no flow of messages");
      const stream = new Bytes(metadata.subarray(3));
      flow = { streamId: stream.vlu(), early: new Map(), upTo: 0, message: undefined };
      this.#flows.set(id, flow);
    }
    acks.add(flow);
    if (sequence <= flow.upTo || flow.early.has(sequence)) this.duplicates++;
    else flow.early.set(sequence, { flags, data: Buffer.from(bytes.rest()) });
    for (;;) {
      const next = flow.early.get(flow.upTo + 1);
      if (next !== undefined) {
        flow.early.delete(++flow.upTo);
        this.#part(flow, next.flags, next.data);
      } else if (flow.upTo < forward) {
        flow.upTo++;
        flow.message = undefined;
      } else break;
    }
  }

  #part(flow: FlowIn, flags: number, data: Buffer): void {
    const part = flags & 0x30;
    if ((flags & 2) !== 0) return void (flow.message = undefined);
    if (part === 0x00 || part === 0x10) flow.message = [];
    flow.message?.push(data);
    if (flow.message === undefined || part === 0x10 || part === 0x30) return;
    const whole = Buffer.concat(flow.message);
    flow.message = undefined;
    if (whole.length < 5) return;
    this.onMessage({
      streamId: flow.streamId,
      type: whole[0]!,
      timestamp: whole.readUInt32BE(1),
      payload: whole.subarray(5),
    });
  }

  /** Tells what has come of a flow. */
  ack(flow: FlowIn): Buffer {
    const id = [...this.#flows].find(([, other]) => other === flow)![0];
    const head = [vlu(id), vlu(this.#options.blocks), vlu(flow.upTo)];
    const early = [...flow.early.keys()].sort((a, b) => a - b);
    if (this.#options.bits) {
      const bits = Buffer.alloc(
        early.length === 0 ? 0 : ((early.at(-1)! - flow.upTo - 2) >> 3) + 1,
      );
      for (const sequence of early) {
        const bit = sequence - flow.upTo - 2;
        bits[bit >> 3]! |= 1 << (bit & 7);
      }
      return chunk(0x50, ...head, bits);
    }
    let upTo = flow.upTo;
    for (let at = 0; at < early.length;) {
      const first = early[at]!;
      let last = first;
      while (early[++at] === last + 1) last++;
      head.push(vlu(first - upTo - 2), vlu(last - first));
      upTo = last;
    }
    return chunk(0x51, ...head);
  }
}
