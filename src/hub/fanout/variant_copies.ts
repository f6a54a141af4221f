/**
 * Copies of encoded media for players that are sent almost the same bytes as all others: for RTMP, those
 * on another message stream.
 *
 * @module
 */
import type { FrameEncoder } from "../frame.ts";
import type { LogPage } from "./media_log.ts";
import { MediaBuffer, type MediaMemory } from "../media_memory.ts";
import type { Prelude } from "./prelude.ts";

/**
 * Most bytes that are copied for one write to players of a variant, give or take a message: those of
 * a player that does not take them are kept for it alone.
 */
const MAX_COPY_BYTES = 64 * 1024;

/** The last bytes of the log that were copied for a variant, while players are written to. */
export interface VariantCopy {
  readonly page: LogPage;
  readonly from: number;
  readonly to: number;
  readonly buffer: MediaBuffer;
  readonly view: Uint8Array;
}

/** The copies of one encoding, one a variant: no longer than until all players have been written to. */
export class VariantCopies {
  readonly #encoder: FrameEncoder;
  readonly #memory: MediaMemory;
  readonly #copies = new Map<number, VariantCopy>();

  constructor(encoder: FrameEncoder, memory: MediaMemory) {
    this.#encoder = encoder;
    this.#memory = memory;
  }

  /** Up to where a page is copied at once from `from` on: as much as a write takes, or a message. */
  endOf(page: LogPage, from: number): number {
    if (page.length - from <= MAX_COPY_BYTES) return page.length;
    const { ends } = page;
    let last = page.indexAt(from);
    while (last + 1 < ends.length && ends[last + 1]! - from <= MAX_COPY_BYTES) last++;
    return ends[last]!;
  }

  /** Whether there is memory to copy what comes at `from`; short copies are always made. */
  mayCopy(page: LogPage, from: number): boolean {
    return !this.#memory.tight || this.endOf(page, from) - from <= MAX_COPY_BYTES;
  }

  /** The bytes of `page` from `from` to `to`, between messages, as players of `variant` are sent them. */
  of(page: LogPage, from: number, to: number, variant: number): VariantCopy {
    const known = this.#copies.get(variant);
    if (known !== undefined && known.page === page && known.from === from && known.to === to) {
      return known;
    }
    const buffer = new MediaBuffer(this.#memory, to - from);
    const view = buffer.bytes.subarray(0, to - from);
    view.set(page.bytes.subarray(from, to));
    const { ends } = page;
    for (let index = page.indexAt(from), start = from; start < to; start = ends[index++]!) {
      this.#encoder.vary!(view, start - from, variant);
    }
    known?.buffer.drop();
    const copy = { page, from, to, buffer, view };
    this.#copies.set(variant, copy);
    return copy;
  }

  /** The bytes of a prelude, which is not kept. */
  ofPrelude(prelude: Prelude, variant: number): MediaBuffer {
    const bytes = prelude.bytes.slice();
    for (const start of prelude.starts) this.#encoder.vary!(bytes, start, variant);
    return new MediaBuffer(this.#memory, bytes, false);
  }

  /** Forgets them all. */
  drop(): void {
    if (this.#copies.size === 0) return;
    for (const { buffer } of this.#copies.values()) buffer.drop();
    this.#copies.clear();
  }
}
