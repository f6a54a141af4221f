/**
 * RTMP messages on flows [RFC 7425 §5]: a type and a time ahead of each, and what a flow says of itself.
 *
 * @module
 */
import { joined } from "../bytes/join.ts";
import { PacketReader } from "./reader.ts";
import { vluLength, writeVlu } from "./vlu.ts";

/** Bytes ahead of the payload of a message. */
export const TC_HEADER_LENGTH = 5;

/** Flags in the metadata of a flow. */
const HAS_STREAM = 0x04;

/** The message stream that a flow belongs to; `undefined` when it is none of RTMP messages. */
export function messageStreamOf(metadata: Uint8Array): number | undefined {
  if (metadata[0] !== 0x54 || metadata[1] !== 0x43) return undefined;
  if (((metadata[2] ?? 0) & HAS_STREAM) === 0) return undefined;
  const reader = new PacketReader().set(metadata, 3);
  const id = reader.vlu();
  return reader.failed || id > 0xffffffff ? undefined : id;
}

/** The metadata of a flow of a message stream, in the order in which it was sent. */
export function metadataOf(messageStreamId: number): Uint8Array {
  const id = new Uint8Array(vluLength(messageStreamId));
  writeVlu(id, 0, messageStreamId);
  return joined([Uint8Array.of(0x54, 0x43, HAS_STREAM), id]);
}

/** A message of its own bytes; `timestamp` in ms, modulo 2^32. */
export function tcMessage(type: number, timestamp: number, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(TC_HEADER_LENGTH + payload.length);
  message[0] = type;
  message[1] = timestamp >> 24;
  message[2] = timestamp >> 16;
  message[3] = timestamp >> 8;
  message[4] = timestamp;
  message.set(payload, TC_HEADER_LENGTH);
  return message;
}
