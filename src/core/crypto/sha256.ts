/**
 * SHA-256 [FIPS 180-4 §6.2], synchronous: Web Crypto only has a promise of it, and whoever reads
 * a handshake in the middle of a segment cannot wait.
 *
 * @module
 */

/** Bytes in a digest. */
export const SHA256_LENGTH = 32;

/** Bytes the compression function takes at a time. */
export const SHA256_BLOCK_LENGTH = 64;

/** Fractional parts of the cube roots of the first 64 primes [FIPS 180-4 §4.2.2]. */
export const SHA256_CONSTANTS: Int32Array = rootFractions(64, Math.cbrt);

const K = SHA256_CONSTANTS;

/** Fractional parts of the square roots of the first 8 primes [FIPS 180-4 §5.3.3]. */
export const SHA256_INITIAL: Int32Array = rootFractions(8, Math.sqrt);

const INITIAL = SHA256_INITIAL;

/** The message schedule. One for all: compressing a block is never interrupted. */
const W = K.slice();

/** A hash in progress. */
export class Sha256 {
  readonly #state = INITIAL.slice();
  readonly #block = new Uint8Array(SHA256_BLOCK_LENGTH);
  #blockLength = 0;
  #total = 0;

  /** Hashes `bytes[start..end)`. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.#total += end - start;
    let at = start;
    if (this.#blockLength > 0) {
      const taken = Math.min(SHA256_BLOCK_LENGTH - this.#blockLength, end - at);
      this.#keep(bytes, at, at + taken);
      at += taken;
      if (this.#blockLength < SHA256_BLOCK_LENGTH) return this;
      compress(this.#state, this.#block, 0);
      this.#blockLength = 0;
    }
    for (; at + SHA256_BLOCK_LENGTH <= end; at += SHA256_BLOCK_LENGTH) {
      compress(this.#state, bytes, at);
    }
    this.#keep(bytes, at, end);
    return this;
  }

  /** The digest of everything hashed so far. The hash starts over. */
  digest(): Uint8Array {
    const block = this.#block;
    block[this.#blockLength] = 0x80;
    block.fill(0, this.#blockLength + 1);
    if (this.#blockLength >= SHA256_BLOCK_LENGTH - 8) {
      compress(this.#state, block, 0);
      block.fill(0);
    }
    // The length in bits, 64 bits wide.
    new DataView(block.buffer).setBigUint64(56, BigInt(8 * this.#total));
    compress(this.#state, block, 0);

    const digest = new Uint8Array(SHA256_LENGTH);
    const out = new DataView(digest.buffer);
    for (let i = 0; i < 8; i++) out.setInt32(i * 4, this.#state[i]);
    this.#state.set(INITIAL);
    this.#blockLength = 0;
    this.#total = 0;
    return digest;
  }

  /** A second hash that goes on from here. */
  clone(): Sha256 {
    const copy = new Sha256();
    copy.#state.set(this.#state);
    copy.#block.set(this.#block);
    copy.#blockLength = this.#blockLength;
    copy.#total = this.#total;
    return copy;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) this.#block[this.#blockLength++] = bytes[at];
  }
}

/** The SHA-256 digest of `bytes`. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Sha256().update(bytes).digest();
}

/** One round of 64 steps over `bytes[at..at + 64)` [FIPS 180-4 §6.2.2]. */
function compress(state: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++, at += 4) {
    W[t] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
  }
  for (let t = 16; t < W.length; t++) {
    const x = W[t - 15];
    const y = W[t - 2];
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    W[t] = W[t - 16] + s0 + W[t - 7] + s1;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let t = 0; t < W.length; t++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const t1 = h + s1 + (g ^ e & (f ^ g)) + K[t] + W[t] | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const t2 = s0 + (a & b | c & (a | b)) | 0;
    h = g;
    g = f;
    f = e;
    e = d + t1 | 0;
    d = c;
    c = b;
    b = a;
    a = t1 + t2 | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** The first 32 bits behind the binary point of `root(p)`, for the first `count` primes. */
function rootFractions(count: number, root: (prime: number) => number): Int32Array {
  const fractions = new Int32Array(count);
  let found = 0;
  for (let candidate = 2; found < count; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) prime = false;
    }
    // A double has 52 bits of fraction, of which a root below 20 leaves 48: more than the 32 taken.
    if (prime) fractions[found++] = (root(candidate) % 1) * 0x100000000;
  }
  return fractions;
}
