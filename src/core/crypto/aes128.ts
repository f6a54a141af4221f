/**
 * AES with keys of 128 bits in CBC mode without padding [FIPS 197], by tables, in WebAssembly. The ciphers
 * of the platform cost more on one of the runtimes. Its time depends on the data, as that of all tables
 * does: it is for protocols that ask for it over links where nobody shares the machine's cache.
 *
 * @module
 */
import { expandKey } from "./aes_tables.ts";
import { wasmCiphers } from "./wasm.ts";

export { AES128_KEY_LENGTH } from "./aes_tables.ts";

/** Bytes of a block; what is encrypted is a whole number of them. */
export const AES_BLOCK_LENGTH = 16;

/** A key, made ready for both directions. */
export class Aes128Cbc {
  readonly #encrypt: Int32Array;
  readonly #decrypt: Int32Array;
  readonly #wasm = wasmCiphers();

  /** `key` has {@link AES128_KEY_LENGTH} bytes; it is not kept. */
  constructor(key: Uint8Array) {
    const { encrypt, decrypt } = expandKey(key);
    this.#encrypt = encrypt;
    this.#decrypt = decrypt;
  }

  /**
   * Encrypts `bytes[start..end)`, whole blocks up to {@link MAX_PIECE}, in their place. The first block is
   * chained to zeros.
   */
  encrypt(bytes: Uint8Array, start: number, end: number): void {
    if (end > start) this.#wasm.encrypt(this.#encrypt, bytes, start, end);
  }

  /** Decrypts `bytes[start..end)`, as above, to the beginning of `target`. */
  decrypt(bytes: Uint8Array, start: number, end: number, target: Uint8Array): void {
    if (end > start) this.#wasm.decrypt(this.#decrypt, bytes, start, end, target);
  }
}
