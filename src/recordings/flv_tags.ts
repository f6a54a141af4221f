/**
 * Reads the tags of a file in order from any of them on, past what is damaged, as far as the file goes.
 *
 * @module
 */
import { FlvReader, type FlvTag } from "../core/flv/reader.ts";
import { findFlvTag } from "../core/flv/tag_search.ts";
import type { MediaSource } from "./folder.ts";
import { borrow, giveBack } from "./scratch.ts";

/** Largest tag that is found behind a damage, in bytes; larger ones are passed over. */
const MAX_FOUND_TAG = 4 * 1024 * 1024;

/** Most damaged bytes that are passed over at once: what comes behind them is given up. */
const MAX_DAMAGE = 64 * 1024 * 1024;

/** Tags of a file from one place on. */
export class FlvTags {
  readonly #source: MediaSource;
  readonly #bytes: number;
  #reader: FlvReader;
  readonly #room: Uint8Array | undefined;
  /** Where what was not read begins. */
  #position: number;
  /** Damages that were passed over. */
  damages = 0;

  /**
   * @param offset 0 for the beginning of the file, else that of a tag
   * @param bytes how much is read at a time
   * @param room what bytes are kept in as long as they fit
   */
  constructor(source: MediaSource, offset: number, bytes: number, room?: Uint8Array) {
    this.#source = source;
    this.#bytes = bytes;
    this.#room = room;
    this.#reader = new FlvReader(offset, true, room);
    this.#position = offset;
  }

  /** Where the first tag begins that was not taken. */
  get offset(): number {
    return this.#reader.offset;
  }

  /** Flags of the file's header, if that was read. */
  get flags(): number | undefined {
    return this.#reader.flags;
  }

  /** Whether it is no FLV at all. */
  get isOther(): boolean {
    return this.#reader.damage === "no-flv";
  }

  /** The next tag that was read, lent until {@link read}; `undefined` when more has to be read. */
  next(): FlvTag | undefined {
    return this.#reader.next();
  }

  /** Where what was not read begins. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that are lacking of the first tag that is not whole; 0 where that is not known. */
  get wanted(): number {
    return this.#reader.wanted;
  }

  /** The same for those who read many: `tag` becomes the next one. @returns `false` when there is none */
  nextInto(tag: Parameters<FlvReader["nextInto"]>[0]): boolean {
    return this.#reader.nextInto(tag);
  }

  /**
   * Reads on.
   *
   * @param bytes how much; else as much as always
   * @returns `false` when there is nothing more in the file, for now or for good
   */
  async read(bytes: number = this.#bytes): Promise<boolean> {
    if (this.isOther) return false;
    if (this.#reader.damage !== undefined) {
      const found = await findTag(this.#source, this.#reader.offset + 1, MAX_DAMAGE);
      if (found === undefined) return false;
      this.damages++;
      this.#reader = new FlvReader(found, true, this.#room);
      this.#position = found;
    }
    const reader = this.#reader;
    const count = await this.#source.read(reader.room(bytes), this.#position);
    this.#position += count;
    reader.fill(count);
    return count > 0;
  }
}

/**
 * The first place from `from` on where a whole tag begins; `undefined` when there is none within `most`
 * bytes.
 */
export async function findTag(
  source: MediaSource,
  from: number,
  most: number,
): Promise<number | undefined> {
  let size = 64 * 1024;
  for (let at = from; at < from + most;) {
    const room = borrow(size);
    let count: number;
    try {
      count = await source.read(room.subarray(0, size), at);
      const found = findFlvTag(room.subarray(0, count));
      if (found !== undefined) return at + found.at;
    } finally {
      giveBack(room);
    }
    if (count < size) return undefined;
    // Perhaps a tag that is larger than what was looked at.
    if (size < MAX_FOUND_TAG) size *= 4;
    else at += size / 2;
  }
  return undefined;
}
