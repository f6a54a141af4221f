/**
 * Cuts messages into chunks with the shortest headers that every reader understands alike.
 *
 * @module
 */

import { decodeSetChunkSize, encodeSetChunkSize } from "../message/control.ts";
import { MessageType, type RtmpMessage } from "../message/types.ts";
import { timestampDelta } from "../timestamp.ts";
import { writeMessageStreamId } from "./stateless_encoder.ts";
import { DEFAULT_CHUNK_SIZE, EXTENDED_TIMESTAMP, writeU24 } from "./format.ts";
import {
  basicHeaderLength,
  bodyLength,
  checkWritable,
  writeBasicHeader,
  writeBody,
} from "./writer.ts";

/** Bytes of the message header by chunk type [RTMP 1.0 §5.3.1.2]. */
const MESSAGE_HEADER_LENGTH = [11, 7, 3, 0];

/** The last header sent on one chunk stream. */
interface SentHeader {
  timestamp: number;
  /** What a type 3 header would add; NaN while readers do not agree on that. */
  delta: number;
  length: number;
  type: number;
  messageStreamId: number;
}

/** The sending half of a chunk stream. */
export class ChunkEncoder {
  #chunkSize = DEFAULT_CHUNK_SIZE;
  readonly #sent = new Map<number, SentHeader>();

  /** Payload bytes per chunk of the next message. */
  get chunkSize(): number {
    return this.#chunkSize;
  }

  /**
   * Encodes one message for `chunkStreamId`, 2..65599. A Set Chunk Size message holds for the
   * messages after it.
   *
   * @throws {UsageError} when the id or the payload length cannot be expressed.
   * @throws {ProtocolError} `control` when `message` is a Set Chunk Size that no peer may send.
   */
  encode(message: RtmpMessage, chunkStreamId: number): Uint8Array {
    const { type, payload, timestamp } = message;
    checkWritable(payload.length, chunkStreamId, this.#chunkSize);
    const nextChunkSize = type === MessageType.SetChunkSize
      ? decodeSetChunkSize(payload)
      : this.#chunkSize;
    const last = this.#sent.get(chunkStreamId);
    const format = chooseFormat(last, message);
    const time = format === 0 ? timestamp : (timestamp - last!.timestamp) >>> 0;
    const bytes = new Uint8Array(
      basicHeaderLength(chunkStreamId) + MESSAGE_HEADER_LENGTH[format] +
        (time < EXTENDED_TIMESTAMP ? 0 : 4) +
        bodyLength(payload.length, time, chunkStreamId, this.#chunkSize),
    );
    let at = writeBasicHeader(bytes, 0, format, chunkStreamId);
    if (format < 3) at = writeU24(bytes, at, Math.min(time, EXTENDED_TIMESTAMP));
    if (format < 2) {
      at = writeU24(bytes, at, payload.length);
      bytes[at++] = type;
    }
    if (format === 0) at = writeMessageStreamId(bytes, at, message.messageStreamId);
    writeBody(bytes, at, payload, time, chunkStreamId, this.#chunkSize);
    this.#sent.set(chunkStreamId, {
      timestamp,
      // After type 0 the specification repeats the timestamp and some readers repeat nothing.
      delta: format === 0 && time !== 0 ? NaN : time,
      length: payload.length,
      type,
      messageStreamId: message.messageStreamId,
    });
    this.#chunkSize = nextChunkSize;
    return bytes;
  }

  /**
   * Changes the chunk size from the next message on. Returns the Set Chunk Size message that tells
   * the peer, to be sent in this place.
   *
   * @throws {UsageError} when `size` is not a whole number in 1..2^31-1.
   */
  setChunkSize(size: number): Uint8Array {
    const payload = encodeSetChunkSize(size);
    const type = MessageType.SetChunkSize;
    return this.encode({ type, messageStreamId: 0, timestamp: 0, payload }, 2);
  }
}

/** The shortest chunk type that says all that differs from the last header. */
function chooseFormat(last: SentHeader | undefined, message: RtmpMessage): 0 | 1 | 2 | 3 {
  if (last === undefined || last.messageStreamId !== message.messageStreamId) return 0;
  const delta = timestampDelta(last.timestamp, message.timestamp);
  // Time that goes backwards needs type 0 [RTMP 1.0 §5.3.1.2.1].
  if (delta < 0) return 0;
  if (last.length !== message.payload.length || last.type !== message.type) return 1;
  // Readers differ on an extended timestamp in a type 3 header that starts a message.
  return delta === last.delta && delta < EXTENDED_TIMESTAMP ? 3 : 2;
}
