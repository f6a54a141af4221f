/**
 * A client of RTMFP [RFC 7016 §3.5.1], sans-IO: it says hello until it is answered, brings the cookie back,
 * and has a session then. Somebody calls {@link Initiator.tick} some times a second.
 *
 * @module
 */
import type { Ciphers } from "../../ports/ciphers.ts";
import type { Address } from "../../ports/connection.ts";
import { PRIVATE_KEY_LENGTH } from "../crypto/diffie_hellman.ts";
import { discriminatorOf } from "./certificate.ts";
import { ChunkType, PacketFlag, PacketMode } from "./chunk_types.ts";
import { MAX_COOKIE_LENGTH } from "./cookies.ts";
import { agree, initiate, type Wishes } from "./keying.ts";
import { sessionIdOf, startupCipher } from "./packet_cipher.ts";
import { PacketReader } from "./reader.ts";
import { Session, type SessionOwner } from "./session.ts";
import {
  readRedirection,
  readResponderHello,
  readResponderKeying,
  type RedirectAddress,
  StartupWriter,
} from "./startup.ts";

/** Bytes of what a hello is known by. */
const TAG_LENGTH = 16;

/** Longest cookie that is brought back, bytes: that of other servers may be longer than ours. */
const LONGEST_COOKIE = 4 * MAX_COOKIE_LENGTH;

/** Longest URL, as what a server is asked for, bytes. */
const MAX_URL_LENGTH = 512;

/** How long an answer is waited for (ms), what that grows by with each time, and when it is given up. */
const AGAIN_MS = 500;
const BACKOFF = 1.5;
const GIVE_UP_MS = 20_000;

/** Who keeps a client. No call may throw. */
export interface InitiatorOwner extends SessionOwner {
  /** There is a session: flows may be opened. */
  onOpen(session: Session): void;
  /** There is none: nobody answered, the keys cannot be agreed on, or it is to be had elsewhere. */
  onFailed(why: "timeout" | "keys" | readonly RedirectAddress[]): void;
}

/** What a client asks for. */
export interface InitiatorOptions extends Wishes {
  readonly url: string;
  readonly server: Address;
  readonly maxMessageBytes: number;
  /** The ciphers of the platform, if they are faster than our own. */
  readonly ciphers?: Ciphers | undefined;
}

/** One client. */
export class Initiator {
  /** `hello` and `keying` wait for answers; `over`: it failed, or its session is gone. */
  state: "hello" | "keying" | "open" | "over" = "hello";
  session: Session | undefined;
  readonly #owner: InitiatorOwner;
  readonly #options: InitiatorOptions;
  readonly #cipher = startupCipher();
  readonly #reader = new PacketReader();
  readonly #writer = new StartupWriter();
  readonly #tag: Uint8Array;
  readonly #privateKey: Uint8Array;
  readonly #id: number;
  readonly #since: number;
  #component: Uint8Array | undefined;
  /** What is sent until it is answered, when that was last (ms), and how long it waits (ms). */
  #startup: Uint8Array;
  #sentAt: number;
  #wait = AGAIN_MS;

  /** Says hello at once. The URL may have 512 bytes. */
  constructor(owner: InitiatorOwner, options: InitiatorOptions, now: number) {
    this.#owner = owner;
    this.#options = options;
    this.#since = this.#sentAt = now;
    this.#tag = owner.randomBytes(TAG_LENGTH);
    this.#privateKey = owner.randomBytes(PRIVATE_KEY_LENGTH);
    const [a, b, c, d] = owner.randomBytes(4) as unknown as [number, number, number, number];
    this.#id = ((a << 24 | b << 16 | c << 8 | d) >>> 0) || 1;
    const hello = discriminatorOf(options.url.slice(0, MAX_URL_LENGTH));
    this.#startup = this.#seal(this.#writer.initiatorHello(hello, this.#tag));
    this.#send(now);
  }

  #seal(packet: Uint8Array): Uint8Array {
    return this.#cipher.seal(packet, packet.length, 0);
  }

  #send(now: number): void {
    this.#sentAt = now;
    this.#owner.send(this.#startup, this.#options.server);
  }

  /** Takes a datagram, which may be used again afterwards. Returns whether it was of any use. */
  receive(datagram: Uint8Array, from: Address, now: number): boolean {
    if (this.session !== undefined) {
      return sessionIdOf(datagram) === this.#id && this.session.receive(datagram, from, now);
    }
    const id = sessionIdOf(datagram);
    if (this.state === "over" || (id !== 0 && id !== this.#id)) return false;
    const reader = this.#reader;
    if (!this.#cipher.open(datagram, reader)) return false;
    if ((reader.u8() & PacketFlag.Mode) !== PacketMode.Startup) return false;
    const type = reader.u8();
    const length = reader.u16();
    if (reader.failed || length > reader.left) return false;
    reader.end = reader.at + length;
    if (type === ChunkType.ResponderHello) return this.#onHello(now);
    if (type === ChunkType.Redirect) return this.#onRedirect();
    return type === ChunkType.ResponderKeying && id === this.#id && this.#onKeying(from, now);
  }

  #onHello(now: number): boolean {
    if (this.state !== "hello") return false;
    const cookie = readResponderHello(this.#reader, this.#tag);
    if (cookie === undefined || cookie.length > LONGEST_COOKIE) return false;
    const { certificate, component } = initiate(this.#privateKey, this.#options);
    this.#component = component;
    this.state = "keying";
    this.#wait = AGAIN_MS;
    this.#startup = this.#seal(
      this.#writer.initiatorKeying(this.#id, cookie, certificate, component),
    );
    this.#send(now);
    return true;
  }

  #onRedirect(): boolean {
    if (this.state !== "hello") return false;
    const addresses = readRedirection(this.#reader, this.#tag);
    if (addresses === undefined) return false;
    this.state = "over";
    this.#owner.onFailed(addresses);
    return true;
  }

  #onKeying(from: Address, now: number): boolean {
    if (this.state !== "keying") return false;
    const keying = readResponderKeying(this.#reader);
    if (keying === undefined) return false;
    const { ciphers, maxMessageBytes } = this.#options;
    const keys = agree(
      this.#privateKey,
      this.#component!,
      keying.component,
      this.#options,
      ciphers,
    );
    if (keys === undefined) {
      this.state = "over";
      this.#owner.onFailed("keys");
      return false;
    }
    this.state = "open";
    this.session = new Session(
      this.#owner,
      keys,
      keying.sessionId,
      from,
      maxMessageBytes,
      now,
      PacketMode.Initiator,
    );
    this.#owner.onOpen(this.session);
    return true;
  }

  /** Looks at the clock. */
  tick(now: number): void {
    if (this.session !== undefined) {
      this.session.tick(now);
      if (this.session.state === "gone") this.state = "over";
    } else if (this.state !== "over") {
      if (now - this.#since >= GIVE_UP_MS) {
        this.state = "over";
        this.#owner.onFailed("timeout");
      } else if (now - this.#sentAt >= this.#wait) {
        this.#wait *= BACKOFF;
        this.#send(now);
      }
    }
  }
}
