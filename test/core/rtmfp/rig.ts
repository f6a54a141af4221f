/**
 * A responder and independent initiators with a link between them that loses, re-orders and repeats
 * datagrams by a seed, and a clock that moves when it is told.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Address } from "../../../src/ports.ts";
import { Responder, type ResponderOwner } from "../../../src/core/rtmfp/responder.ts";
import type { ReceiveFlow } from "../../../src/core/rtmfp/receive_flow.ts";
import type { Session, SessionOwner } from "../../../src/core/rtmfp/session.ts";
import { MESSAGE_ROOM } from "../../../src/core/rtmfp/assembly.ts";
import { type PeerOptions, RtmfpPeer } from "../../support/rtmfp/peer.ts";

/** How a link treats datagrams, as parts of 1. */
export interface Faults {
  readonly lost?: number;
  readonly late?: number;
  readonly twice?: number;
}

/** Numbers from 0 to 1 by a seed. */
export function chances(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A session, as its owner sees it. */
export class Side implements SessionOwner {
  session: Session | undefined;
  readonly messages: { readonly flow: ReceiveFlow; readonly bytes: Uint8Array }[] = [];
  readonly flows: ReceiveFlow[] = [];
  readonly ended: ReceiveFlow[] = [];
  closed: string | undefined;
  moved: Address[] = [];
  pongs = 0;
  refusedFlows = 0;
  /** Whether it takes messages, and flows. */
  takes = true;
  wants = true;
  criticalElsewhere = -Infinity;

  constructor(readonly rig: Rig) {}

  send(datagram: Uint8Array, to: Address): void {
    this.rig.fromServer(datagram, to);
  }

  randomBytes(length: number): Uint8Array {
    return new Uint8Array(randomBytes(length));
  }

  onFlow(flow: ReceiveFlow): boolean {
    this.flows.push(flow);
    return this.wants;
  }

  onMessages(flow: ReceiveFlow): void {
    if (this.takes) this.take(flow);
  }

  /** Takes what waits. */
  take(flow: ReceiveFlow): void {
    for (let bytes = flow.shift(); bytes !== undefined; bytes = flow.shift()) {
      this.messages.push({ flow, bytes: bytes.slice(MESSAGE_ROOM) });
    }
  }

  onFlowEnd(flow: ReceiveFlow): void {
    this.ended.push(flow);
  }

  onRoom(): void {}

  onRefused(): void {
    this.refusedFlows++;
  }

  onPong(): void {
    this.pongs++;
  }

  onMoved(address: Address): void {
    this.moved.push(address);
  }

  onClose(reason: string): void {
    this.closed = reason;
  }

  othersCriticalAt(): number {
    return this.criticalElsewhere;
  }
}

/** One server, and who talks to it. */
export class Rig implements ResponderOwner {
  now = 1_000_000;
  readonly responder: Responder;
  readonly sides: Side[] = [];
  readonly refusals: string[] = [];
  readonly peers = new Map<string, RtmfpPeer>();
  admitted = true;
  redirects: ResponderOwner["redirect"];
  /** What the server sent to whom, before any fault. */
  readonly sent: { readonly datagram: Uint8Array; readonly to: Address }[] = [];
  readonly #chance: () => number;
  readonly #faults: Faults;
  #queue: { readonly at: number; readonly go: () => void }[] = [];

  constructor(faults: Faults = {}, seed = 1, maxMessageBytes = 1 << 20) {
    this.#chance = chances(seed);
    this.#faults = faults;
    this.responder = new Responder(this, maxMessageBytes);
  }

  randomBytes(length: number): Uint8Array {
    return new Uint8Array(randomBytes(length));
  }

  admits(): boolean {
    return this.admitted;
  }

  open(): Side {
    const side = new Side(this);
    this.sides.push(side);
    return side;
  }

  redirect(url: string) {
    return this.redirects?.(url);
  }

  onRefused(why: string): void {
    this.refusals.push(why);
  }

  send(datagram: Uint8Array, to: Address): void {
    this.fromServer(datagram, to);
  }

  /** A datagram of the server goes to whoever is at that address. */
  fromServer(datagram: Uint8Array, to: Address): void {
    this.sent.push({ datagram, to });
    if (this.sent.length > 5000) this.sent.shift();
    this.#carry(() => this.peers.get(`${to.hostname}:${to.port}`)?.receive(datagram, this.now));
  }

  /** A peer at an address. */
  peer(address: Address = { hostname: "10.0.0.1", port: 5000 }, options: PeerOptions = {}) {
    const where = { address };
    const peer = new RtmfpPeer((datagram) => this.toServer(datagram, where.address), options);
    const key = (address: Address) => `${address.hostname}:${address.port}`;
    this.peers.set(key(address), peer);
    const moveTo = (next: Address) => {
      this.peers.delete(key(where.address));
      where.address = next;
      this.peers.set(key(next), peer);
    };
    return { peer, moveTo };
  }

  toServer(datagram: Uint8Array, from: Address): void {
    this.#carry(() => this.responder.receive(datagram, from, this.now));
  }

  #carry(go: () => void): void {
    const { lost = 0, late = 0, twice = 0 } = this.#faults;
    const chance = this.#chance;
    if (chance() < lost) return;
    const at = this.now + 5 + (chance() < late ? 20 : 0);
    this.#queue.push({ at, go });
    if (chance() < twice) this.#queue.push({ at: at + 1, go });
  }

  /** Lets time pass in steps of 5 ms. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 5;
      const due = this.#queue.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at);
      this.#queue = this.#queue.filter(({ at }) => at > this.now);
      for (const { go } of due) go();
      this.responder.tick(this.now);
      for (const peer of this.peers.values()) peer.tick(this.now);
    }
  }

  /** Lets time pass until `done`, `ms` at the most. Returns whether it came to that. */
  until(done: () => boolean, ms = 60_000): boolean {
    const end = this.now + ms;
    while (!done() && this.now < end) this.pass(5);
    return done();
  }
}
