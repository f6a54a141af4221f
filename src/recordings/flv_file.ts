/**
 * An FLV file that is played: what is known of it from its beginning and its end, and where to begin for a
 * time. Shared by all who play it; nothing that it says of itself is believed unseen.
 *
 * @module
 */
import { FLV_TAG_HEADER, FLV_TAG_TRAILER } from "../core/flv/tag_header.ts";
import { FLV_FILE_HEADER } from "../core/flv/tag.ts";
import {
  encodePlayedMetadata,
  NO_METADATA,
  type PlayedMetadata,
  readPlayedMetadata,
} from "../core/flv/played_metadata.ts";
import type { KeyFrame } from "../core/flv/key_frames.ts";
import type { FlvTag } from "../core/flv/reader.ts";
import { findLastFlvTag, flvTagAt } from "../core/flv/tag_search.ts";
import { audioFlags, videoFlags } from "../core/media/mod.ts";
import { FlvHeaders } from "./flv_headers.ts";
import { type AnyFlvMessage, anyFlvMessage, type FlvMessage } from "./flv_message.ts";
import { findPlace } from "./flv_place.ts";
import { FlvTags } from "./flv_tags.ts";
import type { MediaSource } from "./folder.ts";
import {
  blockBytesOf,
  type BlockEnd,
  type FileProblem,
  isHeader,
  type PlayedFile,
  type PlayedMessage,
  type PlayedPlace,
  type Stand,
} from "./played_file.ts";
import { borrow, giveBack } from "./scratch.ts";

/** Most bytes at the beginning in which headers are looked for, and the least where some are missing. */
const MAX_OPENING = 2 * 1024 * 1024;
const OPENING_READ = 64 * 1024;

/** Bytes at the end in which the last tag is looked for: first so many, then four times as many. */
const END_BYTES = 64 * 1024;
const MAX_END_BYTES = 16 * 1024 * 1024;

/** Tags before the last that may have a later time: tracks are interleaved loosely. */
const LAST_TAGS = 32;

/**
 * Bytes that are read for the headers between what was read for them before and a place: so much is read in a
 * few milliseconds. In longer files those count that stand right in front of a key frame, as they do in
 * recordings of ours.
 */
const MAX_HEADER_SCAN = 16 * 1024 * 1024;

/** Room for what is read then. */
const SCAN_BYTES = 256 * 1024;

/** Bytes and tags in front of a place in which they are looked for. */
const LOOK_BACK_BYTES = 16 * 1024;
const LOOK_BACK_TAGS = 16;

/** Times so far before the first of the file are taken for what they are, and shown as 0 (ms). */
const BEFORE_FIRST = 2 ** 32 - 2 ** 28;

const NONE: Uint8Array = new Uint8Array(0);

/** A file that can be played. */
export class FlvFile implements PlayedFile {
  readonly source: MediaSource;
  readonly #headers = new FlvHeaders();
  #metadata: PlayedMetadata = NO_METADATA;
  /** The time that tags have which is 0 for those who play. */
  #base: number | undefined;
  /** Where the tags begin that are played. */
  #first = FLV_FILE_HEADER;
  #kinds = 0;
  readonly #tag = { type: 0, timestamp: 0, body: NONE, offset: 0 };
  #blockBytes = 0;
  #duration = 0;
  /** Bytes for which the duration was looked for. */
  #measured = -1;
  #trustsHints = true;
  /** Up to there all headers are known. */
  #scanned = 0;

  private constructor(source: MediaSource) {
    this.source = source;
  }

  /** Reads the beginning and the end of a file, whatever its length. @throws what its disk throws */
  static async open(source: MediaSource): Promise<FlvFile | FileProblem> {
    const file = new FlvFile(source);
    const problem = await file.#open();
    if (problem !== undefined) return problem;
    await file.#measure();
    file.#blockBytes = blockBytesOf(source.size, file.duration);
    return file;
  }

  get duration(): number {
    return this.#duration;
  }

  get hasVideo(): boolean {
    return (this.#kinds & 1) !== 0;
  }

  /** Where its first message stands, behind its metadata. */
  get first(): number {
    return this.#first;
  }

  get metadata(): Uint8Array {
    return this.metadataOf(this.#duration);
  }

  metadataOf(duration: number): Uint8Array {
    return encodePlayedMetadata(this.#metadata, duration);
  }

  close(): Promise<void> {
    return this.source.close();
  }

  async #open(): Promise<FileProblem | undefined> {
    const tags = new FlvTags(this.source, 0, OPENING_READ);
    let seen = 0;
    while (tags.offset < MAX_OPENING && await tags.read()) {
      for (let tag = tags.next(); tag !== undefined; tag = tags.next()) {
        if (tag.type === 18 && tag.offset === FLV_FILE_HEADER) this.#readMetadata(tag);
        const { kind, media } = this.messageOf(tag);
        if (kind === 18 || isHeader(media)) continue;
        this.#base ??= tag.timestamp;
        seen |= kind === 8 ? 4 : 1;
      }
      if (tags.isOther) return "damaged";
      // What the file announces has been there: then its headers have, too.
      if (seen !== 0 && ((tags.flags ?? 5) & ~seen) === 0) break;
    }
    this.#kinds = seen;
    this.#scanned = tags.offset;
    if (tags.isOther || tags.flags === undefined) return "damaged";
    return seen === 0 ? "no-media" : undefined;
  }

  #readMetadata({ body, offset }: FlvTag): void {
    const metadata = readPlayedMetadata(body);
    if (metadata === undefined) return;
    this.#metadata = metadata;
    this.#first = offset + body.length + 15;
  }

  async measure(): Promise<void> {
    await this.source.refresh();
    await this.#measure();
  }

  async #measure(): Promise<void> {
    const { size } = this.source;
    if (size === this.#measured) return;
    this.#measured = size;
    const said = this.#metadata.duration * 1000;
    this.#duration = await this.#lastTime(size) ?? said;
  }

  async #lastTime(size: number): Promise<number | undefined> {
    for (let length = END_BYTES; length <= MAX_END_BYTES; length *= 4) {
      const start = Math.max(this.#first, size - length);
      if (start >= size) return undefined;
      const bytes = new Uint8Array(size - start);
      const end = bytes.subarray(0, await this.source.read(bytes, start));
      let tag = findLastFlvTag(end);
      let last = -1;
      for (let count = 0; tag !== undefined && count < LAST_TAGS; count++) {
        if (tag.type !== 18) last = Math.max(last, this.timeOf(tag.timestamp));
        tag = tagBefore(end, tag.at);
      }
      if (last >= 0) return last;
      if (start === this.#first) return undefined;
    }
    return undefined;
  }

  /** The time for those who play of a tag's. */
  timeOf(timestamp: number): number {
    const time = (timestamp - (this.#base ?? 0)) >>> 0;
    return time >= BEFORE_FIRST ? 0 : time;
  }

  /** What is known of a tag. Headers are kept. */
  messageOf(tag: FlvTag): FlvMessage {
    const { type: kind, timestamp, body: payload, offset } = tag;
    return { kind, time: this.timeOf(timestamp), payload, media: this.#mediaOf(tag), offset };
  }

  nextOf(tags: FlvTags, message: AnyFlvMessage): boolean {
    const tag = this.#tag;
    if (!tags.nextInto(tag)) return false;
    message.kind = tag.type;
    message.time = this.timeOf(tag.timestamp);
    message.payload = tag.body;
    message.media = this.#mediaOf(tag);
    message.offset = tag.offset;
    tag.body = NONE;
    return true;
  }

  #mediaOf({ type, body, offset }: FlvTag): number {
    const media = type === 9 ? videoFlags(body) : type === 8 ? audioFlags(body) : 0;
    if (isHeader(media)) this.#headers.add(type, body, media, offset);
    return media;
  }

  async place(time: number): Promise<PlayedPlace> {
    if (time <= 0) return { time: 0, offset: this.#first, headers: [] };
    const to = Math.min(time, this.#duration);
    const hint = this.#hintFor(to + (this.#base ?? 0));
    const found = await findPlace(this, to, hint?.offset);
    if (hint !== undefined && !found.usedHint) this.#trustsHints = false;
    const { offset } = found;
    await this.#findHeaders(offset);
    return { time: found.time, offset, headers: this.#headers.at(offset) };
  }

  /** Gets to know the headers that hold at a place. */
  async #findHeaders(offset: number): Promise<void> {
    if (offset <= this.#scanned) return;
    if (offset - this.#scanned > MAX_HEADER_SCAN) return await this.#lookBack(offset);
    const room = borrow(SCAN_BYTES);
    const message = anyFlvMessage();
    try {
      const tags = new FlvTags(this.source, this.#scanned, SCAN_BYTES / 2, room);
      while (tags.offset < offset && await tags.read()) {
        while (this.nextOf(tags, message));
        this.#scanned = Math.max(this.#scanned, tags.offset);
      }
    } finally {
      giveBack(room);
    }
  }

  async #lookBack(offset: number): Promise<void> {
    const room = borrow(LOOK_BACK_BYTES);
    try {
      const start = Math.max(this.#first, offset - LOOK_BACK_BYTES);
      const bytes = room.subarray(0, offset - start);
      if (await this.source.read(bytes, start) < bytes.length) return;
      let tag = tagBefore(bytes, bytes.length);
      for (let count = 0; tag !== undefined && count < LOOK_BACK_TAGS; count++) {
        const { type, timestamp, at, end } = tag;
        const body = bytes.subarray(at + FLV_TAG_HEADER, end - FLV_TAG_TRAILER);
        const { media } = this.messageOf({ type, timestamp, body, offset: start + at });
        if (type !== 18 && !isHeader(media)) return;
        tag = tagBefore(bytes, at);
      }
    } finally {
      giveBack(room);
    }
  }

  async read(
    { offset }: Stand,
    take: (message: PlayedMessage) => void,
  ): Promise<BlockEnd | undefined> {
    const message = anyFlvMessage();
    const block = this.#blockBytes;
    const room = borrow(block * 5 / 4);
    try {
      const tags = new FlvTags(this.source, offset, block, room);
      // What begins shortly before an end goes along with what is behind it.
      let end = endBehind(offset + block / 4, block);
      for (let count = 0; count === 0;) {
        const isThere = await tags.read(end - tags.position);
        for (; this.nextOf(tags, message); count++) take(message);
        if (!isThere && count === 0) return undefined;
        // A tag that is longer, or what is found behind a damage.
        if (count === 0) {
          end = endBehind(Math.max(tags.position, tags.offset) + tags.wanted, block);
        }
      }
      if (offset <= this.#scanned) this.#scanned = Math.max(this.#scanned, tags.offset);
      return { next: { offset: tags.offset }, isFull: tags.position >= end };
    } finally {
      giveBack(room);
    }
  }

  #hintFor(timestamp: number): KeyFrame | undefined {
    if (!this.#trustsHints) return undefined;
    const hint = this.#metadata.hints.before(timestamp);
    return hint !== undefined && hint.time <= timestamp ? hint : undefined;
  }
}

function tagBefore(bytes: Uint8Array, end: number) {
  if (end < 15) return undefined;
  const size = ((bytes[end - 4]! << 24 | bytes[end - 3]! << 16 | bytes[end - 2]! << 8 |
    bytes[end - 1]!) >>> 0) + 4;
  const at = end - size;
  const tag = at < 0 ? undefined : flvTagAt(bytes, at);
  return tag?.end === end ? tag : undefined;
}

/** The first end of a block behind `offset`. */
function endBehind(offset: number, blockBytes: number): number {
  return (Math.floor(offset / blockBytes) + 1) * blockBytes;
}
