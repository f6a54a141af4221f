/**
 * The server's side of the handshake [RTMP 1.0 §5.2].
 *
 * @module
 */

import {
  CLIENT_DIGEST_KEY,
  HELLO_LENGTH,
  PACKET_LENGTH,
  RTMP_VERSION,
  SERVER_DIGEST_KEY,
  SERVER_KEY,
  SERVER_PRODUCT_VERSION,
} from "./constants.ts";
import { findDigest, type FoundDigest, insertDigest, sign } from "./digest.ts";
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
}

/**
 * Answers C0 and C1 with S0, S1 and S2 in one write, then counts C2 off without looking into it:
 * well-known clients sign it wrongly or not at all.
 */
export class ServerHandshake {
  /** Dropped once answered; what is missing after that is C2. */
  #hello: PacketBuffer | undefined = new PacketBuffer(HELLO_LENGTH);
  #missing = PACKET_LENGTH;
  #options: ServerHandshakeOptions | undefined;
  #kind: "pending" | "simple" | "digest" = "pending";
  #peerVersion: number | undefined;
  #peerProductVersion: number | undefined;
  #found: FoundDigest | undefined;

  /** @throws {UsageError} if there are too few random bytes */
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
  get kind(): "pending" | "simple" | "digest" {
    return this.#kind;
  }

  /** C0, once C1 is complete: 3 as a rule. */
  get peerVersion(): number | undefined {
    return this.#peerVersion;
  }

  /** C1[4..7] as a 32-bit number, once C1 is complete: the program's version, or 0. */
  get peerProductVersion(): number | undefined {
    return this.#peerProductVersion;
  }

  /** The digest in C1, if the handshake is `digest`. */
  get peerDigest(): Uint8Array | undefined {
    return this.#found?.digest;
  }

  /**
   * Takes `input` from `offset` on and returns the offset of the first byte it left: the length of
   * `input`, or where the chunk stream starts. `write` is called once, with an array of its own.
   *
   * @throws {ProtocolError} `handshake`, if the peer does not speak RTMP
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
    const { random, now } = this.#options!;
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
    if (this.#found === undefined) {
      this.#kind = "simple";
      writeFirst(s1, options, 0);
      writeEcho(s2, c1);
    } else {
      this.#kind = "digest";
      writeFirst(s1, options, SERVER_PRODUCT_VERSION);
      insertDigest(s1, SERVER_DIGEST_KEY, this.#found.base);
      writeUnsigned(s2, options.random);
      sign(s2, SERVER_KEY, this.#found.digest);
    }
    return answer;
  }
}
