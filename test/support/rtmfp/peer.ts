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
import { type Came, type FlowIn, PeerInbound } from "./peer_inbound.ts";
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

interface Part {
  readonly flags: number;
  readonly data: Buffer;
  at: number;
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
  /** Says in each packet that what is in it is time critical. */
  critical = false;
  /** Packets that said that somebody else's media is time critical. */
  reversed = 0;
  onState: () => void = () => {};
  readonly #send: (datagram: Buffer) => void;
  #out: Guard | undefined;
  #in: Guard | undefined;
  #theirId = 0;
  #number = 0;
  #startupAt = -Infinity;
  #url = "";
  readonly #inbound: PeerInbound;
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
    this.#inbound = new PeerInbound(this.options);
  }

  /** Fragments that came more than once. */
  get duplicates(): number {
    return this.#inbound.duplicates;
  }

  /** Who is told of messages. */
  set onMessage(tell: (came: Came) => void) {
    this.#inbound.onMessage = tell;
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
    if ((flags & 0x40) !== 0) this.reversed++;
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
        this.#inbound.data(flags, last, bytes, acks);
      } else if (type === 0x11) {
        const flags = bytes.byte();
        last!.sequence++;
        this.#inbound.data(flags, last!, bytes, acks);
      } else if (type === 0x50 || type === 0x51) this.#acked(bytes, type === 0x50, now);
      else if (type === 0x01) this.packet(chunk(0x41, body), now);
      else if (type === 0x41) this.pongs++;
      else if (type === 0x5e) this.#exception(bytes.vlu());
      else if (type === 0x18) {
        // All packets of the flow may have been lost.
        const flow = this.#inbound.flow(bytes.vlu());
        if (flow !== undefined) acks.add(flow);
      } else if (type === 0x0c) {
        this.packet(chunk(0x4c), now);
        this.#become("closed");
      } else if (type === 0x4c) this.#become("closed");
    }
    if (acks.size > 0 && this.state === "open") {
      this.packet(Buffer.concat([...acks].map((flow) => this.#inbound.ack(flow))), now);
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
    const head = [1 | (this.reverse ? 0x40 : 0) | (this.critical ? 0x80 : 0)];
    if (this.#time !== undefined) {
      const time = Math.floor(now / 4) & 0xffff;
      head[0]! |= 8 | 4;
      head.push(time >> 8, time & 255, this.#time >> 8, this.#time & 255);
    }
    const plain = Buffer.concat([Buffer.from(head), chunks]);
    return seal(plain, this.#theirId, this.#out!, this.#number++);
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

  /** Queues bytes on a flow of this name; `unfinished`: more of the message were to follow. */
  writeTo(name: string, metadata: Buffer, message: Buffer, now: number, unfinished = false): void {
    let flow = this.#flowsOut.get(name);
    if (flow === undefined) {
      const id = this.#nextFlow++;
      flow = { id, metadata, parts: new Map(), waiting: [], next: 1, heard: false, room: 64 };
      this.#flowsOut.set(name, flow);
    }
    const size = this.options.fragmentBytes;
    for (let at = 0; at === 0 || at < message.length; at += size) {
      const ends = at + size >= message.length && !unfinished;
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
