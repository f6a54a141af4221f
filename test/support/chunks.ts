/**
 * A small RTMP chunk codec for tests, written apart from the one under test. It trusts its peer.
 *
 * @module
 */

/** A message on the wire. */
export interface WireMessage {
  readonly type: number;
  readonly streamId: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** The chunks of a message: one type 0, then type 3. */
export function writeMessage(
  { type, streamId, timestamp, payload }: WireMessage,
  chunkStreamId: number,
  chunkSize: number,
): Uint8Array {
  const long = timestamp >= 0xffffff;
  const extended = new Uint8Array(long ? 4 : 0);
  if (long) new DataView(extended.buffer).setUint32(0, timestamp);
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  header[0] = chunkStreamId;
  view.setUint32(1, (long ? 0xffffff : timestamp) << 8);
  view.setUint32(4, payload.length << 8);
  header[7] = type;
  view.setUint32(8, streamId, true);
  const parts: Uint8Array[] = [header, extended];
  for (let at = 0; at < payload.length || at === 0; at += chunkSize) {
    if (at > 0) parts.push(Uint8Array.of(0xc0 | chunkStreamId), extended);
    parts.push(payload.subarray(at, at + chunkSize));
  }
  return joined(parts);
}

/** One array of many. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

interface ChunkStream {
  type: number;
  streamId: number;
  timestamp: number;
  delta: number;
  extended: boolean;
  length: number;
  parts: Uint8Array[];
  received: number;
}

/** Reads chunks; knows Set Chunk Size. */
export class ChunkReader {
  chunkSize = 128;
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #streams = new Map<number, ChunkStream>();

  /** The messages that are complete with these bytes. */
  read(bytes: Uint8Array): WireMessage[] {
    this.#bytes = joined([this.#bytes, bytes]);
    const messages: WireMessage[] = [];
    let at = 0;
    for (;;) {
      const chunk = this.#chunk(at, messages);
      if (chunk === 0) break;
      at += chunk;
    }
    this.#bytes = this.#bytes.slice(at);
    return messages;
  }

  /** Reads one chunk and returns its length, 0 when it is not there in full. */
  #chunk(start: number, messages: WireMessage[]): number {
    const bytes = this.#bytes;
    if (bytes.length < start + 3) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = start;
    const format = bytes[at]! >> 6;
    let id = bytes[at++]! & 63;
    if (id === 0) id = 64 + bytes[at++]!;
    else if (id === 1) id = 64 + bytes[at++]! + 256 * bytes[at++]!;
    const size = [11, 7, 3, 0][format]!;
    if (bytes.length < at + size) return 0;
    const known = this.#streams.get(id);
    const stream: ChunkStream = known === undefined
      ? {
        type: 0,
        streamId: 0,
        timestamp: 0,
        delta: 0,
        extended: false,
        length: 0,
        parts: [],
        received: 0,
      }
      : { ...known };
    const starts = stream.received === 0;
    let time = 0;
    if (format < 3) {
      time = view.getUint32(at) >>> 8;
      stream.extended = time === 0xffffff;
    }
    if (format < 2) {
      stream.length = view.getUint32(at + 3) >>> 8;
      stream.type = bytes[at + 6]!;
    }
    if (format === 0) stream.streamId = view.getUint32(at + 7, true);
    at += size;
    if (stream.extended) {
      if (bytes.length < at + 4) return 0;
      if (format < 3) time = view.getUint32(at);
      at += 4;
    }
    const length = Math.min(this.chunkSize, stream.length - stream.received);
    if (bytes.length < at + length) return 0;
    if (format === 0) {
      stream.timestamp = time;
      stream.delta = 0;
    } else if (starts) {
      if (format < 3) stream.delta = time;
      stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
    }
    stream.parts = [...stream.parts, bytes.slice(at, at + length)];
    stream.received += length;
    if (stream.received === stream.length) {
      const { type, streamId, timestamp, parts } = stream;
      const payload = joined(parts);
      messages.push({ type, streamId, timestamp, payload });
      if (type === 1) this.chunkSize = new DataView(payload.buffer).getUint32(0);
      stream.parts = [];
      stream.received = 0;
    }
    this.#streams.set(id, stream);
    return at + length - start;
  }
}
