/**
 * AES with keys of 128 bits in CBC mode without padding [FIPS 197], by tables. The ciphers of the
 * platform cost a new object for each packet, which is more than the packet itself; this one is
 * made once for a key. Its time depends on the data, as that of all tables does: it is for protocols
 * that ask for it over links where nobody shares the machine's cache.
 *
 * @module
 */

/** Bytes of a block; what is encrypted is a whole number of them. */
export const AES_BLOCK_LENGTH = 16;

/** Bytes of a key. */
export const AES128_KEY_LENGTH = 16;

const ROUNDS = 10;
const SBOX = new Uint8Array(256);
const INVERSE = new Uint8Array(256);
/** SubBytes and MixColumns of a byte in the first row; those of the others are turned by a byte each. */
const E0 = new Int32Array(256);
const E1 = new Int32Array(256);
const E2 = new Int32Array(256);
const E3 = new Int32Array(256);
/** The same of the inverse. */
const D0 = new Int32Array(256);
const D1 = new Int32Array(256);
const D2 = new Int32Array(256);
const D3 = new Int32Array(256);

makeTables();

function makeTables(): void {
  const double = (x: number) => (x << 1 ^ (x & 0x80 ? 0x11b : 0)) & 0xff;
  // x runs through all but 0 by powers of 3, y through their inverses by those of its inverse, 0xf6.
  let x = 1;
  let y = 1;
  SBOX[0] = 0x63;
  do {
    x ^= double(x);
    y ^= y << 1;
    y ^= y << 2;
    y ^= y << 4;
    y &= 0xff;
    if (y & 0x80) y ^= 0x09;
    SBOX[x] = y ^ turned(y, 1) ^ turned(y, 2) ^ turned(y, 3) ^ turned(y, 4) ^ 0x63;
  } while (x !== 1);
  for (let i = 0; i < 256; i++) INVERSE[SBOX[i]!] = i;
  for (let i = 0; i < 256; i++) {
    const s = SBOX[i]!;
    const s2 = double(s);
    fill(E0, E1, E2, E3, i, s2 << 24 | s << 16 | s << 8 | s ^ s2);
    const v = INVERSE[i]!;
    const v2 = double(v);
    const v4 = double(v2);
    const v8 = double(v4);
    const word = (v8 ^ v4 ^ v2) << 24 | (v8 ^ v) << 16 | (v8 ^ v4 ^ v) << 8 | v8 ^ v2 ^ v;
    fill(D0, D1, D2, D3, i, word);
  }
}

function turned(byte: number, by: number): number {
  return (byte << by | byte >> 8 - by) & 0xff;
}

function fill(
  t0: Int32Array,
  t1: Int32Array,
  t2: Int32Array,
  t3: Int32Array,
  at: number,
  word: number,
): void {
  t0[at] = word;
  t1[at] = word >>> 8 | word << 24;
  t2[at] = word >>> 16 | word << 16;
  t3[at] = word >>> 24 | word << 8;
}

/** A key, made ready for both directions. */
export class Aes128Cbc {
  readonly #encrypt = new Int32Array(4 * (ROUNDS + 1));
  readonly #decrypt = new Int32Array(4 * (ROUNDS + 1));

  /** `key` has {@link AES128_KEY_LENGTH} bytes; it is not kept. */
  constructor(key: Uint8Array) {
    const words = this.#encrypt;
    for (let i = 0; i < 4; i++) words[i] = wordAt(key, 4 * i);
    let round = 1;
    for (let i = 4; i < words.length; i++) {
      let word = words[i - 1]!;
      if (i % 4 === 0) {
        word = substituted(word << 8 | word >>> 24) ^ round << 24;
        round = round << 1 ^ (round & 0x80 ? 0x11b : 0);
      }
      words[i] = words[i - 4]! ^ word;
    }
    // Round keys in the other order, those within through the inverse of MixColumns.
    for (let r = 0; r <= ROUNDS; r++) {
      for (let i = 0; i < 4; i++) {
        const word = words[4 * (ROUNDS - r) + i]!;
        this.#decrypt[4 * r + i] = r === 0 || r === ROUNDS ? word : unmixed(word);
      }
    }
  }

  /** Encrypts `bytes[start..end)`, whole blocks, in their place. The first block is chained to zeros. */
  encrypt(bytes: Uint8Array, start: number, end: number): void {
    const k = this.#encrypt;
    let c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    for (let at = start; at < end; at += AES_BLOCK_LENGTH) {
      let a = wordAt(bytes, at) ^ c0 ^ k[0]!;
      let b = wordAt(bytes, at + 4) ^ c1 ^ k[1]!;
      let c = wordAt(bytes, at + 8) ^ c2 ^ k[2]!;
      let d = wordAt(bytes, at + 12) ^ c3 ^ k[3]!;
      for (let i = 4; i < 4 * ROUNDS; i += 4) {
        const t0 = E0[a >>> 24]! ^ E1[b >>> 16 & 255]! ^ E2[c >>> 8 & 255]! ^ E3[d & 255]! ^ k[i]!;
        const t1 = E0[b >>> 24]! ^ E1[c >>> 16 & 255]! ^ E2[d >>> 8 & 255]! ^ E3[a & 255]! ^
          k[i + 1]!;
        const t2 = E0[c >>> 24]! ^ E1[d >>> 16 & 255]! ^ E2[a >>> 8 & 255]! ^ E3[b & 255]! ^
          k[i + 2]!;
        d = E0[d >>> 24]! ^ E1[a >>> 16 & 255]! ^ E2[b >>> 8 & 255]! ^ E3[c & 255]! ^ k[i + 3]!;
        a = t0;
        b = t1;
        c = t2;
      }
      c0 = last(SBOX, a, b, c, d) ^ k[40]!;
      c1 = last(SBOX, b, c, d, a) ^ k[41]!;
      c2 = last(SBOX, c, d, a, b) ^ k[42]!;
      c3 = last(SBOX, d, a, b, c) ^ k[43]!;
      setWord(bytes, at, c0);
      setWord(bytes, at + 4, c1);
      setWord(bytes, at + 8, c2);
      setWord(bytes, at + 12, c3);
    }
  }

  /** Decrypts `bytes[start..end)`, whole blocks, to the beginning of `target`. */
  decrypt(bytes: Uint8Array, start: number, end: number, target: Uint8Array): void {
    const k = this.#decrypt;
    let c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    for (let at = start, to = 0; at < end; at += AES_BLOCK_LENGTH, to += AES_BLOCK_LENGTH) {
      const i0 = wordAt(bytes, at);
      const i1 = wordAt(bytes, at + 4);
      const i2 = wordAt(bytes, at + 8);
      const i3 = wordAt(bytes, at + 12);
      let a = i0 ^ k[0]!;
      let b = i1 ^ k[1]!;
      let c = i2 ^ k[2]!;
      let d = i3 ^ k[3]!;
      for (let i = 4; i < 4 * ROUNDS; i += 4) {
        const t0 = D0[a >>> 24]! ^ D1[d >>> 16 & 255]! ^ D2[c >>> 8 & 255]! ^ D3[b & 255]! ^ k[i]!;
        const t1 = D0[b >>> 24]! ^ D1[a >>> 16 & 255]! ^ D2[d >>> 8 & 255]! ^ D3[c & 255]! ^
          k[i + 1]!;
        const t2 = D0[c >>> 24]! ^ D1[b >>> 16 & 255]! ^ D2[a >>> 8 & 255]! ^ D3[d & 255]! ^
          k[i + 2]!;
        d = D0[d >>> 24]! ^ D1[c >>> 16 & 255]! ^ D2[b >>> 8 & 255]! ^ D3[a & 255]! ^ k[i + 3]!;
        a = t0;
        b = t1;
        c = t2;
      }
      setWord(target, to, last(INVERSE, a, d, c, b) ^ k[40]! ^ c0);
      setWord(target, to + 4, last(INVERSE, b, a, d, c) ^ k[41]! ^ c1);
      setWord(target, to + 8, last(INVERSE, c, b, a, d) ^ k[42]! ^ c2);
      setWord(target, to + 12, last(INVERSE, d, c, b, a) ^ k[43]! ^ c3);
      c0 = i0;
      c1 = i1;
      c2 = i2;
      c3 = i3;
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
}

function setWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** A column of the last round, which mixes nothing. */
function last(box: Uint8Array, a: number, b: number, c: number, d: number): number {
  return box[a >>> 24]! << 24 | box[b >>> 16 & 255]! << 16 | box[c >>> 8 & 255]! << 8 |
    box[d & 255]!;
}

function substituted(word: number): number {
  return last(SBOX, word, word, word, word);
}

/** The inverse of MixColumns: D0 to D3 begin with the inverse of the S-box, which is undone here. */
function unmixed(word: number): number {
  return D0[SBOX[word >>> 24]!]! ^ D1[SBOX[word >>> 16 & 255]!]! ^ D2[SBOX[word >>> 8 & 255]!]! ^
    D3[SBOX[word & 255]!]!;
}
