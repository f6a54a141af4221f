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
 * Calls `visit` for each message inside the aggregate `payload`. Their times, milliseconds modulo
 * 2^32, are moved so that the first has the aggregate's `timestamp`; their message stream id is the
 * aggregate's. A truncated sub-message ends the loop, and the last back-pointer may be missing.
 * Aggregates inside are left out, so that nothing can nest.
 *
 * @throws {ProtocolError} `limit` behind {@link MAX_AGGREGATED_MESSAGES} messages
 */
export function forEachAggregated(
  payload: Uint8Array,
  timestamp: number,
  messageStreamId: number,
  visit: AggregateVisitor,
): void {
  let at = 0;
  let first: number | undefined;
  let count = 0;
  while (at + SUB_HEADER_LENGTH <= payload.length) {
    if (++count > MAX_AGGREGATED_MESSAGES) {
      throw new ProtocolError(
        "limit",
        `More than ${MAX_AGGREGATED_MESSAGES} messages in an aggregate`,
      );
    }
    const type = payload[at];
    const start = at + SUB_HEADER_LENGTH;
    const end = start + readU24(payload, at + 1);
    if (end > payload.length) return;
    const time = subTimestamp(payload, at + 4);
    first ??= time;
    if (type !== MessageType.Aggregate) {
      // A copy: a cached sub-message must not keep the whole aggregate alive.
      const body = new Uint8Array(payload.subarray(start, end));
      visit(type, messageStreamId, (timestamp + time - first) >>> 0, body);
    }
    at = end + BACK_POINTER_LENGTH;
  }
}

/** The low 24 bits come first, then the high 8, as in an FLV tag. */
function subTimestamp(payload: Uint8Array, at: number): number {
  const bytes = readU32(payload, at);
  return ((bytes >>> 8) | (bytes << 24)) >>> 0;
}
