/**
 * The way out of a connection with RTMPE: each write is encrypted for this peer alone, so that what all
 * players share is copied for it.
 *
 * @module
 */
import type { Rc4 } from "../../core/crypto/rc4.ts";
import type { Connection } from "../../ports.ts";
import { PassedConnection } from "../passed_connection.ts";

/** A connection whose writes go through a cipher. What comes in is left as it is. */
export class EncryptedConnection extends PassedConnection {
  readonly #cipher: Rc4;
  /** Bytes that still go out as they are: the answer to the handshake. */
  #plain: number;

  /** The next `plain` bytes are not encrypted. */
  constructor(connection: Connection, cipher: Rc4, plain: number) {
    super(connection);
    this.#cipher = cipher;
    this.#plain = plain;
  }

  override write(bytes: Uint8Array): boolean {
    const plain = Math.min(this.#plain, bytes.length);
    this.#plain -= plain;
    if (plain === bytes.length) return this.connection.write(bytes);
    const sent = bytes.slice();
    const secret = sent.subarray(plain);
    this.#cipher.apply(secret, secret);
    return this.connection.write(sent);
  }
}
