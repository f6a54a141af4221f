/**
 * Media as a client sends it; metadata in the form in which servers store it for players that come
 * later.
 *
 * @module
 */
import { encodeAmf0 } from "../../../amf/mod.ts";
import { encodeMessage } from "../../chunk/stateless_encoder.ts";
import { MessageType } from "../../message/types.ts";
import { chunkStreamIdFor } from "../../streams.ts";
import { parseDataMessage } from "../data_message.ts";

const PREFIX = encodeAmf0("@setDataFrame");

/** A data message of type 18, with `@setDataFrame` in front when it is a bare `onMetaData`. */
export function withSetDataFrame(payload: Uint8Array): Uint8Array {
  const message = parseDataMessage(MessageType.DataAmf0, payload);
  // What has the prefix already is read without it.
  if (message?.action !== "set" || message.payload.length !== payload.length) return payload;
  const whole = new Uint8Array(PREFIX.length + payload.length);
  whole.set(PREFIX);
  whole.set(payload, PREFIX.length);
  return whole;
}

/**
 * An audio (8), video (9) or data (18) message in chunks of `chunkSize` bytes. `timestamp` in ms, of
 * which the lower 32 bits count.
 *
 * @throws {UsageError} when the payload is too long
 */
export function encodeMedia(
  messageStreamId: number,
  type: 8 | 9 | 18,
  timestamp: number,
  payload: Uint8Array,
  chunkSize: number,
): Uint8Array {
  const body = type === MessageType.DataAmf0 ? withSetDataFrame(payload) : payload;
  const time = timestamp >>> 0;
  const csid = chunkStreamIdFor({ type, messageStreamId, timestamp: time, payload: body });
  return encodeMessage(type, messageStreamId, time, body, csid, chunkSize);
}
