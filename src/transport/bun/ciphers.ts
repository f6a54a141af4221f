/**
 * Ciphers of Bun, which cost a third of those of `src/core/crypto` there.
 *
 * @module
 */
import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createHmac,
  type Decipheriv,
} from "node:crypto";
import type { BlockCipher, Ciphers, MessageCode } from "../../ports.ts";

const BLOCK_LENGTH = 16;
const ZEROS = new Uint8Array(BLOCK_LENGTH);

/**
 * One object for all pieces, as a new one costs more than a piece. It goes on where the piece before ended,
 * so what it is chained to is taken out of the first block of the next.
 */
class Aes128Cbc implements BlockCipher {
  readonly #key: Uint8Array;
  #cipher: Cipheriv | undefined;
  #decipher: Decipheriv | undefined;
  /** The last blocks that were encrypted, and that were to be decrypted. */
  readonly #encrypted = new Uint8Array(BLOCK_LENGTH);
  readonly #decrypted = new Uint8Array(BLOCK_LENGTH);

  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  encrypt(bytes: Uint8Array): void {
    this.#cipher ??= createCipheriv("aes-128-cbc", this.#key, ZEROS).setAutoPadding(false);
    mix(bytes, this.#encrypted);
    const secret = this.#cipher.update(bytes);
    bytes.set(secret);
    this.#encrypted.set(secret.subarray(secret.length - BLOCK_LENGTH));
  }

  decrypt(bytes: Uint8Array, target: Uint8Array): void {
    this.#decipher ??= createDecipheriv("aes-128-cbc", this.#key, ZEROS).setAutoPadding(false);
    target.set(this.#decipher.update(bytes));
    mix(target, this.#decrypted);
    this.#decrypted.set(bytes.subarray(bytes.length - BLOCK_LENGTH));
  }
}

/** Mixes the first block with another. */
function mix(bytes: Uint8Array, block: Uint8Array): void {
  for (let at = 0; at < BLOCK_LENGTH; at++) bytes[at]! ^= block[at]!;
}

class HmacSha256 implements MessageCode {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  of(bytes: Uint8Array): Uint8Array {
    return createHmac("sha256", this.#key).update(bytes).digest();
  }
}

/** Those of Bun. */
export const ciphers: Ciphers = {
  aes128Cbc: (key) => new Aes128Cbc(key),
  hmacSha256: (key) => new HmacSha256(key),
};
