/**
 * Splits aggregate messages, type 22 [RTMP 1.0 §7.1.6].
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { readU24, readU32 } from "../chunk/format.ts";
import { MessageType } from "./types.ts";

/** Type 1, length 3, timestamp 3, timestamp extension 1, stream id 3: an FLV tag header. */
const SUB_HEADER_LENGTH = 11;

/** Length of the back-pointer after each sub-message. */
const BACK_POINTER_LENGTH = 4;

/** Most messages in one aggregate: FMLE puts in some hundred, and without content they are 15 bytes. */
export const MAX_AGGREGATED_MESSAGES = 4096;

/** Takes the messages of an aggregate; `payload` is the receiver's own copy. */
export type AggregateVisitor = (
  type: number,
  messageStreamId: number,
  timestamp: number,
  payload: Uint8Array,
) => void;

/**
 * Goes through the messages inside an aggregate, one at a time, so that whoever reads them can stop
 * behind any. Their times, milliseconds modulo 2^32, are moved so that the first has the
 * aggregate's; their message stream id is the aggregate's. A truncated message ends it, and the last
 * back-pointer may be missing. Aggregates inside are left out, so that nothing can nest.
 */
export class AggregateCursor {
  readonly messageStreamId: number;
  /** Of the current message. */
  type = 0;
  timestamp = 0;
  /** Where the current message begins and ends in the aggregate. */
  start = 0;
  end = 0;
  #payload: Uint8Array;
  readonly #timestamp: number;
  #first: number | undefined;
  #count = 0;
  /** Where the next message begins. */
  #at = 0;

  /** `payload` is read in place, see {@link keep}. */
  constructor(payload: Uint8Array, timestamp: number, messageStreamId: number) {
    this.#payload = payload;
    this.#timestamp = timestamp;
    this.messageStreamId = messageStreamId;
  }

  /** Bytes of the aggregate that are behind the current message. */
  get left(): number {
    return Math.max(0, this.#payload.length - this.#at);
  }

  /** The current message, as a view. */
  get payload(): Uint8Array {
    return this.#payload.subarray(this.start, this.end);
  }

  /** Copies what is behind the current message, which is gone then: the aggregate was only lent. */
  keep(): void {
    this.#payload = this.#payload.slice(this.#at);
    this.#at = this.start = this.end = 0;
  }

  /**
   * Goes to the next message; `false` when there is none.
   *
   * @throws {ProtocolError} `limit` behind {@link MAX_AGGREGATED_MESSAGES} messages
   */
  next(): boolean {
    const payload = this.#payload;
    for (;;) {
      const at = this.#at;
      if (at + SUB_HEADER_LENGTH > payload.length) return false;
      if (++this.#count > MAX_AGGREGATED_MESSAGES) {
        throw new ProtocolError(
          "limit",
          `More than ${MAX_AGGREGATED_MESSAGES} messages in an aggregate`,
        );
      }
      this.type = payload[at]!;
      this.start = at + SUB_HEADER_LENGTH;
      this.end = this.start + readU24(payload, at + 1);
      if (this.end > payload.length) {
        this.#at = payload.length;
        return false;
      }
      const time = subTimestamp(payload, at + 4);
      this.#first ??= time;
      this.timestamp = (this.#timestamp + time - this.#first) >>> 0;
      this.#at = this.end + BACK_POINTER_LENGTH;
      if (this.type !== MessageType.Aggregate) return true;
    }
  }
}

/**
 * Calls `visit` for each message inside the aggregate `payload`, as {@link AggregateCursor} finds
 * them.
 *
 * @throws {ProtocolError} `limit` behind {@link MAX_AGGREGATED_MESSAGES} messages
 */
export function forEachAggregated(
  payload: Uint8Array,
  timestamp: number,
  messageStreamId: number,
  visit: AggregateVisitor,
): void {
  const cursor = new AggregateCursor(payload, timestamp, messageStreamId);
  // A copy each: one that is kept must not keep the whole aggregate alive.
  while (cursor.next()) {
    visit(cursor.type, messageStreamId, cursor.timestamp, new Uint8Array(cursor.payload));
  }
}

/** The low 24 bits come first, then the high 8, as in an FLV tag: milliseconds modulo 2^32, with a sign. */
function subTimestamp(payload: Uint8Array, at: number): number {
  const bytes = readU32(payload, at);
  return (bytes >>> 8) | (bytes << 24);
}
