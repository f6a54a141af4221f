/**
 * The decoder configurations of a file, and where they stand in it: which of them hold at a place.
 *
 * @module
 */
import { EnhancedReader, MediaFlag } from "../core/media/mod.ts";
import type { PlayedHeader } from "./played_file.ts";

/** Most of them that are kept, and their bytes: those of a file that changes all the time are not. */
const MAX_HEADERS = 256;
const MAX_BYTES = 1024 * 1024;

/** A message that whoever begins behind it needs first. */
export interface FlvHeader extends PlayedHeader {
  /** Where it stands in the file. */
  readonly offset: number;
}

/** Headers as they are met. */
export class FlvHeaders {
  readonly #reader = new EnhancedReader();
  /** By place, and what each takes the place of. */
  readonly #met: { readonly header: FlvHeader; readonly slot: string }[] = [];
  #bytes = 0;

  /** How many different ones were met. */
  get count(): number {
    return this.#met.length;
  }

  /** Takes one that stands at `offset`; it is copied. `media`: what is known of the message. */
  add(kind: number, payload: Uint8Array, media: number, offset: number): void {
    let at = this.#met.length;
    while (at > 0 && this.#met[at - 1]!.header.offset >= offset) at--;
    if (this.#met[at]?.header.offset === offset) return;
    const slot = this.#slot(kind, payload, media);
    // Repeated in front of each key frame, it is one.
    const before = this.#met.findLast((one, index) => index < at && one.slot === slot);
    if (before !== undefined && equal(before.header.payload, payload)) return;
    if (this.#met.length >= MAX_HEADERS || this.#bytes + payload.length > MAX_BYTES) return;
    this.#bytes += payload.length;
    const header = { kind, payload: payload.slice(), media, offset };
    this.#met.splice(at, 0, { header, slot });
  }

  /** Those that hold at `offset`: the last of each track. */
  at(offset: number): FlvHeader[] {
    const last = new Map<string, FlvHeader>();
    for (const { header, slot } of this.#met) {
      if (header.offset >= offset) break;
      last.set(slot, header);
    }
    return [...last.values()];
  }

  #slot(kind: number, payload: Uint8Array, media: number): string {
    const what = `${kind} ${media & MediaFlag.Presentation}`;
    if ((media & MediaFlag.Multitrack) === 0) return `${what} 0`;
    const reader = this.#reader;
    const open = kind === 9 ? reader.openVideo(payload) : reader.openAudio(payload);
    const ids: number[] = [];
    while (open && reader.next()) ids.push(reader.trackId);
    return `${what} ${ids.join(" ")}`;
  }
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
