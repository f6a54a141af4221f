/**
 * An RTMFP client as a connection: what comes on its flows is what the session reads, and what the session
 * writes goes out on flows. Nobody behind it knows of packets.
 *
 * @module
 */
import type { ReceiveFlow } from "../../core/rtmfp/receive_flow.ts";
import type { SendFlow } from "../../core/rtmfp/send_flow.ts";
import type { Session, SessionOwner } from "../../core/rtmfp/session.ts";
import { messageStreamOf } from "../../core/rtmfp/tc_message.ts";
import type { Address, Clock, Connection, ConnectionHandler } from "../../ports.ts";
import { InFlows, WHOLE_MESSAGES } from "./in_flows.ts";
import { OutFlows } from "./out_flows.ts";

/** Bytes of messages that are on their way, or wait for it, before no further write is asked for. */
const SEND_BYTES = 128 * 1024;

/** The same where the way to the client is long and wide, at the most. */
const MAX_SEND_BYTES = 1024 * 1024;

/** What a connection asks of the service. */
export interface ConnectionOwner {
  readonly clock: Clock;
  readonly local: Address;
  randomBytes(length: number): Uint8Array;
  send(datagram: Uint8Array, to: Address): void;
  /** The client wants to speak RTMP: it is a connection from now on. */
  onReady(connection: RtmfpConnection): void;
  /** It is over. */
  onGone(connection: RtmfpConnection): void;
  /** When time critical packets last came to a session that is not this one (ms). */
  criticalBeside(session: Session): number;
}

/** One RTMFP client. */
export class RtmfpConnection implements Connection, SessionOwner {
  /** Set before anything is told of it. */
  session: Session | undefined;
  /** When its keys were made (ms). */
  readonly since: number;
  readonly #owner: ConnectionOwner;
  readonly #first: Address;
  readonly #inFlows = new InFlows();
  #outFlows: OutFlows | undefined;
  #control: ReceiveFlow | undefined;
  #handler: ConnectionHandler | undefined;
  #written = 0;
  #waits = false;
  #paused = false;
  #delivering = false;
  #state: "open" | "ending" | "closed" = "open";
  /** The time in a ping of the session that was not answered yet. */
  #pinged: number | undefined;

  constructor(owner: ConnectionOwner, from: Address) {
    this.#owner = owner;
    this.#first = from;
    this.since = owner.clock.now();
  }

  /** Whether it has become a connection. */
  get ready(): boolean {
    return this.#control !== undefined;
  }

  /** Whether it is over. */
  get closed(): boolean {
    return this.#state === "closed";
  }

  get remote(): Address {
    return this.session?.address ?? this.#first;
  }

  get local(): Address {
    return this.#owner.local;
  }

  get bytesWritten(): number {
    return this.#written - (this.session?.outgoing.bufferedBytes ?? 0);
  }

  // As a connection

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    handler.onData(WHOLE_MESSAGES);
  }

  write(bytes: Uint8Array): boolean {
    const { session } = this;
    if (this.#state !== "open" || session === undefined || bytes.length === 0) return true;
    const now = this.#owner.clock.now();
    this.#written += bytes.length;
    try {
      this.#outFlows?.write(bytes, now);
    } catch {
      // More flows than a client may have: it is told goodbye, and its owner in a turn of its own.
      this.destroy();
      return true;
    }
    session.flush(now);
    this.#waits = session.outgoing.bufferedBytes > this.#room(session);
    return !this.#waits;
  }

  #room(session: Session): number {
    const { window } = session.outgoing.congestion;
    return Math.min(Math.max(SEND_BYTES, 2 * window), MAX_SEND_BYTES);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliverAll();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#endIfIdle();
  }

  destroy(): void {
    this.session?.close(this.#owner.clock.now());
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#owner.onGone(this);
    // Its owner may be in the middle of something.
    this.#owner.clock.after(0, () => this.#handler?.onClose());
  }

  #endIfIdle(): void {
    if (this.#state === "ending" && this.session?.outgoing.idle !== false) this.destroy();
  }

  // As the owner of a session

  send(datagram: Uint8Array, to: Address): void {
    this.#owner.send(datagram, to);
  }

  randomBytes(length: number): Uint8Array {
    return this.#owner.randomBytes(length);
  }

  onFlow(flow: ReceiveFlow): boolean {
    const streamId = messageStreamOf(flow.metadata);
    if (streamId === undefined || this.#state !== "open") return false;
    if (this.#control !== undefined) return true;
    // The first one is that of the connection; groups and other peers have theirs elsewhere.
    if (streamId !== 0) return false;
    this.#control = flow;
    const { outgoing } = this.session!;
    this.#outFlows = new OutFlows(outgoing, flow.id, (time) => this.#ping(time));
    this.#owner.onReady(this);
    return true;
  }

  onMessages(flow: ReceiveFlow): void {
    this.#deliver(flow);
  }

  #deliver(flow: ReceiveFlow): boolean {
    // Who takes a message may write, and hear of room, in the middle of it.
    if (this.#delivering) return false;
    this.#delivering = true;
    let released = false;
    let taken = false;
    try {
      while (!this.#paused && this.#state === "open" && !this.#inFlows.isHeld(flow)) {
        const message = flow.shift();
        if (message === undefined) break;
        taken = true;
        const chunk = this.#inFlows.chunkOf(flow, message, () => released = true);
        if (chunk !== undefined) this.#handler?.onData(chunk);
      }
    } finally {
      this.#delivering = false;
    }
    if (released) this.#deliverAll(flow);
    return taken;
  }

  /** Goes on with what waits on all flows but one. */
  #deliverAll(but?: ReceiveFlow): void {
    const { session } = this;
    if (session === undefined || this.#delivering) return;
    for (const flow of session.incoming.flows) {
      if (flow === but || flow.messages.length === 0) continue;
      if (this.#deliver(flow)) session.taken(flow, this.#owner.clock.now());
    }
  }

  onFlowEnd(flow: ReceiveFlow): void {
    this.#inFlows.forget(flow);
    if (flow === this.#control) this.destroy();
  }

  onRoom(): void {
    const { session } = this;
    if (session === undefined) return;
    if (this.#waits && session.outgoing.bufferedBytes <= this.#room(session) / 2) {
      this.#waits = false;
      this.#handler?.onWritable();
    }
    this.#endIfIdle();
  }

  onRefused(flow: SendFlow): void {
    this.#outFlows?.refused(flow);
    this.onRoom();
  }

  #ping(time: number): void {
    this.#pinged = time;
    this.session!.ping(this.#owner.clock.now());
  }

  /** The session below was answered: so is the ping of the one above. */
  onPong(): void {
    const time = this.#pinged;
    if (time === undefined || this.#state !== "open") return;
    this.#pinged = undefined;
    const answer = Uint8Array.of(3, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0);
    new DataView(answer.buffer).setUint32(14, time);
    this.#handler?.onData(answer);
  }

  onMoved(): void {}

  onClose(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#owner.onGone(this);
    this.#handler?.onClose();
  }

  othersCriticalAt(): number {
    return this.#owner.criticalBeside(this.session!);
  }
}
