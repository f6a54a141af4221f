/**
 * Reads chunk headers: basic header, message header, extended timestamp.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { type ChunkStream, ChunkStreamTable } from "./chunk_stream.ts";
import { EXTENDED_TIMESTAMP, readU24, readU32 } from "./format.ts";
import type { ChunkDecoderLimits } from "./limits.ts";

/** Bytes of the message header by chunk type [RTMP 1.0 §5.3.1.2]. */
const MESSAGE_HEADER_LENGTH = [11, 7, 3, 0];

/** Bytes of an extended timestamp. */
const EXTENDED_LENGTH = 4;

/** Turns header bytes into the state of their chunk stream. */
export class ChunkHeaderReader {
  /** Every chunk stream seen so far. */
  readonly streams = new ChunkStreamTable();
  /** Whether the last header read starts a message, rather than continuing one. */
  starts = false;
  #limits: Readonly<ChunkDecoderLimits>;
  /** The chunk stream of the last header read; undefined before the first. */
  stream: ChunkStream | undefined = undefined;

  constructor(limits: Readonly<ChunkDecoderLimits>) {
    this.#limits = limits;
  }

  /** Replaces the limits from the next header on. */
  setLimits(limits: Readonly<ChunkDecoderLimits>): void {
    this.#limits = limits;
  }

  /**
   * Reads the header at `at`. Returns its length in bytes, or 0 when it does not end before `end`;
   * nothing has changed then.
   *
   * @throws {ProtocolError} `chunk` when a first header of its chunk stream leans on an earlier
   *   one; `limit` when there are too many chunk streams.
   */
  read(bytes: Uint8Array, at: number, end: number): number {
    const first = bytes[at];
    const format = first >> 6;
    let id = first & 0x3f;
    let length = 1;
    if (id < 2) {
      length = id + 2;
      if (end - at < length) return 0;
      // Little-endian, unlike every other number but the message stream id [RTMP 1.0 §5.3.1.1].
      id = id === 0 ? 64 + bytes[at + 1] : 64 + bytes[at + 1] + (bytes[at + 2] << 8);
    }
    const stream = this.streams.get(id);
    if (format === 3) {
      return stream === undefined
        ? refuseFirst(id, 3)
        : this.#readType3(stream, bytes, at, end, length);
    }
    // librtmp opens chunk stream 2 with a type 1 header: its base is time 0, message stream 0.
    if (stream === undefined && format === 2) return refuseFirst(id, 2);
    return this.#readFields(stream, id, format, bytes, at, end, length);
  }

  #readFields(
    known: ChunkStream | undefined,
    id: number,
    format: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    basicLength: number,
  ): number {
    const fields = at + basicLength;
    let length = basicLength + MESSAGE_HEADER_LENGTH[format];
    if (end - at < length) return 0;
    let time = readU24(bytes, fields);
    const extended = time === EXTENDED_TIMESTAMP;
    if (extended) {
      if (end - at < length + EXTENDED_LENGTH) return 0;
      time = readU32(bytes, at + length);
      length += EXTENDED_LENGTH;
    }
    const stream = known ?? this.streams.create(id, this.#limits.maxChunkStreams);
    stream.extended = extended;
    if (extended) stream.extendedValue = time;
    if (format < 2) {
      stream.length = readU24(bytes, fields + 3);
      stream.type = bytes[fields + 6];
    }
    if (format === 0) {
      stream.messageStreamId = (bytes[fields + 7] | (bytes[fields + 8] << 8) |
        (bytes[fields + 9] << 16) | (bytes[fields + 10] << 24)) >>> 0;
      stream.timestamp = time;
      stream.delta = this.#limits.fmt3AfterFmt0 === "timestamp" ? time : 0;
    } else {
      stream.timestamp = (stream.timestamp + time) >>> 0;
      stream.delta = time;
    }
    this.starts = true;
    this.stream = stream;
    return length;
  }

  #readType3(
    stream: ChunkStream,
    bytes: Uint8Array,
    at: number,
    end: number,
    basicLength: number,
  ): number {
    let length = basicLength;
    const starts = stream.received === 0;
    if (stream.extended) {
      const field = at + basicLength;
      if (starts) {
        if (end < field + EXTENDED_LENGTH) return 0;
        const value = readU32(bytes, field);
        // FFmpeg lets a type 3 header carry a new extended delta: both fields were 0xFFFFFF.
        if (value !== stream.extendedValue) {
          stream.extendedValue = value;
          stream.delta = value;
        }
        length += EXTENDED_LENGTH;
      } else {
        const matched = matchU32(bytes, field, end, stream.extendedValue);
        if (matched === undefined) return 0;
        if (matched) length += EXTENDED_LENGTH;
      }
    }
    if (starts) stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    this.starts = starts;
    this.stream = stream;
    return length;
  }
}

/**
 * Whether the extended timestamp is repeated at `at`. Some writers leave it out of continuation
 * chunks although [RTMP 1.0 §5.3.1.3] asks for it; only the bytes can tell. The first byte that
 * differs decides; undefined when `end` comes before that.
 */
function matchU32(bytes: Uint8Array, at: number, end: number, value: number): boolean | undefined {
  for (let i = 0; i < EXTENDED_LENGTH; i++) {
    if (at + i >= end) return undefined;
    if (bytes[at + i] !== ((value >>> (24 - 8 * i)) & 0xff)) return false;
  }
  return true;
}

function refuseFirst(id: number, format: number): never {
  throw new ProtocolError(
    "chunk",
    `First chunk of chunk stream ${id} has a type ${format} header, which needs an earlier one`,
  );
}
