/**
 * RC4, the stream cipher of RTMPE. It keeps nothing secret from anybody who tries, and is gone from
 * the libraries of cryptography; RTMPE asks for it all the same.
 *
 * @module
 */

/** A key stream. The same call encrypts and decrypts. */
export class Rc4 {
  readonly #state = Uint8Array.from({ length: 256 }, (_, i) => i);
  #i = 0;
  #j = 0;

  /** `key`: 1 to 256 bytes; not kept. */
  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let i = 0, j = 0; i < state.length; i++) {
      const own = state[i]!;
      j = (j + own + key[i % key.length]!) & 255;
      state[i] = state[j]!;
      state[j] = own;
    }
  }

  /** Writes `input` under the next bytes of the key stream to `output`, which may be the same array. */
  apply(input: Uint8Array, output: Uint8Array): void {
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    for (let at = 0; at < input.length; at++) {
      i = (i + 1) & 255;
      const one = state[i]!;
      j = (j + one) & 255;
      const other = state[j]!;
      state[i] = other;
      state[j] = one;
      output[at] = input[at]! ^ state[(one + other) & 255]!;
    }
    this.#i = i;
    this.#j = j;
  }

  /** Passes over so many bytes of the key stream. */
  skip(count: number): void {
    const nothing = new Uint8Array(count);
    this.apply(nothing, nothing);
  }
}
