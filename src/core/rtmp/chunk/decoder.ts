/**
 * Joins chunks into messages [RTMP 1.0 §5.3].
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { decodeAbort, decodeSetChunkSize } from "../message/control.ts";
import { MessageType } from "../message/types.ts";
import {
  assemblyCapacity,
  contiguousPayload,
  continuationHeader,
  copyBytes,
  copyShortChunks,
  giveBack,
  SHORT_CHUNK_BYTES,
} from "./assembly.ts";
import { type AssemblyAccount, AssemblyBudget } from "./assembly_budget.ts";
import type { ChunkStream } from "./chunk_stream.ts";
import { CONTROL_LENGTH, DEFAULT_CHUNK_SIZE, MAX_HEADER_LENGTH } from "./format.ts";
import { ChunkHeaderReader } from "./header.ts";
import { type ChunkDecoderLimits, DEFAULT_CHUNK_DECODER_LIMITS, messageLimit } from "./limits.ts";

/** Lent assemblies of one connection up to this together are kept for the next messages. */
const MAX_SPARE_BYTES = 512 * 1024;

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
  readonly #budget: AssemblyAccount;
  #assemblyBytes = 0;
  #spareBytes = 0;
  /** Messages under way that take more than one chunk. */
  #unfinished = 0;
  #chunkSize = DEFAULT_CHUNK_SIZE;
  #limits: ChunkDecoderLimits;
  readonly #headers: ChunkHeaderReader;
  /** The chunk stream whose chunk is being read, while `#chunkLeft` is above 0. */
  #stream: ChunkStream | undefined = undefined;
  #chunkLeft = 0;
  /** A header that was cut by the end of the input; made when that happens first. */
  #carry: Uint8Array | undefined = undefined;
  #carried = 0;
  #stopped = false;

  /** `budget` is shared with other decoders; whoever ends one calls {@link release} then. */
  constructor(
    options: Partial<ChunkDecoderLimits> = {},
    budget: AssemblyAccount = new AssemblyBudget(),
  ) {
    this.#limits = { ...DEFAULT_CHUNK_DECODER_LIMITS, ...options };
    this.#headers = new ChunkHeaderReader(this.#limits);
    this.#budget = budget;
  }

  /** Bytes allocated for unfinished messages. */
  get assemblyBytes(): number {
    return this.#assemblyBytes;
  }

  /** Bytes of empty buffers that wait for the next message; with `lendPayloads` only. */
  get spareBytes(): number {
    return this.#spareBytes;
  }

  /** Messages under way that take more than one chunk. */
  get unfinishedMessages(): number {
    return this.#unfinished;
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

  /** Gives its memory back to the budget. It must not be used again. */
  release(): void {
    this.#budget.reuse(this.#spareBytes);
    this.#budget.give(this.#spareBytes + this.#assemblyBytes);
    this.#spareBytes = this.#assemblyBytes = 0;
  }

  /** Completes the carried header with the start of `input`. Returns the new offset. */
  #resume(input: Uint8Array, at: number, sink: MessageSink): number {
    const carried = this.#carried;
    const carry = this.#carry!;
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
    this.#carry ??= new Uint8Array(MAX_HEADER_LENGTH);
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
      if (stream.length > this.#chunkSize) this.#split(stream);
    }
    const missing = stream.length - stream.received;
    this.#stream = stream;
    this.#chunkLeft = missing < this.#chunkSize ? missing : this.#chunkSize;
    if (missing === 0) this.#complete(stream, new Uint8Array(0), sink);
  }

  /** Reads payload, and on through continuation chunks of one byte headers. */
  #readPayload(input: Uint8Array, at: number, end: number, sink: MessageSink): number {
    const stream = this.#stream!;
    const { length } = stream;
    let chunkLeft = this.#chunkLeft;
    if (chunkLeft === length && end - at >= length) {
      const next = at + length;
      this.#chunkLeft = 0;
      const payload = this.#limits.lendPayloads ? input.subarray(at, next) : input.slice(at, next);
      this.#complete(stream, payload, sink);
      return next;
    }
    let received = stream.received;
    if (received === 0) this.#reuse(stream);
    let assembly = stream.assembly;
    const continuation = continuationHeader(stream);
    for (;;) {
      const taken = chunkLeft < end - at ? chunkLeft : end - at;
      if (assembly === undefined || received + taken > assembly.length) {
        assembly = this.#grow(stream, received, chunkLeft, input, at, end);
      }
      copyBytes(assembly, received, input, at, at + taken);
      at += taken;
      chunkLeft -= taken;
      stream.received = received += taken;
      if (chunkLeft === 0 && this.#chunkSize < SHORT_CHUNK_BYTES) {
        const size = this.#chunkSize;
        const room = assembly.length < length ? assembly.length : length;
        const next = copyShortChunks(assembly, received, room, input, at, end, continuation, size);
        stream.received = received += (next - at) / (size + 1) * size;
        at = next;
      }
      // What the header reader would make of the next byte, without the way there and back.
      if (chunkLeft > 0 || received === length || at === end || input[at] !== continuation) break;
      at++;
      chunkLeft = length - received < this.#chunkSize ? length - received : this.#chunkSize;
    }
    this.#chunkLeft = chunkLeft;
    if (received === length) this.#finish(stream, assembly, sink);
    return at;
  }

  /** A message begins that takes more than a chunk, however the input is cut. */
  #split(stream: ChunkStream): void {
    if (this.#unfinished >= this.#limits.maxUnfinishedMessages) {
      throw new ProtocolError(
        "limit",
        `More than ${this.#limits.maxUnfinishedMessages} messages are unfinished at once`,
      );
    }
    this.#unfinished++;
    stream.split = true;
  }

  /** The message is all there, or given up. */
  #close(stream: ChunkStream): void {
    stream.received = 0;
    if (!stream.split) return;
    stream.split = false;
    this.#unfinished--;
  }

  /** The buffer that was kept for this message, if there is one, is spare no longer. */
  #reuse(stream: ChunkStream): void {
    const spare = stream.assembly?.length ?? 0;
    this.#budget.reuse(spare);
    this.#spareBytes -= spare;
    this.#assemblyBytes += spare;
  }

  /** Makes room for the payload at `at` and what follows it without a gap. */
  #grow(
    stream: ChunkStream,
    received: number,
    chunkLeft: number,
    input: Uint8Array,
    at: number,
    end: number,
  ): Uint8Array {
    const old = stream.assembly;
    const run = contiguousPayload(input, at, end, stream, chunkLeft, this.#chunkSize);
    const capacity = assemblyCapacity(stream.length, received + run);
    const more = capacity - (old?.length ?? 0);
    if (this.#assemblyBytes + more > this.#limits.maxAssemblyBytes) {
      throw new ProtocolError(
        "limit",
        `Unfinished messages hold more than ${this.#limits.maxAssemblyBytes} bytes`,
      );
    }
    this.#budget.take(more);
    this.#assemblyBytes += more;
    const grown = new Uint8Array(capacity);
    if (old !== undefined) {
      copyBytes(grown, 0, old, 0, received);
      giveBack(old);
    }
    stream.assembly = grown;
    return grown;
  }

  /** The last byte of a message is here: keeps its memory or gives it back, and hands it on. */
  #finish(stream: ChunkStream, assembly: Uint8Array, sink: MessageSink): void {
    const capacity = assembly.length;
    const { length } = stream;
    const lend = this.#limits.lendPayloads;
    this.#close(stream);
    this.#assemblyBytes -= capacity;
    const keeps = lend && this.#spareBytes + capacity <= MAX_SPARE_BYTES &&
      this.#budget.keep(capacity);
    if (keeps) this.#spareBytes += capacity;
    else {
      stream.assembly = undefined;
      this.#budget.give(capacity);
    }
    const payload = capacity === length
      ? assembly
      : lend
      ? assembly.subarray(0, length)
      : assembly.slice(0, length);
    this.#complete(stream, payload, sink);
    // An aggregate is read in turns.
    if (lend && !keeps && stream.type !== MessageType.Aggregate) giveBack(assembly);
  }

  #complete(stream: ChunkStream, payload: Uint8Array, sink: MessageSink): void {
    const type = stream.type;
    if (type === MessageType.SetChunkSize) this.#setChunkSize(decodeSetChunkSize(payload));
    else if (type === MessageType.Abort && !this.#saysNothing(payload)) {
      this.#abort(decodeAbort(payload));
    }
    const { messageStreamId, timestamp, id } = stream;
    this.#stopped = !sink.onMessage(type, messageStreamId, timestamp, payload, id);
  }

  #saysNothing(payload: Uint8Array): boolean {
    return payload.length < CONTROL_LENGTH && this.#limits.passShortAbort;
  }

  #setChunkSize(size: number): void {
    const { minChunkSize } = this.#limits;
    if (size < minChunkSize) {
      throw new ProtocolError("limit", `Chunk size ${size} is below ${minChunkSize}`);
    }
    this.#chunkSize = size;
  }

  #abort(id: number): void {
    const stream = this.#headers.streams.get(id);
    if (stream !== undefined && stream.received > 0) this.#discard(stream);
  }

  /** Drops a message of which something is here, and so a buffer. */
  #discard(stream: ChunkStream): void {
    const assembly = stream.assembly!;
    this.#assemblyBytes -= assembly.length;
    this.#budget.give(assembly.length);
    this.#close(stream);
    giveBack(assembly);
    stream.assembly = undefined;
    this.discardedMessages++;
  }
}
