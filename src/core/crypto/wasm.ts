/**
 * The one module of WebAssembly with ciphers, made when it is first asked for.
 *
 * @module
 */
import { AES_TABLES } from "./aes_tables.ts";
import { SHA256_CONSTANTS } from "./sha256.ts";
import { WasmCiphers } from "./wasm_ciphers.ts";

let made: WasmCiphers | undefined;

/** The module. */
export function wasmCiphers(): WasmCiphers {
  return made ??= new WasmCiphers(AES_TABLES, SHA256_CONSTANTS);
}
