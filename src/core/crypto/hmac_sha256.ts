/**
 * HMAC with SHA-256 [RFC 2104].
 *
 * @module
 */

import { Sha256, sha256, SHA256_BLOCK_LENGTH } from "./sha256.ts";

/** A keyed hash in progress. The key is prepared once, whatever the number of messages. */
export class HmacSha256 {
  readonly #innerStart: Sha256;
  readonly #outerStart: Sha256;
  #inner: Sha256;

  /** `key` may have any length; it is not kept. */
  constructor(key: Uint8Array) {
    const block = new Uint8Array(SHA256_BLOCK_LENGTH);
    block.set(key.length > SHA256_BLOCK_LENGTH ? sha256(key) : key);
    this.#innerStart = new Sha256().update(block.map((byte) => byte ^ 0x36));
    this.#outerStart = new Sha256().update(block.map((byte) => byte ^ 0x5c));
    this.#inner = this.#innerStart.clone();
  }

  /** Adds `bytes[start..end)` to the message. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.#inner.update(bytes, start, end);
    return this;
  }

  /** The 32-byte code of the message so far. The next message, with the same key, starts. */
  digest(): Uint8Array {
    const inner = this.#inner.digest();
    this.#inner = this.#innerStart.clone();
    return this.#outerStart.clone().update(inner).digest();
  }
}

/** The 32-byte code of `message` under `key`. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new HmacSha256(key).update(message).digest();
}
