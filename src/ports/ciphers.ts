/**
 * Ciphers of a platform, as types only, where it has them synchronous and faster than those of
 * `src/core/crypto`.
 *
 * @module
 */

/** AES-128 in CBC mode without padding, with one key. Each piece is chained to a block of zeros. */
export interface BlockCipher {
  /** Encrypts `bytes`, whole blocks and at least one, in their place. */
  encrypt(bytes: Uint8Array): void;
  /** Decrypts `bytes`, as many, to the beginning of `target`. */
  decrypt(bytes: Uint8Array, target: Uint8Array): void;
}

/** HMAC with SHA-256, with one key. */
export interface MessageCode {
  /** The 32-byte code of `bytes`, which is lent until the next one. */
  of(bytes: Uint8Array): Uint8Array;
}

/** What a platform has. */
export interface Ciphers {
  /** `key` has 16 bytes. */
  aes128Cbc(key: Uint8Array): BlockCipher;
  /** `key` may have any length. */
  hmacSha256(key: Uint8Array): MessageCode;
}
