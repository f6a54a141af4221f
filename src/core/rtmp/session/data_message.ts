/**
 * The outer part of a data message: its handler name, and `@setDataFrame` taken off. The rest stays
 * as the publisher encoded it.
 *
 * @module
 */
import { MessageType } from "../message/types.ts";

const AMF0_NUMBER = 0x00;
const AMF0_BOOLEAN = 0x01;
const AMF0_STRING = 0x02;
const AMF0_NULL = 0x05;
const AMF0_UNDEFINED = 0x06;

/** A data message, ready to be stored or relayed. */
export interface DataMessage {
  readonly action: "relay" | "set" | "clear";
  /** The handler name, `onMetaData` for instance; `""` when the body does not begin with one. */
  readonly handler: string;
  /** AMF0 body, beginning with the handler name. */
  readonly payload: Uint8Array;
}

/** Longest handler name that is looked at. */
const MAX_HANDLER_LENGTH = 256;

function stringAt(body: Uint8Array, offset: number): { text: string; end: number } | undefined {
  if (body[offset] !== AMF0_STRING || offset + 3 > body.length) return undefined;
  const length = body[offset + 1]! << 8 | body[offset + 2]!;
  const end = offset + 3 + length;
  if (length > MAX_HANDLER_LENGTH || end > body.length) return undefined;
  return { text: new TextDecoder().decode(body.subarray(offset + 3, end)), end };
}

/** Where the first string begins: some cameras put numbers in front of the handler name. */
function firstString(body: Uint8Array): number {
  let offset = 0;
  for (let skipped = 0; skipped < 4; skipped++) {
    const marker = body[offset];
    if (marker === AMF0_NUMBER) offset += 9;
    else if (marker === AMF0_BOOLEAN) offset += 2;
    else if (marker === AMF0_NULL || marker === AMF0_UNDEFINED) offset += 1;
    else break;
  }
  return offset;
}

/**
 * Reads a data message of type 18 or 15 (which has a format byte in front of AMF0 values).
 * Nothing is refused: what is not understood is relayed as it came.
 */
export function parseDataMessage(type: number, payload: Uint8Array): DataMessage {
  const body = type === MessageType.DataAmf3 && payload[0] === 0 ? payload.subarray(1) : payload;
  const start = firstString(body);
  const first = stringAt(body, start);
  if (first === undefined) return { action: "relay", handler: "", payload: body };
  if (first.text === "@setDataFrame" || first.text === "@clearDataFrame") {
    const handler = stringAt(body, first.end);
    if (handler === undefined) return { action: "relay", handler: "", payload: body };
    return {
      action: first.text === "@setDataFrame" ? "set" : "clear",
      handler: handler.text,
      payload: body.subarray(first.end),
    };
  }
  return {
    action: first.text === "onMetaData" ? "set" : "relay",
    handler: first.text,
    payload: start === 0 ? body : body.subarray(start),
  };
}
