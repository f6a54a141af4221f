/**
 * Tables of AES [FIPS 197], made by its arithmetic: bytes that are substituted and mixed in one step.
 *
 * @module
 */

/** Bytes of a key. */
export const AES128_KEY_LENGTH = 16;

/** Rounds with keys of 128 bits. */
export const AES128_ROUNDS = 10;

const SBOX = new Uint8Array(256);
const INVERSE = SBOX.slice();
/** A word for each byte. */
const table = () => new Int32Array(256);
/** SubBytes and MixColumns of a byte in the first row; those of the others are turned by a byte each. */
const E0 = table();
const E1 = table();
const E2 = table();
const E3 = table();
/** The same of the inverse. */
const D0 = table();
const D1 = table();
const D2 = table();
const D3 = table();

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
  SBOX.forEach((s, i) => INVERSE[s] = i);
  SBOX.forEach((s, i) => {
    const s2 = double(s);
    fill(E0, E1, E2, E3, i, s2 << 24 | s << 16 | s << 8 | s ^ s2);
    const v = INVERSE[i]!;
    const v2 = double(v);
    const v4 = double(v2);
    const v8 = double(v4);
    const word = (v8 ^ v4 ^ v2) << 24 | (v8 ^ v) << 16 | (v8 ^ v4 ^ v) << 8 | v8 ^ v2 ^ v;
    fill(D0, D1, D2, D3, i, word);
  });
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

/** The tables and boxes of both directions. Words have their first byte highest. */
export interface AesTables {
  readonly encrypt: readonly Int32Array[];
  readonly decrypt: readonly Int32Array[];
  readonly box: Uint8Array;
  readonly inverse: Uint8Array;
}

/** All of them. */
export const AES_TABLES: AesTables = {
  encrypt: [E0, E1, E2, E3],
  decrypt: [D0, D1, D2, D3],
  box: SBOX,
  inverse: INVERSE,
};

/** Words of the rounds of a key, for encryption and for decryption; their first byte is lowest. */
export function expandKey(key: Uint8Array): { encrypt: Int32Array; decrypt: Int32Array } {
  const words = new Int32Array(4 * (AES128_ROUNDS + 1));
  const decrypt = new Int32Array(words.length);
  for (let i = 0; i < 4; i++) {
    const [a, b, c, d] = key.subarray(4 * i) as unknown as [number, number, number, number];
    words[i] = a << 24 | b << 16 | c << 8 | d;
  }
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
  for (let r = 0; r <= AES128_ROUNDS; r++) {
    for (let i = 0; i < 4; i++) {
      const word = words[4 * (AES128_ROUNDS - r) + i]!;
      decrypt[4 * r + i] = reversed(r === 0 || r === AES128_ROUNDS ? word : unmixed(word));
    }
  }
  return { encrypt: words.map(reversed), decrypt };
}

function reversed(word: number): number {
  return word << 24 | (word & 0xff00) << 8 | word >> 8 & 0xff00 | word >>> 24;
}

function substituted(word: number): number {
  return SBOX[word >>> 24]! << 24 | SBOX[word >> 16 & 255]! << 16 | SBOX[word >> 8 & 255]! << 8 |
    SBOX[word & 255]!;
}

/** The inverse of MixColumns: D0 to D3 begin with the inverse of the S-box, which is undone here. */
function unmixed(word: number): number {
  return D0[SBOX[word >>> 24]!]! ^ D1[SBOX[word >> 16 & 255]!]! ^ D2[SBOX[word >> 8 & 255]!]! ^
    D3[SBOX[word & 255]!]!;
}
