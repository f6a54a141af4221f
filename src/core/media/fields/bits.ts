/**
 * Reads codec configurations bit by bit [H.264 §7.2, §9.1].
 *
 * @module
 */

/** Longest number that an Exp-Golomb code or {@linkcode BitReader.bits} may hold, in bits. */
const MAX_BITS = 32;

/**
 * A cursor over the bits of a byte array. Behind the end it reads zeros and says so in
 * {@linkcode BitReader.failed}, so that a parser asks once at its end instead of at every step.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #failed = false;

  /** @param bytes what to read; kept, not copied */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether something was read that was not there: all that was read may be wrong. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Bits left. */
  get remaining(): number {
    return Math.max(0, this.#bytes.length * 8 - this.#position);
  }

  /** One bit, 0 or 1. */
  bit(): number {
    const at = this.#position++;
    const byte = this.#bytes[at >> 3];
    if (byte === undefined) {
      this.#failed = true;
      return 0;
    }
    return (byte >> (7 - (at & 7))) & 1;
  }

  /** One bit as a condition. */
  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned number of `count` bits, 32 at most. */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) value = value * 2 + this.bit();
    return value;
  }

  /** Moves over `count` bits. */
  skip(count: number): void {
    if (count > this.remaining) this.#failed = true;
    this.#position += Math.min(count, this.remaining);
  }

  /** Moves to the next whole byte unless it is at one. */
  align(): void {
    this.skip(-this.#position & 7);
  }

  /** An unsigned Exp-Golomb code, ue(v) [H.264 §9.1]. Longer ones than any codec has fail. */
  ue(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros++;
      if (zeros > MAX_BITS || this.#failed) {
        this.#failed = true;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb code, se(v) [H.264 §9.1.1]. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }
}

/**
 * The payload of a NAL unit without its emulation prevention bytes: 0x03 behind two zeros
 * [H.264 §7.4.1], [H.265 §7.4.2.3].
 *
 * @param nal the unit with its header; never longer than what comes back
 */
export function removeEmulationPrevention(nal: Uint8Array): Uint8Array {
  const rbsp = new Uint8Array(nal.length);
  let length = 0;
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    rbsp[length++] = byte;
  }
  return rbsp.subarray(0, length);
}
