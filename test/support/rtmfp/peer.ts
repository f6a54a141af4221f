/**
 * An RTMFP initiator for tests, written apart from `src/core/rtmfp`: it says hello, agrees on keys, and has
 * flows in both directions. It is simple rather than good: what is not acknowledged within a while is
 * sent again, with no thought for who else uses the link.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { Initiator, type Wishes } from "./keys.ts";
import {
  Bytes,
  chunk,
  chunksOf,
  field,
  type Guard,
  idOf,
  open,
  opt,
  seal,
  STARTUP_KEY,
  vlu,
} from "./wire.ts";

/** A message, as it came. */
export interface Came {
  readonly streamId: number;
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

interface Part {
  readonly flags: number;
  readonly data: Buffer;
  at: number;
}

interface FlowIn {
  readonly streamId: number;
  readonly early: Map<number, { readonly flags: number; readonly data: Buffer }>;
  upTo: number;
  message: Buffer[] | undefined;
}

interface FlowOut {
  readonly id: number;
  readonly metadata: Buffer;
  readonly parts: Map<number, Part>;
  readonly waiting: { readonly flags: number; readonly data: Buffer }[];
  next: number;
  heard: boolean;
  room: number;
}

/** How it behaves. */
export interface PeerOptions extends Wishes {
  /** Tells what has come by bits in place of ranges. */
  readonly bits?: boolean;
  /** Bytes of a fragment. */
  readonly fragmentBytes?: number;
  /** Packets on their way at once, for each flow. */
  readonly window?: number;
  /** When what was not acknowledged is sent again (ms). */
  readonly againMs?: number;
  /** Blocks of room that it tells. */
  readonly blocks?: number;
}

/** One session with a server. */
export class RtmfpPeer {
  readonly id = randomBytes(4).readUInt32BE() || 1;
  readonly keys: Initiator;
  readonly tag = randomBytes(16);
  readonly options: Required<PeerOptions>;
  state: "new" | "hello" | "keying" | "open" | "closed" = "new";
  /** Bytes of datagrams received before the keys were there, and sent. */
  bytesIn = 0;
  bytesOut = 0;
  /** The last handshake that was sent. */
  startup: Buffer | undefined;
  cookie: Buffer | undefined;
  /** What a Redirect said. */
  redirectedAt: Buffer | undefined;
  /** Flows of ours that were refused, by stream. */
  readonly refused: number[] = [];
  /** Packets that said that something is time critical. */
  criticalPackets = 0;
  pongs = 0;
  /** Says in each packet that somebody else's media is time critical. */
  reverse = false;
  /** Fragments that came more than once. */
  duplicates = 0;
  onMessage: (came: Came) => void = () => {};
  onState: () => void = () => {};
  readonly #send: (datagram: Buffer) => void;
  #out: Guard | undefined;
  #in: Guard | undefined;
  #theirId = 0;
  #number = 0;
  #startupAt = -Infinity;
  #url = "";
  readonly #flowsIn = new Map<number, FlowIn>();
  readonly #flowsOut = new Map<string, FlowOut>();
  #nextFlow = 2;
  #time: number | undefined;

  constructor(send: (datagram: Buffer) => void, options: PeerOptions = {}) {
    this.#send = send;
    this.keys = new Initiator(options);
    this.options = {
      bits: false,
      fragmentBytes: 1000,
      window: 32,
      againMs: 150,
      blocks: 256,
      ...options,
    } as Required<PeerOptions>;
  }

  /** Bytes that wait to be acknowledged, or to be sent. */
  get waiting(): number {
    let count = 0;
    for (const flow of this.#flowsOut.values()) count += flow.parts.size + flow.waiting.length;
    return count;
  }

  connect(url: string, now: number): void {
    this.#url = url;
    this.#become("hello");
    this.#sendStartup(this.hello(url), now);
  }

  /** A hello. */
  hello(url = this.#url): Buffer {
    return chunk(0x30, field(opt(0x0a, Buffer.from(url))), this.tag);
  }

  /** The handshake that brings a cookie back. */
  keying(cookie: Uint8Array): Buffer {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(this.id);
    const { certificate, component } = this.keys;
    return chunk(
      0x38,
      id,
      field(cookie),
      field(certificate),
      field(component),
      Buffer.from("X"),
    );
  }

  /** Startup chunks as a datagram. */
  static startup(chunks: Uint8Array): Buffer {
    return seal(Buffer.concat([Buffer.from([3]), chunks]), 0, { key: STARTUP_KEY });
  }

  #sendStartup(chunks: Buffer, now: number): void {
    this.startup = RtmfpPeer.startup(chunks);
    this.#startupAt = now;
    this.#put(this.startup);
  }

  #put(datagram: Buffer): void {
    this.bytesOut += datagram.length;
    this.#send(datagram);
  }

  #become(state: RtmfpPeer["state"]): void {
    this.state = state;
    this.onState();
  }

  /** Takes a datagram. */
  receive(datagram: Uint8Array, now: number): void {
    if (this.#in === undefined) return this.#receiveStartup(datagram, now);
    if (idOf(datagram) !== this.id) return;
    let packet: Bytes;
    try {
      ({ packet } = open(datagram, this.#in));
    } catch {
      return; // The last answer to the handshake, once more.
    }
    const flags = packet.byte();
    if ((flags & 0x80) !== 0) this.criticalPackets++;
    if ((flags & 3) !== 2) throw new Error("not of the responder");
    if ((flags & 8) !== 0) this.#time = packet.short();
    if ((flags & 4) !== 0) packet.short();
    const acks = new Set<FlowIn>();
    let last: { id: number; sequence: number; forward: number } | undefined;
    for (const { type, body } of chunksOf(packet)) {
      const bytes = new Bytes(body);
      if (type === 0x10) {
        const flags = bytes.byte();
        const id = bytes.vlu();
        const sequence = bytes.vlu();
        last = { id, sequence, forward: sequence - bytes.vlu() };
        this.#data(flags, last, bytes, acks);
      } else if (type === 0x11) {
        const flags = bytes.byte();
        last!.sequence++;
        this.#data(flags, last!, bytes, acks);
      } else if (type === 0x50 || type === 0x51) this.#acked(bytes, type === 0x50, now);
      else if (type === 0x01) this.packet(chunk(0x41, body), now);
      else if (type === 0x41) this.pongs++;
      else if (type === 0x5e) this.#exception(bytes.vlu());
      else if (type === 0x18) acks.add(this.#flowsIn.get(bytes.vlu())!);
      else if (type === 0x0c) {
        this.packet(chunk(0x4c), now);
        this.#become("closed");
      } else if (type === 0x4c) this.#become("closed");
    }
    if (acks.size > 0 && this.state === "open") {
      this.packet(Buffer.concat([...acks].map((flow) => this.#ack(flow))), now);
    }
    this.#pump(now);
  }

  #receiveStartup(datagram: Uint8Array, now: number): void {
    this.bytesIn += datagram.length;
    const { packet } = open(datagram, { key: STARTUP_KEY });
    if ((packet.byte() & 3) !== 3) throw new Error("not of a handshake");
    for (const { type, body } of chunksOf(packet)) {
      const bytes = new Bytes(body);
      if (type === 0x70 && this.state === "hello") {
        if (!bytes.field().equals(this.tag)) throw new Error("another tag");
        this.cookie = Buffer.from(bytes.field());
        this.#become("keying");
        this.#sendStartup(this.keying(this.cookie), now);
      } else if (type === 0x71) {
        if (!bytes.field().equals(this.tag)) throw new Error("another tag");
        this.redirectedAt = bytes.rest();
        this.#become("closed");
      } else if (type === 0x78 && this.state === "keying") {
        if (idOf(datagram) !== this.id) throw new Error("for another session");
        this.#theirId = bytes.long();
        const { outbound, inbound } = this.keys.finish(bytes.field());
        this.#out = outbound;
        this.#in = inbound;
        this.#become("open");
        this.#pump(now);
      }
    }
  }

  /** Sends chunks in a packet of the session. */
  packet(chunks: Uint8Array, now: number): void {
    this.#put(this.sealed(chunks, now));
  }

  /** The same as a datagram that is not sent. */
  sealed(chunks: Uint8Array, now: number): Buffer {
    const head = [this.reverse ? 0x41 : 1];
    if (this.#time !== undefined) {
      const time = Math.floor(now / 4) & 0xffff;
      head[0]! |= 8 | 4;
      head.push(time >> 8, time & 255, this.#time >> 8, this.#time & 255);
    }
    const plain = Buffer.concat([Buffer.from(head), chunks]);
    return seal(plain, this.#theirId, this.#out!, this.#number++);
  }

  #data(
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
    let flow = this.#flowsIn.get(id);
    if (flow === undefined) {
      if (metadata === undefined) return;
      if (metadata.toString("latin1", 0, 2) !== "TC") throw new Error("no flow of messages");
      const stream = new Bytes(metadata.subarray(3));
      flow = { streamId: stream.vlu(), early: new Map(), upTo: 0, message: undefined };
      this.#flowsIn.set(id, flow);
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

  #ack(flow: FlowIn): Buffer {
    const id = [...this.#flowsIn].find(([, other]) => other === flow)![0];
    const head = [vlu(id), vlu(this.options.blocks), vlu(flow.upTo)];
    const early = [...flow.early.keys()].sort((a, b) => a - b);
    if (this.options.bits) {
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

  #acked(bytes: Bytes, bits: boolean, now: number): void {
    const id = bytes.vlu();
    const room = bytes.vlu();
    let upTo = bytes.vlu();
    const flow = [...this.#flowsOut.values()].find((flow) => flow.id === id);
    if (flow === undefined) return;
    flow.heard = true;
    flow.room = room;
    for (const sequence of flow.parts.keys()) if (sequence <= upTo) flow.parts.delete(sequence);
    if (bits) throw new Error("bits are not expected");
    while (bytes.left > 0) {
      const first = upTo + bytes.vlu() + 2;
      upTo = first + bytes.vlu();
      for (let sequence = first; sequence <= upTo; sequence++) flow.parts.delete(sequence);
    }
    this.#pump(now);
  }

  #exception(id: number): void {
    for (const [key, flow] of this.#flowsOut) {
      if (flow.id !== id) continue;
      this.refused.push(new Bytes(flow.metadata.subarray(3)).vlu());
      this.#flowsOut.delete(key);
    }
  }

  /** Queues an RTMP message on the flow of its stream and kind. */
  write(
    streamId: number,
    type: number,
    timestamp: number,
    payload: Uint8Array,
    now: number,
  ): void {
    const head = Buffer.alloc(5);
    head[0] = type;
    head.writeUInt32BE(timestamp >>> 0, 1);
    const kind = streamId === 0 ? "control" : type === 8 ? "audio" : type === 9 ? "video" : "data";
    const metadata = Buffer.concat([Buffer.from([0x54, 0x43, 4]), vlu(streamId)]);
    this.writeTo(`${streamId} ${kind}`, metadata, Buffer.concat([head, payload]), now);
  }

  /** Queues bytes on a flow of this name. */
  writeTo(name: string, metadata: Buffer, message: Buffer, now: number): void {
    let flow = this.#flowsOut.get(name);
    if (flow === undefined) {
      const id = this.#nextFlow++;
      flow = { id, metadata, parts: new Map(), waiting: [], next: 1, heard: false, room: 64 };
      this.#flowsOut.set(name, flow);
    }
    const size = this.options.fragmentBytes;
    for (let at = 0; at === 0 || at < message.length; at += size) {
      const ends = at + size >= message.length;
      const flags = at === 0 ? ends ? 0x00 : 0x10 : ends ? 0x20 : 0x30;
      flow.waiting.push({ flags, data: message.subarray(at, at + size) });
    }
    this.#pump(now);
  }

  /** Ends a flow. */
  finish(name: string, now: number): void {
    this.#flowsOut.get(name)?.waiting.push({ flags: 0x01 | 0x02, data: Buffer.alloc(0) });
    this.#pump(now);
  }

  #pump(now: number): void {
    if (this.state !== "open") return;
    for (const flow of this.#flowsOut.values()) {
      while (flow.waiting.length > 0 && flow.parts.size < this.options.window) {
        let kept = 0;
        for (const { data } of flow.parts.values()) kept += data.length;
        if (kept >= flow.room * 1024) break;
        const part = { ...flow.waiting.shift()!, at: now };
        const sequence = flow.next++;
        flow.parts.set(sequence, part);
        this.#sendPart(flow, sequence, part, now);
      }
    }
  }

  #sendPart(flow: FlowOut, sequence: number, part: Part, now: number): void {
    part.at = now;
    const oldest = Math.min(...flow.parts.keys());
    const options = flow.heard ? [] : [opt(0, flow.metadata), Buffer.from([0])];
    this.packet(
      chunk(
        0x10,
        Buffer.from([part.flags | (flow.heard ? 0 : 0x80)]),
        vlu(flow.id),
        vlu(sequence),
        vlu(sequence - oldest + 1),
        ...options,
        part.data,
      ),
      now,
    );
  }

  /** Looks at the clock. */
  tick(now: number): void {
    const { againMs } = this.options;
    if (this.state === "hello" || this.state === "keying") {
      if (now - this.#startupAt >= againMs) {
        this.#startupAt = now;
        this.#put(this.startup!);
      }
    } else if (this.state === "open") {
      for (const flow of this.#flowsOut.values()) {
        for (const [sequence, part] of flow.parts) {
          if (now - part.at >= againMs) this.#sendPart(flow, sequence, part, now);
        }
        if (flow.room === 0 && flow.parts.size === 0 && flow.waiting.length > 0) {
          this.packet(chunk(0x18, vlu(flow.id)), now);
        }
      }
      this.#pump(now);
    }
  }

  /** Says goodbye. */
  close(now: number): void {
    if (this.state === "open") this.packet(chunk(0x0c), now);
  }
}
