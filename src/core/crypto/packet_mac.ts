/**
 * HMAC with SHA-256 [RFC 2104] of packets, one after the other: as {@link HmacSha256} has it, in
 * WebAssembly, and without an object for each.
 *
 * @module
 */
import type { MessageCode } from "../../ports/ciphers.ts";
import { sha256, SHA256_BLOCK_LENGTH, SHA256_INITIAL, SHA256_LENGTH } from "./sha256.ts";
import { wasmCiphers } from "./wasm.ts";

/** A key, made ready. */
export class PacketMac implements MessageCode {
  readonly #inner = SHA256_INITIAL.slice();
  readonly #outer = SHA256_INITIAL.slice();
  readonly #code = new Uint8Array(SHA256_LENGTH);
  readonly #wasm = wasmCiphers();

  /** `key` may have any length; it is not kept. */
  constructor(key: Uint8Array) {
    const block = new Uint8Array(SHA256_BLOCK_LENGTH);
    block.set(key.length > SHA256_BLOCK_LENGTH ? sha256(key) : key);
    this.#wasm.absorb(this.#inner, block.map((byte) => byte ^ 0x36));
    this.#wasm.absorb(this.#outer, block.map((byte) => byte ^ 0x5c));
  }

  of(bytes: Uint8Array): Uint8Array {
    const code = this.#code;
    this.#wasm.finish(this.#inner, SHA256_BLOCK_LENGTH, bytes, 0, bytes.length, code);
    this.#wasm.finish(this.#outer, SHA256_BLOCK_LENGTH, code, 0, SHA256_LENGTH, code);
    return code;
  }
}
