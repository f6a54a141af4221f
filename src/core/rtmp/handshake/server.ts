/**
 * The server's side of the handshake [RTMP 1.0 §5.2].
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import {
  CLIENT_DIGEST_KEY,
  HELLO_LENGTH,
  PACKET_LENGTH,
  RTMP_VERSION,
  SERVER_DIGEST_KEY,
  SERVER_KEY,
  SERVER_PRODUCT_VERSION,
} from "./constants.ts";
import { type DigestBase, findDigest, type FoundDigest, insertDigest, sign } from "./digest.ts";
import {
  type Ciphers,
  ciphersOf,
  keyIn,
  keyPairOf,
  placeKeys,
  RTMPE_VERSION,
  RTMPE_VERSIONS,
} from "./key_exchange.ts";
import {
  checkOptions,
  type HandshakeOptions,
  type RandomBytes,
  versionOf,
  writeEcho,
  writeFirst,
  writeUnsigned,
} from "./packet.ts";
import { PacketBuffer } from "./packet_buffer.ts";
import { checkHello } from "./version.ts";

/** What the server's side needs from outside. */
export interface ServerHandshakeOptions {
  /** As those of {@link HandshakeOptions}; asked for when C1 is answered, and not kept behind that. */
  readonly random: RandomBytes;
  /** See {@link HandshakeOptions}. */
  readonly now: number;
  /**
   * Whether clients that ask for RTMPE get it, or who decides once one does; they are refused
   * otherwise, and never answered in the clear.
   */
  readonly encrypts?: boolean | (() => boolean);
}

/** How a client was answered; `encrypted` is a `digest` with RTMPE behind it. */
export type ServerHandshakeKind = "pending" | "simple" | "digest" | "encrypted";

/**
 * Answers C0 and C1 with S0, S1 and S2 in one write, then counts C2 off without looking into it:
 * well-known clients sign it wrongly or not at all.
 */
export class ServerHandshake {
  /** Dropped once answered; what is missing after that is C2. */
  #hello: PacketBuffer | undefined = new PacketBuffer(HELLO_LENGTH);
  #missing = PACKET_LENGTH;
  #options: ServerHandshakeOptions | undefined;
  #kind: ServerHandshakeKind = "pending";
  #ciphers: Ciphers | undefined;
  #peerVersion: number | undefined;
  #peerProductVersion: number | undefined;
  #found: FoundDigest | undefined;

  /** Waits for a client. @throws {UsageError} if there are too few random bytes */
  constructor(options: ServerHandshakeOptions) {
    const { random, now } = options;
    if (typeof random !== "function") checkOptions({ random, now });
    this.#options = options;
  }

  /** Whether C2 is complete: what follows is the chunk stream. */
  get done(): boolean {
    return this.#missing === 0;
  }

  /** How the client was answered, `pending` until it was. */
  get kind(): ServerHandshakeKind {
    return this.#kind;
  }

  /** What encrypts all that follows S2 and C2, if the handshake is `encrypted`. */
  get ciphers(): Ciphers | undefined {
    return this.#ciphers;
  }

  /** C0, once C1 is complete: 3 as a rule. */
  get peerVersion(): number | undefined {
    return this.#peerVersion;
  }

  /** C1[4..7] as a 32-bit number, once C1 is complete: the program's version, or 0. */
  get peerProductVersion(): number | undefined {
    return this.#peerProductVersion;
  }

  /** The digest in C1, if the handshake is `digest` or `encrypted`. */
  get peerDigest(): Uint8Array | undefined {
    return this.#found?.digest;
  }

  /**
   * Takes `input` from `offset` on and returns the offset of the first byte it left: the length of
   * `input`, or where the chunk stream starts. `write` is called once, with an array of its own.
   *
   * @throws {ProtocolError} `handshake`, if the peer does not speak RTMP, or asks for encryption
   * that it cannot have
   * @throws {UsageError} if there turn out to be too few random bytes
   */
  receive(input: Uint8Array, offset: number, write: (bytes: Uint8Array) => void): number {
    if (this.#hello !== undefined) {
      offset = this.#hello.take(input, offset);
      checkHello(this.#hello.received);
      if (this.#hello.missing > 0) return offset;
      const hello = this.#hello.received;
      this.#hello = undefined;
      write(this.#answer(hello));
    }
    const skipped = Math.min(this.#missing, input.length - offset);
    this.#missing -= skipped;
    return offset + skipped;
  }

  #answer(hello: Uint8Array): Uint8Array {
    const { random, now, encrypts = false } = this.#options!;
    this.#options = undefined;
    const options: HandshakeOptions = {
      random: typeof random === "function" ? random() : random,
      now,
    };
    checkOptions(options);
    const c1 = hello.subarray(1);
    this.#peerVersion = hello[0];
    this.#peerProductVersion = versionOf(c1);
    // A client without a version is too old to know of digests.
    if (this.#peerProductVersion !== 0) this.#found = findDigest(c1, CLIENT_DIGEST_KEY);

    const answer = new Uint8Array(HELLO_LENGTH + PACKET_LENGTH);
    const s1 = answer.subarray(1, HELLO_LENGTH);
    const s2 = answer.subarray(HELLO_LENGTH);
    answer[0] = RTMP_VERSION;
    const asksForKeys = RTMPE_VERSIONS.includes(hello[0]!);
    if (asksForKeys) checkKeys(encrypts, this.#found);
    if (this.#found === undefined) {
      this.#kind = "simple";
      writeFirst(s1, options, 0);
      writeEcho(s2, c1);
    } else {
      this.#kind = "digest";
      writeFirst(s1, options, SERVER_PRODUCT_VERSION);
      if (asksForKeys) {
        answer[0] = RTMPE_VERSION;
        this.#kind = "encrypted";
        this.#ciphers = exchangeKeys(c1, s1, options.random, this.#found.base);
      }
      insertDigest(s1, SERVER_DIGEST_KEY, this.#found.base);
      writeUnsigned(s2, options.random);
      sign(s2, SERVER_KEY, this.#found.digest);
    }
    return answer;
  }
}

/** @throws {ProtocolError} when the client cannot have the encryption that it asks for */
function checkKeys(encrypts: boolean | (() => boolean), found: FoundDigest | undefined): void {
  const why = encrypts === false
    ? "it is off here"
    : found === undefined
    ? "its hello has no valid digest"
    : typeof encrypts === "function" && !encrypts()
    ? "too many ask for it at the moment"
    : undefined;
  if (why === undefined) return;
  throw new ProtocolError("handshake", `Cannot give the client the RTMPE that it asks for: ${why}`);
}

/** Puts our key into S1, without its digest, and returns what both sides' keys come to. */
function exchangeKeys(
  c1: Uint8Array,
  s1: Uint8Array,
  random: Uint8Array,
  base: DigestBase,
): Ciphers {
  const own = keyPairOf(random);
  const ciphers = ciphersOf(own, keyIn(c1, base));
  if (ciphers === undefined) {
    throw new ProtocolError("handshake", "Cannot use the client's public key, which is none");
  }
  placeKeys(s1, own.publicKey, base);
  return ciphers;
}
