/**
 * Where clients of RTMFP come to [RFC 7016 §3.5.1]: hellos are answered out of nothing but a secret, and a
 * session is made for who brings the cookie back. No answer before that is longer than what it answers.
 *
 * @module
 */
import type { Ciphers } from "../../ports/ciphers.ts";
import type { Address } from "../../ports/connection.ts";
import { hex } from "../bytes/hex.ts";
import { PRIVATE_KEY_LENGTH } from "../crypto/diffie_hellman.ts";
import { sha256 } from "../crypto/sha256.ts";
import { readCertificate, readDiscriminator, SERVER_CERTIFICATE } from "./certificate.ts";
import { ChunkType, PacketFlag, PacketMode } from "./chunk_types.ts";
import { COOKIE_SECONDS, Cookies, MAX_COOKIE_LENGTH, MIN_COOKIE_LENGTH } from "./cookies.ts";
import { readInitiatorComponent, respond } from "./keying.ts";
import { SESSION_ID_LENGTH, sessionIdOf, startupCipher } from "./packet_cipher.ts";
import { PacketReader } from "./reader.ts";
import { Session, type SessionOwner } from "./session.ts";
import {
  type InitiatorKeying,
  readInitiatorHello,
  readInitiatorKeying,
  type RedirectAddress,
  StartupWriter,
} from "./startup.ts";

/** Handshakes of sessions that are over and must not begin again, at the most. */
const MAX_USED = 8192;

/** Why a client gets no session. */
export type Refusal = "cookie" | "keys" | "replayed" | "busy";

/** Who keeps the sessions. No call may throw. */
export interface ResponderOwner {
  /** A datagram for somebody who has no session yet. */
  send(datagram: Uint8Array, to: Address): void;
  randomBytes(length: number): Uint8Array;
  /** Whether one more session may be made for a client there, which costs milliseconds. */
  admits(from: Address, now: number): boolean;
  /** A session is made: who is told of it? Called before {@link SessionOwner} is. */
  open(from: Address): SessionOwner & { session: Session | undefined };
  /** Where clients are sent, in place of a session; none where it stays here. */
  redirect?(url: string): readonly RedirectAddress[] | undefined;
  /** A handshake came to nothing, by what the client brought or by what there is room for. */
  onRefused?(why: Refusal, from: Address): void;
}

interface Entry {
  readonly session: Session;
  /** What its handshake is known by. */
  readonly key: string;
  /** The answer to the handshake, until the first packet shows that it came. */
  answer: Uint8Array | undefined;
}

/** The sessions of one port. */
export class Responder {
  /** The ciphers of sessions that begin, if they are not our own. */
  ciphers: Ciphers | undefined;
  readonly #owner: ResponderOwner;
  readonly #maxMessageBytes: number;
  readonly #cookies: Cookies;
  readonly #cipher = startupCipher();
  readonly #reader = new PacketReader();
  readonly #writer = new StartupWriter();
  readonly #sessions = new Map<number, Entry>();
  readonly #byHandshake = new Map<string, Entry>();
  /** Handshakes of sessions that are over, by when they can be forgotten (ms). */
  readonly #used = new Map<string, number>();

  constructor(owner: ResponderOwner, maxMessageBytes: number) {
    this.#owner = owner;
    this.#maxMessageBytes = maxMessageBytes;
    this.#cookies = new Cookies(owner.randomBytes(32));
  }

  /** Sessions that there are, those that are over but remembered included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Takes a datagram, which may be used again afterwards. Returns whether it was of any use. */
  receive(datagram: Uint8Array, from: Address, now: number): boolean {
    const id = sessionIdOf(datagram);
    if (id === undefined) return false;
    if (id === 0) return this.#startup(datagram, from, now);
    const entry = this.#sessions.get(id);
    if (entry === undefined || !entry.session.receive(datagram, from, now)) return false;
    entry.answer = undefined;
    return true;
  }

  #startup(datagram: Uint8Array, from: Address, now: number): boolean {
    const reader = this.#reader;
    if (!this.#cipher.open(datagram, reader)) return false;
    const flags = reader.u8();
    if ((flags & PacketFlag.Mode) !== PacketMode.Startup) return false;
    if ((flags & PacketFlag.Timestamp) !== 0) reader.u16();
    if ((flags & PacketFlag.TimestampEcho) !== 0) reader.u16();
    const type = reader.u8();
    const length = reader.u16();
    if (reader.failed || length > reader.left) return false;
    reader.end = reader.at + length;
    if (type === ChunkType.InitiatorHello) return this.#hello(datagram.length, from, now);
    if (type !== ChunkType.InitiatorKeying) return false;
    const keying = readInitiatorKeying(reader);
    return keying !== undefined && this.#keying(keying, from, now);
  }

  /** Answers a hello, in no more bytes than it had. */
  #hello(length: number, from: Address, now: number): boolean {
    const hello = readInitiatorHello(this.#reader);
    const asked = hello && readDiscriminator(hello.discriminator);
    if (hello === undefined || asked === undefined) return false;
    const { tag } = hello;
    const room = roomIn(length);
    const elsewhere = this.#owner.redirect?.(asked.url);
    let answer: Uint8Array | undefined;
    if (elsewhere !== undefined) answer = this.#writer.redirect(tag, elsewhere);
    else {
      const left = room - this.#writer.helloLength(tag, SERVER_CERTIFICATE);
      if (left < MIN_COOKIE_LENGTH) return false;
      const size = Math.min(left, MAX_COOKIE_LENGTH);
      const cookie = this.#cookies.make(addressKey(from), now, size);
      answer = this.#writer.hello(tag, cookie, SERVER_CERTIFICATE);
    }
    if (answer === undefined || answer.length > room) return false;
    this.#owner.send(this.#cipher.seal(answer, answer.length, 0), from);
    return true;
  }

  #keying(keying: InitiatorKeying, from: Address, now: number): boolean {
    const address = addressKey(from);
    if (!this.#cookies.isGood(keying.cookie, address, now)) return this.#refuse("cookie", from);
    const key = `${address} ${keying.sessionId} ${hex(sha256(keying.component))}`;
    const known = this.#byHandshake.get(key);
    if (known !== undefined) {
      // The answer was lost, or somebody sends the handshake again.
      if (known.answer === undefined) return false;
      this.#answer(keying.sessionId, known.answer, from);
      return true;
    }
    if (this.#wasUsed(key, now)) return this.#refuse("replayed", from);
    const certificate = readCertificate(keying.certificate);
    const offer = certificate && readInitiatorComponent(keying.component, certificate);
    if (offer === undefined) return this.#refuse("keys", from);
    if (!this.#owner.admits(from, now)) return this.#refuse("busy", from);
    const keys = respond(
      offer,
      keying.component,
      this.#owner.randomBytes(PRIVATE_KEY_LENGTH),
      this.ciphers,
    );
    if (keys === undefined) return this.#refuse("keys", from);
    const owner = this.#owner.open(from);
    const session = new Session(owner, keys, keying.sessionId, from, this.#maxMessageBytes, now);
    owner.session = session;
    const id = this.#newId();
    const answer = this.#writer.keying(id, keys.component).slice();
    const entry = { session, key, answer };
    this.#sessions.set(id, entry);
    this.#byHandshake.set(key, entry);
    this.#answer(keying.sessionId, answer, from);
    return true;
  }

  #refuse(why: Refusal, from: Address): false {
    this.#owner.onRefused?.(why, from);
    return false;
  }

  #answer(sessionId: number, answer: Uint8Array, to: Address): void {
    this.#owner.send(this.#cipher.seal(answer, answer.length, sessionId), to);
  }

  #newId(): number {
    for (;;) {
      const bytes = this.#owner.randomBytes(4);
      const id = ((bytes[0]! << 24 | bytes[1]! << 16 | bytes[2]! << 8 | bytes[3]!) >>> 0) || 1;
      if (!this.#sessions.has(id)) return id;
    }
  }

  #wasUsed(key: string, now: number): boolean {
    for (const [old, until] of this.#used) {
      if (until > now && this.#used.size <= MAX_USED) break;
      this.#used.delete(old);
    }
    return this.#used.has(key);
  }

  /** Looks at the clock, and forgets sessions that are gone. */
  tick(now: number): void {
    for (const [id, { session, key }] of this.#sessions) {
      session.tick(now);
      if (session.state !== "gone") continue;
      this.#sessions.delete(id);
      this.#byHandshake.delete(key);
      this.#used.set(key, now + (COOKIE_SECONDS + 1) * 1000);
    }
  }

  /** Closes all of them. */
  close(now: number): void {
    for (const { session } of this.#sessions.values()) session.close(now);
  }
}

/** Bytes of a packet with a checksum in a datagram of `length` bytes, which has whole blocks. */
function roomIn(length: number): number {
  return length - SESSION_ID_LENGTH - 2;
}

/** An address as a text that is its own and nobody else's. */
export function addressKey({ hostname, port }: Address): string {
  return `${hostname} ${port}`;
}
