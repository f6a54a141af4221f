/**
 * The client's side of the handshake [RTMP 1.0 §5.2].
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import {
  CLIENT_DIGEST_KEY,
  CLIENT_KEY,
  CLIENT_PRODUCT_VERSION,
  HELLO_LENGTH,
  PACKET_LENGTH,
  RTMP_VERSION,
  SERVER_DIGEST_KEY,
  SERVER_KEY,
} from "./constants.ts";
import { type DigestBase, findDigest, insertDigest, isSigned, sign } from "./digest.ts";
import {
  checkOptions,
  type HandshakeOptions,
  versionOf,
  writeEcho,
  writeFirst,
  writeUnsigned,
} from "./packet.ts";
import { PacketBuffer } from "./packet_buffer.ts";

/** How a client introduces itself. */
export interface ClientHandshakeOptions extends HandshakeOptions {
  /** Where the digest of C1 points from; left out for the simple handshake. */
  readonly digestBase?: DigestBase;
}

/**
 * Sends C0 and C1, answers S1 with C2 and waits for S2. A server that does not answer a digest
 * gets the simple handshake.
 */
export class ClientHandshake {
  readonly #options: ClientHandshakeOptions;
  readonly #hello = new PacketBuffer(HELLO_LENGTH);
  readonly #s2 = new PacketBuffer(PACKET_LENGTH);
  #digest: Uint8Array | undefined;
  #kind: "pending" | "simple" | "digest" = "pending";
  #genuine = false;

  /** Nothing is written yet. @throws {UsageError} if there are too few random bytes */
  constructor(options: ClientHandshakeOptions) {
    checkOptions(options);
    this.#options = options;
  }

  /** Whether S2 is complete: what follows is the chunk stream. */
  get done(): boolean {
    return this.#s2.missing === 0;
  }

  /** How the server answered, `pending` until S1 is complete. */
  get kind(): "pending" | "simple" | "digest" {
    return this.#kind;
  }

  /** Whether S2, once complete, turned out signed in answer to our digest. */
  get genuine(): boolean {
    return this.#genuine;
  }

  /** Sends C0 and C1 in one write. Must be called once, before `receive`. */
  start(write: (bytes: Uint8Array) => void): void {
    const hello = new Uint8Array(HELLO_LENGTH);
    const c1 = hello.subarray(1);
    const base = this.#options.digestBase;
    hello[0] = RTMP_VERSION;
    writeFirst(c1, this.#options, base === undefined ? 0 : CLIENT_PRODUCT_VERSION);
    if (base !== undefined) this.#digest = insertDigest(c1, CLIENT_DIGEST_KEY, base);
    write(hello);
  }

  /**
   * Takes `input` from `offset` on and returns the offset of the first byte it left: the length of
   * `input`, or where the chunk stream starts. `write` is called once, with C2.
   *
   * @throws {ProtocolError} `handshake`, if the server answers another version
   */
  receive(input: Uint8Array, offset: number, write: (bytes: Uint8Array) => void): number {
    if (this.#kind === "pending") {
      offset = this.#hello.take(input, offset);
      const hello = this.#hello.received;
      if (hello.length > 0 && hello[0] !== RTMP_VERSION) {
        throw new ProtocolError(
          "handshake",
          `Cannot speak version ${hello[0]} of the server, expected ${RTMP_VERSION}${
            spoken(hello[0]!)
          }`,
        );
      }
      if (this.#hello.missing > 0) return offset;
      write(this.#answer(hello.subarray(1)));
    }
    if (this.done) return offset;
    offset = this.#s2.take(input, offset);
    if (this.done && this.#kind === "digest") {
      this.#genuine = isSigned(this.#s2.received, SERVER_KEY, this.#digest!);
    }
    return offset;
  }

  #answer(s1: Uint8Array): Uint8Array {
    const found = this.#digest !== undefined && versionOf(s1) !== 0
      ? findDigest(s1, SERVER_DIGEST_KEY)
      : undefined;
    const c2 = new Uint8Array(PACKET_LENGTH);
    if (found === undefined) {
      this.#kind = "simple";
      writeEcho(c2, s1);
    } else {
      this.#kind = "digest";
      writeUnsigned(c2, this.#options.random);
      sign(c2, CLIENT_KEY, found.digest);
    }
    return c2;
  }
}

/** What a server speaks that begins so, where that is known: the port of another service is a common mistake. */
function spoken(first: number): string {
  if (first === 0x48) return ": it speaks HTTP at this port";
  return first === 0x15 || first === 0x16 ? ": it speaks TLS at this port" : "";
}
