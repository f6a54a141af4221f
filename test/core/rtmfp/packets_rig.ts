/**
 * One session by itself: its owner writes down what it is told, and the peer is keys of `node:crypto`
 * that make packets chunk by chunk and read those of the session.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Address } from "../../../src/ports.ts";
import { PacketCipher } from "../../../src/core/rtmfp/packet_cipher.ts";
import type { ReceiveFlow } from "../../../src/core/rtmfp/receive_flow.ts";
import { Session, type SessionOwner } from "../../../src/core/rtmfp/session.ts";
import * as wire from "../../support/rtmfp/wire.ts";

const INBOUND = Buffer.alloc(16, 1);
const OUTBOUND = Buffer.alloc(16, 2);

/** Where the peer is, until it moves. */
export const HERE: Address = { hostname: "10.0.0.1", port: 5000 };
/** When the session begins (ms). */
export const START = 100_000;
/** The session id of the peer. */
export const PEER_ID = 0x9abcdef0;

/** A packet of the session, taken apart. */
export interface Sent {
  readonly to: Address;
  readonly length: number;
  readonly flags: number;
  readonly echo: number | undefined;
  readonly chunks: readonly { readonly type: number; readonly body: Buffer }[];
}

/** A session and its peer. */
export class PacketRig implements SessionOwner {
  readonly session: Session;
  /** What was sent since {@link take} was called last. */
  sent: Sent[] = [];
  /** What the owner was told, in order. */
  readonly told: string[] = [];
  readonly messages: Uint8Array[] = [];
  criticalElsewhere = -Infinity;
  /** Called for each message that is whole. */
  onMessage: () => void = () => {};
  #random = 0;

  constructor() {
    this.session = new Session(
      this,
      { inbound: new PacketCipher(INBOUND), outbound: new PacketCipher(OUTBOUND) },
      PEER_ID,
      HERE,
      100_000,
      START,
    );
  }

  /** A packet of the peer: flags, times and chunks. */
  receive(head: number[], chunks: Uint8Array, now = START, from = HERE): boolean {
    const packet = Buffer.concat([Uint8Array.from(head), chunks]);
    const datagram = wire.seal(packet, 1, { key: INBOUND });
    return this.session.receive(new Uint8Array(datagram), from, now);
  }

  /** Chunks of the peer in a packet without times. */
  chunks(chunks: Uint8Array, now = START, from = HERE): boolean {
    return this.receive([1], chunks, now, from);
  }

  /** What was sent since the last call. */
  take(): Sent[] {
    return this.sent.splice(0);
  }

  /** The types of the chunks that were sent since the last call, by packets. */
  types(): number[][] {
    return this.take().map(({ chunks }) => chunks.map(({ type }) => type));
  }

  send(datagram: Uint8Array, to: Address): void {
    if (wire.idOf(datagram) !== PEER_ID) throw new Error("another id");
    const { packet } = wire.open(datagram, { key: OUTBOUND });
    const flags = packet.byte();
    // Where the peer may not be it is told no times.
    const isHere = to.hostname === this.session.address.hostname &&
      to.port === this.session.address.port;
    if ((flags & 8) !== (isHere ? 8 : 0)) throw new Error("no time, or one that is not to be told");
    if (isHere) packet.short();
    const echo = (flags & 4) === 0 ? undefined : packet.short();
    this.sent.push({
      to,
      length: datagram.length,
      flags,
      echo,
      chunks: wire.chunksOf(packet),
    });
  }

  randomBytes(length: number): Uint8Array {
    return new Uint8Array(length).fill(++this.#random);
  }

  onFlow(): boolean {
    this.told.push("flow");
    return true;
  }

  onMessages(flow: ReceiveFlow): void {
    for (let one = flow.shift(); one !== undefined; one = flow.shift()) {
      this.messages.push(one);
      this.onMessage();
    }
  }

  onFlowEnd(): void {
    this.told.push("flow end");
  }

  onRoom(): void {
    this.told.push("room");
  }

  onRefused(flow: { readonly id: number }): void {
    this.told.push(`refused ${flow.id}`);
  }

  onPong(): void {
    this.told.push("pong");
  }

  onMoved({ hostname, port }: Address): void {
    this.told.push(`moved ${hostname} ${port}`);
  }

  onClose(reason: string): void {
    this.told.push(reason);
  }

  othersCriticalAt(): number {
    return this.criticalElsewhere;
  }
}
