/**
 * Joins the packets of a handshake out of segments.
 *
 * @module
 */

/** Collects a known number of bytes; holds no more than twice what has come. */
export class PacketBuffer {
  readonly #wanted: number;
  #bytes = new Uint8Array(0);
  #length = 0;

  /** `wanted` is how many bytes make the packet whole. */
  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /** How many bytes are still missing. */
  get missing(): number {
    return this.#wanted - this.#length;
  }

  /** What has come so far: a view, valid until the next call of `take`. */
  get received(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes what is missing, as far as `input` has it from `offset` on; returns the new offset. */
  take(input: Uint8Array, offset: number): number {
    const end = Math.min(input.length, offset + this.missing);
    const length = this.#length + end - offset;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#wanted, Math.max(length, 2 * this.#length)));
      grown.set(this.received);
      this.#bytes = grown;
    }
    this.#bytes.set(input.subarray(offset, end), this.#length);
    this.#length = length;
    return end;
  }
}
