/**
 * Takes an FLV file apart as its bytes come, from its beginning or from any tag of it.
 *
 * Nothing that the file declares is believed beyond the bytes that are there: a tag is kept until it is
 * whole, in memory that grows with what has come.
 *
 * @module
 */
import {
  FLV_TAG_HEADER,
  FLV_TAG_TRAILER,
  flvTagLength,
  flvTagTime,
  isFlvTagHeader,
  readFlvTagHeader,
  readFlvTagSize,
} from "./tag_header.ts";

/** Bytes of the header of a file, the first size of a tag behind it not counted. */
const FILE_HEADER = 9;

/** Most bytes of a header that says it is longer, which later versions might be. */
const MAX_FILE_HEADER = 1024;

const NONE: Uint8Array = new Uint8Array();

/** A tag that is whole. */
export interface FlvTag {
  /** 8 for audio, 9 for video, 18 for data. */
  readonly type: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  /** What RTMP carries as the payload of a message. Lent: valid until more bytes are added. */
  readonly body: Uint8Array;
  /** Where the tag begins in the file. */
  readonly offset: number;
}

/** Why a file cannot be read on. */
export type FlvDamage =
  /** It does not begin as FLV does. */
  | "no-flv"
  /** Where a tag has to begin there is none. */
  | "no-tag"
  /** What stands behind a tag is not its size: something is missing, or too much. */
  | "wrong-size";

/** Bytes of a file in, tags out. */
export class FlvReader {
  /** Flags of the file's header: 4 for sound, 1 for pictures; `undefined` until it was read. */
  flags: number | undefined;
  /** Set for good once the file cannot be read on; the tags before were whole. */
  damage: FlvDamage | undefined;
  readonly #zeroSizes: boolean;
  #rest: Uint8Array;
  /** What of `#rest` is filled. */
  #filled = 0;
  /** What of `#rest` has been taken. */
  #taken = 0;
  /** Where `#rest` begins in the file. */
  #base: number;

  /**
   * @param offset where the bytes to come begin in the file: 0 for its beginning, else that of a tag
   * @param zeroSizes whether a zero is accepted behind a tag: some writers never fill it in
   * @param rest what it keeps bytes in as long as they fit
   */
  constructor(offset = 0, zeroSizes = true, rest: Uint8Array = NONE) {
    this.#rest = rest;
    this.#base = offset;
    this.#zeroSizes = zeroSizes;
  }

  /** Where the first tag begins that is not whole yet: up to there the file is good. */
  get offset(): number {
    return this.#base + this.#taken;
  }

  /** Bytes that are kept for a tag that is not whole. */
  get pending(): number {
    return this.#filled - this.#taken;
  }

  /** Bytes that are still to come until the next tag is whole, as far as that is known; else 0. */
  get wanted(): number {
    const header = readFlvTagHeader(this.#rest.subarray(0, this.#filled), this.#taken);
    if (header === undefined || this.damage !== undefined) return 0;
    return Math.max(0, FLV_TAG_HEADER + header.length + FLV_TAG_TRAILER - this.pending);
  }

  /** Takes the bytes that follow those before. They are copied. */
  add(bytes: Uint8Array): void {
    if (this.damage !== undefined) return;
    this.room(bytes.length).set(bytes);
    this.fill(bytes.length);
  }

  /** Room for `length` bytes that follow those before, to be told of with {@link fill}. */
  room(length: number): Uint8Array {
    const kept = this.#filled - this.#taken;
    if (kept + length > this.#rest.length) {
      // Twice as much, so that a tag that comes in small pieces is not copied for each of them.
      const room = new Uint8Array(Math.max(kept + length, kept * 2));
      room.set(this.#rest.subarray(this.#taken, this.#filled));
      this.#rest = room;
    } else {
      this.#rest.copyWithin(0, this.#taken, this.#filled);
    }
    this.#base += this.#taken;
    this.#taken = 0;
    this.#filled = kept;
    return this.#rest.subarray(kept, kept + length);
  }

  /** So many bytes of the {@link room} were filled. */
  fill(length: number): void {
    if (this.damage === undefined) this.#filled += length;
  }

  /** The next whole tag; `undefined` when more bytes are needed, or the file is damaged here. */
  next(): FlvTag | undefined {
    const tag = { type: 0, timestamp: 0, body: NONE, offset: 0 };
    return this.nextInto(tag) ? tag : undefined;
  }

  /** The same for those who read many: `tag` becomes the next one. @returns `false` when there is none */
  nextInto(tag: { -readonly [Name in keyof FlvTag]: FlvTag[Name] }): boolean {
    if (this.damage !== undefined) return false;
    if (this.offset === 0) this.flags = this.#readFileHeader();
    if (this.offset === 0) return false;
    const start = this.#taken;
    const rest = this.#rest;
    if (this.pending < FLV_TAG_HEADER) return false;
    if (!isFlvTagHeader(rest, start)) return this.#damaged("no-tag");
    const end = start + FLV_TAG_HEADER + flvTagLength(rest, start);
    if (end + FLV_TAG_TRAILER > this.#filled) return false;
    const size = readFlvTagSize(rest, end);
    if (size !== end - start && !(size === 0 && this.#zeroSizes)) {
      return this.#damaged("wrong-size");
    }
    tag.type = rest[start]!;
    tag.timestamp = flvTagTime(rest, start);
    tag.body = rest.subarray(start + FLV_TAG_HEADER, end);
    tag.offset = this.#base + start;
    this.#taken = end + FLV_TAG_TRAILER;
    return true;
  }

  /** The flags of the header, behind which it goes on; `undefined` where that is not whole, or none. */
  #readFileHeader(): number | undefined {
    if (this.#filled < FILE_HEADER + FLV_TAG_TRAILER) return undefined;
    const bytes = this.#rest;
    const length = readFlvTagSize(bytes, 5);
    const isFlv = bytes[0] === 0x46 && bytes[1] === 0x4c && bytes[2] === 0x56;
    if (!isFlv || length < FILE_HEADER || length > MAX_FILE_HEADER) {
      this.#damaged("no-flv");
      return undefined;
    }
    if (this.#filled < length + FLV_TAG_TRAILER) return undefined;
    this.#taken = length + FLV_TAG_TRAILER;
    return bytes[4]! & 5;
  }

  #damaged(damage: FlvDamage): false {
    this.damage = damage;
    // Nothing of it will be asked for.
    this.#rest = NONE;
    this.#base += this.#taken;
    this.#filled = this.#taken = 0;
    return false;
  }
}
