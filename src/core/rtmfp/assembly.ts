/**
 * A message that is put together of fragments in order, with room ahead of it for whoever passes it on
 * behind a header of its own.
 *
 * @module
 */

/** Bytes of room ahead of each message. */
export const MESSAGE_ROOM = 32;

/** Bytes that the first of several fragments makes room for. */
const FIRST_CAPACITY = 4096;

/** The message of one flow that is under way. */
export class Assembly {
  #bytes: Uint8Array | undefined;
  #end = MESSAGE_ROOM;

  /** Whether one is under way. */
  active = false;

  /** Bytes of it so far. */
  get length(): number {
    return this.#end - MESSAGE_ROOM;
  }

  /** Bytes held for it. */
  get capacity(): number {
    return this.#bytes?.length ?? 0;
  }

  /** Begins a message. */
  begin(): void {
    this.#end = MESSAGE_ROOM;
    this.active = true;
  }

  /** Adds a fragment. `last`: no other follows. */
  add(data: Uint8Array, last: boolean): void {
    const end = this.#end + data.length;
    if (this.#bytes === undefined || end > this.#bytes.length) {
      const more = this.#bytes === undefined ? FIRST_CAPACITY : 2 * this.#bytes.length;
      const capacity = last ? end : Math.max(end, more);
      const grown = new Uint8Array(capacity);
      if (this.#bytes !== undefined) grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(data, this.#end);
    this.#end = end;
  }

  /** The whole message behind its room; it belongs to the caller. */
  finish(): Uint8Array {
    const whole = this.#bytes!.subarray(0, this.#end);
    this.drop();
    return whole;
  }

  /** Drops it. */
  drop(): void {
    this.#bytes = undefined;
    this.#end = MESSAGE_ROOM;
    this.active = false;
  }
}
