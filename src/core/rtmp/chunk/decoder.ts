/**
 * Joins chunks into messages [RTMP 1.0 §5.3].
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { decodeAbort, decodeSetChunkSize } from "../message/control.ts";
import { MessageType } from "../message/types.ts";
import { assemblyCapacity, contiguousPayload, copyBytes } from "./assembly.ts";
import type { ChunkStream } from "./chunk_stream.ts";
import { DEFAULT_CHUNK_SIZE, MAX_HEADER_LENGTH } from "./format.ts";
import { ChunkHeaderReader } from "./header.ts";
import { type ChunkDecoderLimits, DEFAULT_CHUNK_DECODER_LIMITS, messageLimit } from "./limits.ts";

/** A lent assembly up to this size is kept for the next message of its chunk stream. */
const MAX_SPARE_BYTES = 256 * 1024;

/** Takes whole messages from a {@link ChunkDecoder}. */
export interface MessageSink {
  /**
   * One message is complete. `timestamp` is in milliseconds modulo 2^32. `payload` belongs to the
   * receiver: it has a buffer of its own, of exactly its length, which nobody touches again. From a
   * decoder with `lendPayloads` it is valid during the call only.
   *
   * Returns whether to go on. After `false` the decoder stops behind this message, and the caller
   * calls `decode` again with the rest of the input when it wants more.
   */
  onMessage(
    type: number,
    messageStreamId: number,
    timestamp: number,
    payload: Uint8Array,
    chunkStreamId: number,
  ): boolean;
}

/**
 * The receiving half of a chunk stream. Input may be cut anywhere.
 *
 * It obeys Set Chunk Size and Abort itself, as they arrive, and hands them on like any message.
 * Memory stays in proportion to what the peer sent: at most twice the payload received of each
 * unfinished message, and a small state object per chunk stream id.
 *
 * After a {@link ProtocolError} a decoder must not be used again.
 */
export class ChunkDecoder {
  /** Unfinished messages dropped so far, for a new header in their midst or an Abort. */
  discardedMessages = 0;
  #assemblyBytes = 0;
  #chunkSize = DEFAULT_CHUNK_SIZE;
  #limits: ChunkDecoderLimits;
  readonly #headers: ChunkHeaderReader;
  /** The chunk stream whose chunk is being read, while `#chunkLeft` is above 0. */
  #stream: ChunkStream | undefined = undefined;
  #chunkLeft = 0;
  /** A header that was cut by the end of the input. */
  readonly #carry = new Uint8Array(MAX_HEADER_LENGTH);
  #carried = 0;
  #stopped = false;

  constructor(options: Partial<ChunkDecoderLimits> = {}) {
    this.#limits = { ...DEFAULT_CHUNK_DECODER_LIMITS, ...options };
    this.#headers = new ChunkHeaderReader(this.#limits);
  }

  /** Bytes allocated for unfinished messages. */
  get assemblyBytes(): number {
    return this.#assemblyBytes;
  }

  /** Payload bytes per chunk, as the peer last set it. */
  get chunkSize(): number {
    return this.#chunkSize;
  }

  /** Chunk stream ids the peer has used. */
  get chunkStreams(): number {
    return this.#headers.streams.size;
  }

  /** Changes limits. Those on lengths hold for messages that start from now on. */
  setLimits(limits: Partial<ChunkDecoderLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
    this.#headers.setLimits(this.#limits);
  }

  /**
   * Reads `input` from `offset` and hands each message it completes to `sink`. Returns the offset
   * up to which it consumed: the end of the input, unless the sink asked to stop. What it consumed
   * is copied where needed, so the caller may reuse `input`.
   *
   * @throws {ProtocolError} `chunk`, `control` or `limit`; never anything else because of input.
   */
  decode(input: Uint8Array, offset: number, sink: MessageSink): number {
    // Subclasses such as Node's Buffer give other meanings to slice.
    const bytes = input.constructor === Uint8Array
      ? input
      : new Uint8Array(input.buffer, input.byteOffset, input.length);
    this.#stopped = false;
    let at = offset;
    while (this.#carried > 0) {
      at = this.#resume(bytes, at, sink);
      if (this.#stopped) return at;
      if (at >= bytes.length) return at;
    }
    return this.#run(bytes, at, sink);
  }

  /** Completes the carried header with the start of `input`. Returns the new offset. */
  #resume(input: Uint8Array, at: number, sink: MessageSink): number {
    const carried = this.#carried;
    const carry = this.#carry;
    const added = Math.min(MAX_HEADER_LENGTH - carried, input.length - at);
    copyBytes(carry, carried, input, at, at + added);
    const length = this.#headers.read(carry, 0, carried + added);
    if (length === 0) {
      this.#carried += added;
      return at + added;
    }
    this.#carried = 0;
    if (length >= carried) {
      this.#begin(sink);
      return at + length - carried;
    }
    // The header ends before the new input. What it waited for was no extended timestamp but
    // payload, or the sink had stopped inside the carry: read the rest of the carry first.
    const rest = carry.slice(length, carried);
    this.#begin(sink);
    const read = this.#stopped ? 0 : this.#run(rest, 0, sink);
    if (read < rest.length) this.#keep(rest, read);
    return at;
  }

  /** Reads chunks of `input` from `at`, past any carried header. Returns the new offset. */
  #run(input: Uint8Array, at: number, sink: MessageSink): number {
    const end = input.length;
    while (at < end) {
      if (this.#chunkLeft === 0) {
        const length = this.#headers.read(input, at, end);
        if (length === 0) {
          this.#keep(input, at);
          return end;
        }
        at += length;
        this.#begin(sink);
      } else {
        at = this.#readPayload(input, at, end, sink);
      }
      if (this.#stopped) return at;
    }
    return at;
  }

  #keep(input: Uint8Array, from: number): void {
    copyBytes(this.#carry, 0, input, from, input.length);
    this.#carried = input.length - from;
  }

  /** Acts on the header just read. */
  #begin(sink: MessageSink): void {
    const stream = this.#headers.stream!;
    if (this.#headers.starts) {
      if (stream.received > 0) this.#discard(stream);
      const limit = messageLimit(this.#limits, stream.type);
      if (stream.length > limit) {
        throw new ProtocolError(
          "limit",
          `Message of type ${stream.type} has ${stream.length} bytes, more than ${limit}`,
        );
      }
    }
    const missing = stream.length - stream.received;
    this.#stream = stream;
    this.#chunkLeft = missing < this.#chunkSize ? missing : this.#chunkSize;
    if (missing === 0) this.#complete(stream, new Uint8Array(0), sink);
  }

  #readPayload(input: Uint8Array, at: number, end: number, sink: MessageSink): number {
    const stream = this.#stream!;
    const chunkLeft = this.#chunkLeft;
    const received = stream.received;
    const next = at + (chunkLeft < end - at ? chunkLeft : end - at);
    if (next - at === stream.length) {
      this.#chunkLeft = 0;
      const payload = this.#limits.lendPayloads ? input.subarray(at, next) : input.slice(at, next);
      this.#complete(stream, payload, sink);
      return next;
    }
    let assembly = stream.assembly;
    if (assembly === undefined || received + next - at > assembly.length) {
      assembly = this.#grow(stream, input, at, end);
    }
    copyBytes(assembly, received, input, at, next);
    this.#chunkLeft = chunkLeft - (next - at);
    stream.received = received + next - at;
    if (stream.received === stream.length) {
      stream.received = 0;
      if (this.#limits.lendPayloads && assembly.length <= MAX_SPARE_BYTES) {
        const { length } = stream;
        const payload = assembly.length === length ? assembly : assembly.subarray(0, length);
        this.#complete(stream, payload, sink);
      } else {
        stream.assembly = undefined;
        this.#assemblyBytes -= assembly.length;
        const payload = assembly.length === stream.length
          ? assembly
          : assembly.slice(0, stream.length);
        this.#complete(stream, payload, sink);
      }
    }
    return next;
  }

  /** Makes room for the payload at `at` and what follows it without a gap. */
  #grow(stream: ChunkStream, input: Uint8Array, at: number, end: number): Uint8Array {
    const old = stream.assembly;
    const run = contiguousPayload(input, at, end, stream, this.#chunkLeft, this.#chunkSize);
    const grown = new Uint8Array(assemblyCapacity(stream.length, stream.received + run));
    const total = this.#assemblyBytes - (old?.length ?? 0) + grown.length;
    if (total > this.#limits.maxAssemblyBytes) {
      throw new ProtocolError(
        "limit",
        `Unfinished messages hold more than ${this.#limits.maxAssemblyBytes} bytes`,
      );
    }
    if (old !== undefined) copyBytes(grown, 0, old, 0, stream.received);
    this.#assemblyBytes = total;
    stream.assembly = grown;
    return grown;
  }

  #complete(stream: ChunkStream, payload: Uint8Array, sink: MessageSink): void {
    const type = stream.type;
    if (type === MessageType.SetChunkSize) this.#chunkSize = decodeSetChunkSize(payload);
    else if (type === MessageType.Abort) this.#abort(decodeAbort(payload));
    const { messageStreamId, timestamp, id } = stream;
    this.#stopped = !sink.onMessage(type, messageStreamId, timestamp, payload, id);
  }

  #abort(id: number): void {
    const stream = this.#headers.streams.get(id);
    if (stream !== undefined && stream.received > 0) this.#discard(stream);
  }

  #discard(stream: ChunkStream): void {
    this.#assemblyBytes -= stream.assembly?.length ?? 0;
    stream.assembly = undefined;
    stream.received = 0;
    this.discardedMessages++;
  }
}
