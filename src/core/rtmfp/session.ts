/**
 * A session with a peer once its keys are there [RFC 7016 §3.5]: packets in and out, acknowledgements,
 * signs of life, other addresses of the peer, and the end. No socket, no clock and no randomness of its own:
 * somebody calls {@link Session.tick} some times a second.
 *
 * @module
 */
import type { Address } from "../../ports/connection.ts";
import { ChunkType, PacketFlag, PacketMode } from "./chunk_types.ts";
import { type FlowOwner, Incoming } from "./incoming.ts";
import { Mobility } from "./mobility.ts";
import { Outgoing } from "./outgoing.ts";
import type { PacketCipher } from "./packet_cipher.ts";
import { PacketReader } from "./reader.ts";
import type { ReceiveFlow } from "./receive_flow.ts";
import type { SendFlow } from "./send_flow.ts";
import { PacketTimes } from "./times.ts";
import { PacketWriter } from "./writer.ts";

/** Bytes of the longest packet that is sent: with all around it, it passes links of 1280 bytes whole. */
const PACKET_LENGTH = 1184;

/** Packets that one turn may send: more than that at once fills the buffers of sockets. */
const MAX_BURST = 24;

/** How long the peer may be silent before it is asked whether it is there (ms), and again. */
export const KEEPALIVE_MS = 15_000;

/** How long the peer may be silent before it is taken to be gone (ms). */
export const SILENT_MS = 60_000;

/** How long the peer gets nothing of what it was sent before it is taken to be gone (ms). */
const NO_PROGRESS_MS = 30_000;

/** How long time critical packets have the right of way (ms) [RFC 7016 §3.5.2.1]. */
const CRITICAL_MS = 800;

/** How often the peer is told that a session is closed (ms), and how many times. */
const CLOSE_MS = 500;
const CLOSE_ATTEMPTS = 4;

/** How long a session that the peer closed answers it (ms). */
const LINGER_MS = 3000;

/** How often what is late is given up (ms). */
const EXPIRE_MS = 100;

/** Longest ping that is answered, bytes. */
const MAX_PING_LENGTH = 1000;

/** Answers to what is in one packet, beside acknowledgements. */
const MAX_ANSWERS = 4;

/** Who keeps a session. No call may throw. */
export interface SessionOwner extends FlowOwner {
  /** A datagram for the peer. */
  send(datagram: Uint8Array, to: Address): void;
  /** Strong random bytes. */
  randomBytes(length: number): Uint8Array;
  /** Something that was sent has arrived: there may be room for more. */
  onRoom(): void;
  /** The peer does not want a flow of ours. */
  onRefused(flow: SendFlow): void;
  /** A ping of the owner was answered. */
  onPong(): void;
  /** The peer has another address, and has answered there. */
  onMoved(address: Address): void;
  /** It is over; said once. */
  onClose(reason: "closed" | "timeout"): void;
  /** When time critical packets last came to another session (ms): this one gives way to them. */
  othersCriticalAt(): number;
}

/** A session, from the side of its responder if nothing else is said. */
export class Session {
  readonly incoming: Incoming;
  readonly outgoing = new Outgoing();
  /** When the peer was last heard of, and when it was last sent something (ms). */
  heardAt: number;
  /** When time critical packets last came (ms). */
  criticalAt = -Infinity;
  /** `closing`: the peer is told; `lingering`: it knows, and may ask again; `gone`: forget it. */
  state: "open" | "closing" | "lingering" | "gone" = "open";
  readonly #owner: SessionOwner;
  readonly #inbound: PacketCipher;
  readonly #outbound: PacketCipher;
  readonly #peerId: number;
  readonly #mobility: Mobility;
  readonly #times = new PacketTimes();
  #address: Address;
  #pingedAt: number;
  #sentCriticalAt = -Infinity;
  /** When a packet said that others have the right of way (ms). */
  #yieldedAt = -Infinity;
  #closeAt = 0;
  #closeAttempts = 0;
  #lingerUntil = 0;
  #expireAt = 0;
  /** Answers that the packet which is being read may still have. */
  #answers = 0;
  /** Bytes that may be sent for it to an address where the peer may not be. */
  #strangeBytes = 0;

  constructor(
    owner: SessionOwner,
    ciphers: { readonly inbound: PacketCipher; readonly outbound: PacketCipher },
    /** The session id of the peer, ahead of all that it is sent. */
    peerId: number,
    address: Address,
    maxMessageBytes: number,
    now: number,
    /** Which side this is. */
    private readonly mode: number = PacketMode.Responder,
  ) {
    this.#owner = owner;
    this.#inbound = ciphers.inbound;
    this.#outbound = ciphers.outbound;
    this.#peerId = peerId;
    this.#address = address;
    this.#mobility = new Mobility(owner);
    this.incoming = new Incoming(owner, maxMessageBytes);
    this.heardAt = this.#pingedAt = this.outgoing.progressAt = now;
  }

  /** Where the peer is. */
  get address(): Address {
    return this.#address;
  }

  // What the peer sends

  /** Takes a datagram with the session's id. Returns whether it was one of the peer. */
  receive(datagram: Uint8Array, from: Address, now: number): boolean {
    if (this.state === "gone") return false;
    const reader = packetReader;
    if (!this.#inbound.open(datagram, reader)) return false;
    const flags = reader.u8();
    // A packet of ours that somebody sends back is none of the peer's.
    const theirs = PacketMode.Initiator + PacketMode.Responder - this.mode;
    if ((flags & PacketFlag.Mode) !== theirs) return false;
    // Whatever a cipher opens has a block at least, which flags and times are no longer than.
    const rtt = this.#times.read(flags, reader, now);
    if (rtt !== undefined) this.outgoing.roundTrip.sample(rtt);
    this.heardAt = now;
    if ((flags & PacketFlag.TimeCritical) !== 0) this.criticalAt = now;
    if ((flags & PacketFlag.TimeCriticalReverse) !== 0) this.#yieldedAt = now;
    this.#answers = MAX_ANSWERS;
    if (!this.#isHere(from)) {
      // Whoever has the keys can say that he is anywhere: nobody there gets more than he sent.
      this.#strangeBytes = datagram.length;
      const ping = this.#mobility.probe(from, now);
      if (ping !== undefined) this.#answer(ChunkType.Ping, ping, from, now);
    }
    this.#readChunks(reader, from, now);
    if (this.state === "open") this.flush(now);
    return true;
  }

  #isHere({ hostname, port }: Address): boolean {
    return this.#address.port === port && this.#address.hostname === hostname;
  }

  #readChunks(reader: PacketReader, from: Address, now: number): void {
    const { incoming } = this;
    const { bytes, end } = reader;
    let at = reader.at;
    let hasData = false;
    incoming.beginPacket();
    // Whoever takes a message may close the session, and reads nothing of another meanwhile.
    while (end - at >= 3 && this.state !== "gone") {
      const type = bytes[at]!;
      if (type === 0 || type === ChunkType.Padding) break;
      const start = at + 3;
      at = start + (bytes[at + 1]! << 8 | bytes[at + 2]!);
      if (at > end) break;
      reader.set(bytes, start, at);
      if (type === ChunkType.UserData || type === ChunkType.NextUserData) {
        if (this.state !== "open") continue;
        hasData = incoming.userData(reader, type === ChunkType.NextUserData, now) || hasData;
      } else this.#readChunk(type, reader, from, now);
    }
    if (hasData) incoming.endPacket(now);
  }

  #readChunk(type: number, reader: PacketReader, from: Address, now: number): void {
    switch (type) {
      case ChunkType.AckBitmap:
      case ChunkType.AckRanges:
        this.outgoing.acknowledged(
          reader,
          type === ChunkType.AckBitmap,
          now,
          now - this.#sentCriticalAt < CRITICAL_MS,
          now - this.#yieldedAt < CRITICAL_MS,
        );
        return this.#owner.onRoom();
      case ChunkType.BufferProbe: {
        const id = reader.vlu();
        if (!reader.failed) this.incoming.probed(id, now);
        return;
      }
      case ChunkType.FlowException: {
        const flow = this.outgoing.refused(reader.vlu());
        if (flow !== undefined) this.#owner.onRefused(flow);
        return;
      }
      case ChunkType.Ping:
        if (reader.left <= MAX_PING_LENGTH) {
          this.#answer(ChunkType.PingReply, reader.rest(), from, now);
        }
        return;
      case ChunkType.PingReply:
        return this.#answered(reader.rest(), from, now);
      case ChunkType.SessionClose:
        this.#answer(ChunkType.SessionCloseAck, undefined, from, now);
        return this.#over("lingering", "closed", now);
      case ChunkType.SessionCloseAck:
        if (this.state === "closing") this.#over("gone", "closed", now);
    }
  }

  #answered(message: Uint8Array, from: Address, now: number): void {
    if (message.length === 0) return this.#owner.onPong();
    if (!this.#mobility.isAnswer(message, from, now)) return;
    this.#address = from;
    this.outgoing.moved();
    this.#owner.onMoved(from);
  }

  // What the peer is sent

  /** Sends what may be sent now. */
  flush(now: number): void {
    if (this.state !== "open") return;
    const { incoming, outgoing } = this;
    for (let sent = 0; sent < MAX_BURST; sent++) {
      const acks = incoming.owing && (incoming.ackAt <= now || outgoing.ready);
      if (!acks && !outgoing.ready) break;
      const writer = this.#begin();
      if (acks) incoming.writeAcks(writer);
      const critical = outgoing.writeData(writer, now);
      if (writer.at === HEAD_LENGTH) break;
      if (critical) this.#sentCriticalAt = now;
      this.#send(writer, this.#address, now, critical === true);
    }
  }

  #begin(): PacketWriter {
    packetWriter.at = HEAD_LENGTH;
    return packetWriter;
  }

  #send(writer: PacketWriter, to: Address, now: number, critical = false): void {
    const reverse = now - this.#owner.othersCriticalAt() < CRITICAL_MS;
    const flags = this.mode | (critical ? PacketFlag.TimeCritical : 0) |
      (reverse ? PacketFlag.TimeCriticalReverse : 0);
    const start = this.#times.write(writer.bytes, HEAD_LENGTH, flags, now);
    const packet = writer.bytes.subarray(start, writer.at);
    this.#owner.send(this.#outbound.seal(packet, packet.length, this.#peerId), to);
  }

  #sendControl(type: number, body: Uint8Array | undefined, to: Address, now: number): void {
    const writer = this.#begin().begin(type);
    if (body !== undefined) writer.put(body);
    this.#send(writer.end(), to, now);
  }

  /** Answers what is in a packet, to where it says that it is from. */
  #answer(type: number, body: Uint8Array | undefined, to: Address, now: number): void {
    if (this.#answers-- <= 0) return;
    if (this.#isHere(to)) return this.#sendControl(type, body, to, now);
    const writer = this.#begin().begin(type);
    if (body !== undefined) writer.put(body);
    // Times would make it longer, and are those of another way.
    writer.end().bytes[HEAD_LENGTH - 1] = this.mode;
    const packet = writer.bytes.subarray(HEAD_LENGTH - 1, writer.at);
    const datagram = this.#outbound.seal(packet, packet.length, this.#peerId);
    if (datagram.length > this.#strangeBytes) return;
    this.#strangeBytes -= datagram.length;
    this.#owner.send(datagram, to);
  }

  /** Asks the peer for a sign of life, of which the owner is told. */
  ping(now: number): void {
    if (this.state !== "open") return;
    this.#pingedAt = now;
    this.#sendControl(ChunkType.Ping, undefined, this.#address, now);
  }

  /** Messages of a flow were taken, and there is room again. */
  taken(flow: ReceiveFlow, now: number): void {
    if (this.state !== "open") return;
    this.incoming.tellRoom(flow, now);
    this.flush(now);
  }

  // Time

  /** Looks at the clock. */
  tick(now: number): void {
    if (this.state === "open") this.#watch(now);
    else if (this.state === "closing") this.#tellClose(now);
    else if (now >= this.#lingerUntil) this.state = "gone";
  }

  #watch(now: number): void {
    const { outgoing, incoming } = this;
    if (now >= this.#expireAt) {
      this.#expireAt = now + EXPIRE_MS;
      outgoing.expire(now);
      if (outgoing.idle) outgoing.progressAt = now;
    }
    const silent = now - this.heardAt;
    if (silent >= SILENT_MS || now - outgoing.progressAt >= NO_PROGRESS_MS) {
      return this.#over("gone", "timeout", now);
    }
    if (silent >= KEEPALIVE_MS && now - this.#pingedAt >= KEEPALIVE_MS / 2) this.ping(now);
    outgoing.timeOut(now);
    if (outgoing.ready || incoming.ackAt <= now) this.flush(now);
    const writer = this.#begin();
    if (outgoing.writeProbe(writer, now)) this.#send(writer, this.#address, now);
  }

  // The end

  /** Closes the session: nothing more is taken or sent, and the peer is told. */
  close(now: number): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.#tellClose(now);
  }

  #tellClose(now: number): void {
    if (now < this.#closeAt) return;
    if (this.#closeAttempts++ >= CLOSE_ATTEMPTS) return this.#over("gone", "closed", now);
    this.#closeAt = now + CLOSE_MS;
    this.#sendControl(ChunkType.SessionClose, undefined, this.#address, now);
  }

  #over(state: "lingering" | "gone", reason: "closed" | "timeout", now: number): void {
    const was = this.state;
    if (was === "gone" || was === "lingering") return;
    this.state = state;
    this.#lingerUntil = now + LINGER_MS;
    this.#owner.onClose(reason);
  }
}

/** Bytes that flags and times take at the most, ahead of the chunks. */
const HEAD_LENGTH = 5;

/** Packets are read and written one after the other. */
const packetReader = new PacketReader();
const packetWriter = new PacketWriter(PACKET_LENGTH);
