/**
 * What a decoder remembers of each chunk stream between two chunks.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";

/** Ids below this fit the one byte basic header and are looked up by index. */
const DIRECT_IDS = 64;

/** The last header of one chunk stream, and the message it carries while that is unfinished. */
export class ChunkStream {
  /** Time of the message, milliseconds modulo 2^32. */
  timestamp = 0;
  /** What a type 3 header that starts a message adds to {@link timestamp}. */
  delta = 0;
  /** Declared message length in bytes. */
  length = 0;
  /** Message type id. */
  type = 0;
  /** Message stream id. */
  messageStreamId = 0;
  /** Whether the last header of type 0, 1 or 2 had an extended timestamp. */
  extended = false;
  /** The last extended timestamp exactly as it was on the wire. */
  extendedValue = 0;
  /**
   * Payload bytes in {@link assembly}. Between chunks, above 0 means that the message is unfinished:
   * a chunk that does not finish its message brings at least one byte of it.
   */
  received = 0;
  /** Whether the message under way takes more than one chunk, and so counts as unfinished. */
  split = false;
  /** Payload so far; its capacity follows what was received, not what was declared. */
  assembly: Uint8Array | undefined = undefined;

  constructor(
    /** Chunk stream id, 2..65599. */
    readonly id: number,
  ) {}
}

/** Room for the ids that nearly all peers use: an array that grows by itself takes twice as much. */
const NO_STREAMS: readonly (ChunkStream | undefined)[] = Array.from({ length: 9 }, () => undefined);

/** The chunk streams of one connection. */
export class ChunkStreamTable {
  /** Number of ids in use. */
  size = 0;
  readonly #direct = NO_STREAMS.slice();
  #others: Map<number, ChunkStream> | undefined = undefined;

  /** The state of `id`, if it ever had a header. */
  get(id: number): ChunkStream | undefined {
    return id < DIRECT_IDS ? this.#direct[id] : this.#others?.get(id);
  }

  /**
   * Starts the state of `id`.
   *
   * @throws {ProtocolError} `limit` when `limit` ids are in use.
   */
  create(id: number, limit: number): ChunkStream {
    if (this.size >= limit) {
      throw new ProtocolError("limit", `More than ${limit} chunk stream ids in one connection`);
    }
    const stream = new ChunkStream(id);
    if (id < DIRECT_IDS) {
      // Without holes, so that a look-up stays one load.
      while (this.#direct.length < id) this.#direct.push(undefined);
      this.#direct[id] = stream;
    } else (this.#others ??= new Map()).set(id, stream);
    this.size++;
    return stream;
  }
}
