/**
 * The outer part of a data message: its handler name, and `@setDataFrame` taken off. The rest stays
 * as the publisher encoded it.
 *
 * @module
 */
import { amf0Only, decodeCommandBody, encodeAmf0 } from "../../amf/mod.ts";
import { MessageType } from "../message/types.ts";

const AMF0_NUMBER = 0x00;
const AMF0_BOOLEAN = 0x01;
const AMF0_STRING = 0x02;
const AMF0_NULL = 0x05;
const AMF0_UNDEFINED = 0x06;
/** The highest AMF0 marker: what is above begins no value. */
const AMF0_AVMPLUS = 0x11;

const SET = "@setDataFrame";
const CLEAR = "@clearDataFrame";
/** Is stored even when it comes without `@setDataFrame`. */
const METADATA = "onMetaData";

/** A data message, ready to be stored or relayed. */
export interface DataMessage {
  /** Whether players get it now, or it is kept for all that join, or no longer kept. */
  readonly action: "relay" | "set" | "clear";
  /** The handler name, `onMetaData` for instance. */
  readonly handler: string;
  /** AMF0 body, beginning with the handler name; as the publisher encoded it unless AMF3 was in it. */
  readonly payload: Uint8Array;
}

/** Longest handler name in bytes. FFmpeg ends its play over a longer one, and over none. */
export const MAX_HANDLER_LENGTH = 63;

const EMPTY = new Uint8Array(0);

const utf8 = new TextDecoder();

function stringAt(body: Uint8Array, offset: number): { text: string; end: number } | undefined {
  if (body[offset] !== AMF0_STRING || offset + 3 > body.length) return undefined;
  const length = body[offset + 1]! << 8 | body[offset + 2]!;
  const end = offset + 3 + length;
  if (length > MAX_HANDLER_LENGTH || end > body.length) return undefined;
  return { text: utf8.decode(body.subarray(offset + 3, end)), end };
}

/** Where the next string begins: some cameras put numbers in front of the handler name. */
function nextString(body: Uint8Array, from: number): number {
  let offset = from;
  for (let skipped = 0; skipped < 4; skipped++) {
    const marker = body[offset];
    if (marker === AMF0_NUMBER) offset += 9;
    else if (marker === AMF0_BOOLEAN) offset += 2;
    else if (marker === AMF0_NULL || marker === AMF0_UNDEFINED) offset += 1;
  }
  return offset;
}

function isAmf3(type: number): boolean {
  return type === MessageType.DataAmf3 || type === MessageType.CommandAmf3;
}

/** The body without the format byte of the AMF3 types, which some leave out. */
function withoutFormat(type: number, payload: Uint8Array): Uint8Array {
  // 0 is the marker of a number too: then what follows is a double, mostly no marker.
  return isAmf3(type) && payload[0] === 0 && (payload[1] ?? 0) <= AMF0_AVMPLUS
    ? payload.subarray(1)
    : payload;
}

/** Whether a command is a data message in disguise: some encoders send their metadata as such. */
export function isDataCommand(type: number, payload: Uint8Array): boolean {
  const name = stringAt(withoutFormat(type, payload), 0)?.text;
  return name === SET || name === CLEAR || name === METADATA;
}

/**
 * Reads a data message of type 18 or 15, or a command for which {@link isDataCommand} holds.
 * `undefined` when it has no handler name: no player could tell what it is.
 */
export function parseDataMessage(type: number, payload: Uint8Array): DataMessage | undefined {
  const body = withoutFormat(type, payload);
  const start = nextString(body, 0);
  const first = stringAt(body, start);
  if (first === undefined) {
    const amf0 = isAmf3(type) ? toAmf0(payload) : undefined;
    return amf0 && parseDataMessage(MessageType.DataAmf0, amf0);
  }
  if (first.text === SET || first.text === CLEAR) {
    const at = nextString(body, first.end);
    const handler = stringAt(body, at);
    if (handler === undefined) return undefined;
    if (first.text === CLEAR) return { action: "clear", handler: handler.text, payload: EMPTY };
    return inAmf0("set", handler.text, body.subarray(at));
  }
  const message = start === 0 ? body : body.subarray(start);
  return inAmf0(first.text === METADATA ? "set" : "relay", first.text, message);
}

function inAmf0(
  action: DataMessage["action"],
  handler: string,
  body: Uint8Array,
): DataMessage | undefined {
  const payload = amf0Only(body);
  return payload && { action, handler, payload };
}

/** A body whose very name is AMF3, in AMF0, which is what players of message type 18 expect. */
function toAmf0(payload: Uint8Array): Uint8Array | undefined {
  try {
    const body = encodeAmf0(...decodeCommandBody(MessageType.DataAmf3, payload));
    return body[0] === AMF0_STRING ? amf0Only(body) : undefined;
  } catch {
    // Not to be read, or with names longer than AMF0 can hold.
    return undefined;
  }
}
