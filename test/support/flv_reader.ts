/**
 * Reads FLV as it comes, by code of its own: the oracle for what is sent behind HTTP.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A tag of FLV. */
export interface FlvTag {
  readonly type: number;
  readonly timestamp: number;
  readonly body: Uint8Array;
}

/** Bytes in, tags out; asserts what holds for any FLV. */
export class FlvReader {
  /** Flags of the header: 4 for sound, 1 for pictures; unset until it was read. */
  flags: number | undefined;
  readonly tags: FlvTag[] = [];
  #rest = new Uint8Array(0);

  /** Takes bytes, cut anywhere. */
  add(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const view = new DataView(all.buffer);
    let at = 0;
    if (this.flags === undefined) {
      if (all.length < 13) return void (this.#rest = all);
      assert.deepEqual([...all.subarray(0, 4)], [0x46, 0x4c, 0x56, 1], "the signature of FLV");
      assert.deepEqual([view.getUint32(5), view.getUint32(9)], [9, 0]);
      this.flags = all[4]!;
      at = 13;
    }
    while (at + 11 <= all.length) {
      const length = view.getUint32(at) & 0xffffff;
      const end = at + 11 + length;
      if (end + 4 > all.length) break;
      assert.equal(view.getUint32(end), 11 + length, "the size behind a tag is that of the tag");
      const timestamp = (view.getUint32(at + 4) >>> 8) + all[at + 7]! * 2 ** 24;
      this.tags.push({ type: all[at]!, timestamp, body: all.slice(at + 11, end) });
      at = end + 4;
    }
    this.#rest = all.slice(at);
  }

  /** Whether it ends with a whole tag. */
  get whole(): boolean {
    return this.flags !== undefined && this.#rest.length === 0;
  }

  /** The tags since the last call as `type time last-byte`. */
  take(): string[] {
    return this.tags.splice(0).map(({ type, timestamp, body }) =>
      `${type} ${timestamp} ${body.at(-1)}`
    );
  }
}
