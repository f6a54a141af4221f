/**
 * The way out of a connection with RTMPE: each write is encrypted for this peer alone, so that what all
 * players share is copied for it.
 *
 * @module
 */
import type { Rc4 } from "../../core/crypto/rc4.ts";
import type { Address, Connection, ConnectionHandler } from "../../ports.ts";

/** A connection whose writes go through a cipher. What comes in is left as it is. */
export class EncryptedConnection implements Connection {
  readonly #connection: Connection;
  readonly #cipher: Rc4;
  /** Bytes that still go out as they are: the answer to the handshake. */
  #plain: number;

  /** The next `plain` bytes are not encrypted. */
  constructor(connection: Connection, cipher: Rc4, plain: number) {
    this.#connection = connection;
    this.#cipher = cipher;
    this.#plain = plain;
  }

  get remote(): Address {
    return this.#connection.remote;
  }

  get local(): Address {
    return this.#connection.local;
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten;
  }

  start(handler: ConnectionHandler): void {
    this.#connection.start(handler);
  }

  write(bytes: Uint8Array): boolean {
    const plain = Math.min(this.#plain, bytes.length);
    this.#plain -= plain;
    if (plain === bytes.length) return this.#connection.write(bytes);
    const sent = bytes.slice();
    const secret = sent.subarray(plain);
    this.#cipher.apply(secret, secret);
    return this.#connection.write(sent);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  end(): void {
    this.#connection.end();
  }

  destroy(): void {
    this.#connection.destroy();
  }
}
