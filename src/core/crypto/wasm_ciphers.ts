/**
 * AES-128-CBC [FIPS 197] and the rounds of SHA-256 [FIPS 180-4] as a module of WebAssembly, which takes a
 * third of the time that the same takes in TypeScript. It is made when it is first asked for.
 *
 * @module
 */
import { Code, type WasmFunction, wasmModule } from "../wasm/assembler.ts";
import { AES128_ROUNDS, type AesTables } from "./aes_tables.ts";

/** Where things are in the page of memory: the tables of both directions of AES, 1 KiB each, ... */
const ENCRYPT_TABLES = 0;
const DECRYPT_TABLES = 4096;
/** ... boxes of bytes, round keys of the key in use, the state of the hash, ... */
const ENCRYPT_BOX = 8192;
const DECRYPT_BOX = 8448;
const ROUND_KEYS = 8704;
const STATE = 8960;
/** ... and what is worked on. */
const DATA = 9216;

/** Longest piece that is worked on at once, bytes: room for the end of a hash is behind it. */
export const MAX_PIECE: number = 65_536 - DATA - 128;

const ROUNDS = AES128_ROUNDS;

/** What the module has. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  encrypt(start: number, end: number): void;
  decrypt(start: number, end: number): void;
  compress(start: number, end: number): void;
}

/** The module, with its memory. */
export class WasmCiphers {
  readonly #exports: Exports;
  readonly #memory: Uint8Array;
  readonly #keys: Int32Array;
  readonly #state: Int32Array;
  readonly #words: DataView;

  /** `tables` of AES; `constants` of the rounds of SHA-256. */
  constructor(tables: AesTables, constants: Int32Array) {
    const functions: WasmFunction[] = [
      { name: "encrypt", locals: 13, code: aesCode(false) },
      { name: "decrypt", locals: 17, code: aesCode(true) },
      { name: "compress", locals: 24, code: sha256Code(constants) },
    ];
    const module = new WebAssembly.Module(wasmModule(functions));
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const { buffer } = this.#exports.memory;
    this.#memory = new Uint8Array(buffer);
    this.#keys = new Int32Array(buffer, ROUND_KEYS, 4 * (ROUNDS + 1));
    this.#state = new Int32Array(buffer, STATE, 8);
    const words = this.#words = new DataView(buffer);
    const put = (at: number, table: Int32Array) =>
      table.forEach((word, index) => words.setInt32(at + 4 * index, word));
    tables.encrypt.forEach((table, row) => put(ENCRYPT_TABLES + 1024 * row, table));
    tables.decrypt.forEach((table, row) => put(DECRYPT_TABLES + 1024 * row, table));
    this.#memory.set(tables.box, ENCRYPT_BOX);
    this.#memory.set(tables.inverse, DECRYPT_BOX);
  }

  /** Encrypts whole blocks in their place. `keys`: words of the rounds, the first byte lowest. */
  encrypt(keys: Int32Array, bytes: Uint8Array, start: number, end: number): void {
    this.#keys.set(keys);
    this.#put(bytes, start, end);
    this.#exports.encrypt(DATA, DATA + end - start);
    bytes.set(this.#memory.subarray(DATA, DATA + end - start), start);
  }

  /** Decrypts whole blocks to the beginning of `target`. */
  decrypt(
    keys: Int32Array,
    bytes: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
  ): void {
    this.#keys.set(keys);
    this.#put(bytes, start, end);
    this.#exports.decrypt(DATA, DATA + end - start);
    target.set(this.#memory.subarray(DATA, DATA + end - start));
  }

  /**
   * Ends a hash of `state` with `bytes[start..end)`, behind `before` bytes that were hashed into it, which
   * are whole blocks. The digest is put into `digest`.
   */
  finish(
    state: Int32Array,
    before: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    digest: Uint8Array,
  ): void {
    this.#state.set(state);
    this.#put(bytes, start, end);
    const tail = DATA + end - start;
    const last = tail + 9 + 63 & ~63;
    this.#memory.fill(0, tail, last);
    this.#memory[tail] = 0x80;
    // The length in bits, highest byte first. What is hashed here is far shorter than 2^32 of them.
    this.#words.setUint32(last - 4, 8 * (before + end - start));
    this.#exports.compress(DATA, last);
    for (let index = 0; index < 8; index++) {
      const word = this.#state[index]!;
      digest[4 * index] = word >>> 24;
      digest[4 * index + 1] = word >>> 16;
      digest[4 * index + 2] = word >>> 8;
      digest[4 * index + 3] = word;
    }
  }

  /** Hashes one block of 64 bytes into a state. */
  absorb(state: Int32Array, block: Uint8Array): void {
    this.#state.set(state);
    this.#put(block, 0, 64);
    this.#exports.compress(DATA, DATA + 64);
    state.set(this.#state);
  }

  #put(bytes: Uint8Array, start: number, end: number): void {
    const whole = start === 0 && end === bytes.length;
    this.#memory.set(whole ? bytes : bytes.subarray(start, end), DATA);
  }
}

/** Blocks from local 0 to local 1; locals 2 to 5 are chained, 6 to 9 and 10 to 13 are two rounds. */
function aesCode(inverse: boolean): Code {
  const code = new Code();
  const tables = inverse ? DECRYPT_TABLES : ENCRYPT_TABLES;
  const box = inverse ? DECRYPT_BOX : ENCRYPT_BOX;
  const CHAIN = 2;
  // Columns that bytes of a column come from: those behind it, or ahead of it in the inverse.
  const from = (column: number, row: number) => (column + (inverse ? 4 - row : row)) % 4;
  return code.repeat(() => {
    for (let column = 0; column < 4; column++) {
      code.get(0).load(4 * column);
      // What was encrypted is chained to what comes next.
      if (inverse) code.set(14 + column).get(14 + column);
      else code.get(CHAIN + column).op("xor");
      code.const(0).load(ROUND_KEYS + 4 * column).op("xor").set(6 + column);
    }
    for (let round = 1; round < ROUNDS; round++) {
      const [now, next] = round % 2 === 1 ? [6, 10] : [10, 6];
      for (let column = 0; column < 4; column++) {
        for (let row = 0; row < 4; row++) {
          code.get(now! + from(column, row));
          // A byte times four, as its place in a table of words.
          if (row === 0) code.const(0xff).op("and").const(2).op("shl");
          else if (row === 3) code.const(24).op("shrU").const(2).op("shl");
          else code.const(8 * row - 2).op("shrU").const(0x3fc).op("and");
          code.load(tables + 1024 * row);
          if (row > 0) code.op("xor");
        }
        code.const(0).load(ROUND_KEYS + 16 * round + 4 * column).op("xor").set(next! + column);
      }
    }
    for (let column = 0; column < 4; column++) {
      code.get(0);
      for (let row = 0; row < 4; row++) {
        code.get(10 + from(column, row)).const(8 * row).op("shrU").const(0xff).op("and")
          .loadByte(box).const(8 * row).op("shl");
        if (row > 0) code.op("or");
      }
      code.const(0).load(ROUND_KEYS + 16 * ROUNDS + 4 * column).op("xor");
      if (inverse) code.get(CHAIN + column).op("xor").get(14 + column).set(CHAIN + column);
      else code.set(CHAIN + column).get(CHAIN + column);
      code.store(4 * column);
    }
    code.get(0).const(16).op("add").set(0).get(0).get(1).op("ltU");
  });
}

/** Blocks from local 0 to local 1; locals 2 to 9 are the state, 10 to 25 the newest 16 words. */
function sha256Code(constants: Int32Array): Code {
  const code = new Code();
  const WORDS = 10;
  const turned = (local: number, by: readonly number[], shift?: number) => {
    by.forEach((bits, index) => {
      code.get(local).const(bits).op("rotr");
      if (index > 0) code.op("xor");
    });
    if (shift !== undefined) code.get(local).const(shift).op("shrU").op("xor");
  };
  return code.repeat(() => {
    for (let index = 0; index < 8; index++) code.const(0).load(STATE + 4 * index).set(2 + index);
    for (let index = 0; index < 16; index++) {
      // Words of the message have their first byte highest.
      const word = WORDS + index;
      code.get(0).load(4 * index).set(word);
      code.get(word).const(24).op("rotr").const(0x00ff00ff).op("and");
      code.get(word).const(8).op("rotr").const(0xff00ff00 | 0).op("and").op("or").set(word);
    }
    for (let round = 0; round < 64; round++) {
      const word = WORDS + round % 16;
      const local = (letter: number) => 2 + (letter - round % 8 + 8) % 8;
      const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, letter) => local(letter)) as [
        ...[number, number, number, number, number, number, number, number],
      ];
      if (round >= 16) {
        const before = (by: number) => WORDS + (round - by + 16) % 16;
        code.get(word);
        turned(before(2), [17, 19], 10);
        code.op("add").get(before(7)).op("add");
        turned(before(15), [7, 18], 3);
        code.op("add").set(word);
      }
      code.get(h);
      turned(e, [6, 11, 25]);
      code.op("add").get(f).get(g).op("xor").get(e).op("and").get(g).op("xor").op("add");
      code.const(constants[round]!).op("add").get(word).op("add").set(h);
      code.get(d).get(h).op("add").set(d);
      turned(a, [2, 13, 22]);
      code.get(h).op("add").get(a).get(b).op("and").get(a).get(b).op("or").get(c).op("and").op("or")
        .op("add").set(h);
    }
    for (let index = 0; index < 8; index++) {
      code.const(0).const(0).load(STATE + 4 * index).get(2 + index).op("add");
      code.store(STATE + 4 * index);
    }
    code.get(0).const(64).op("add").set(0).get(0).get(1).op("ltU");
  });
}
