/**
 * Bodies of user control messages, type 4 [RTMP 1.0 §6.2, §7.1.7].
 *
 * @module
 */

import { readU32, writeU32 } from "../chunk/format.ts";

/** Event ids of user control messages [RTMP 1.0 §7.1.7]. */
export const UserControlEvent = {
  /** A message stream can be used. */
  StreamBegin: 0,
  /** Playback of a message stream has ended. */
  StreamEof: 1,
  /** No data for a while. */
  StreamDry: 2,
  /** A player tells how much it buffers. */
  SetBufferLength: 3,
  /** What is played is a recording. */
  StreamIsRecorded: 4,
  /** Asks for a ping response with the same time. */
  PingRequest: 6,
  /** Answers a ping. FFmpeg answers with the time plus 1: do not compare strictly. */
  PingResponse: 7,
  /** Asks for proof of the SWF file that connects; not in the specification. */
  SwfVerifyRequest: 26,
  /** That proof, 42 bytes; not in the specification. */
  SwfVerifyResponse: 27,
  /** Flash Media Server: its send buffer ran empty; not in the specification. */
  BufferEmpty: 31,
  /** Flash Media Server: its send buffer is filled; not in the specification. */
  BufferReady: 32,
} as const;

/** An event whose data is a message stream id. */
export type StreamEvent = 0 | 1 | 2 | 4 | 31 | 32;

/** A decoded user control message, told apart by `event`. */
export type UserControl =
  | { readonly event: StreamEvent; readonly streamId: number }
  | { readonly event: 3; readonly streamId: number; readonly bufferMs: number }
  /** `time` is the sender's clock, milliseconds modulo 2^32. */
  | { readonly event: 6 | 7; readonly time: number }
  | { readonly event: 26 }
  | { readonly event: 27; readonly proof: Uint8Array };

/** Bytes of a SWF verification response after the event id. */
const SWF_PROOF_LENGTH = 42;

/**
 * Decodes a user control message. Unknown events and bodies too short for their event are
 * `undefined`: peers send such, and they must not end a session.
 */
export function decodeUserControl(payload: Uint8Array): UserControl | undefined {
  if (payload.length < 2) return undefined;
  const event = (payload[0] << 8) | payload[1];
  const dataLength = payload.length - 2;
  switch (event) {
    case 0:
    case 1:
    case 2:
    case 4:
    case 31:
    case 32:
      return dataLength < 4 ? undefined : { event, streamId: readU32(payload, 2) };
    case 3:
      if (dataLength < 8) return undefined;
      return { event, streamId: readU32(payload, 2), bufferMs: readU32(payload, 6) };
    case 6:
    case 7:
      return dataLength < 4 ? undefined : { event, time: readU32(payload, 2) };
    case 26:
      return { event };
    case 27:
      if (dataLength < SWF_PROOF_LENGTH) return undefined;
      return { event, proof: new Uint8Array(payload.subarray(2, 2 + SWF_PROOF_LENGTH)) };
    default:
      return undefined;
  }
}

/** Encodes the body of a user control message. */
export function encodeUserControl(message: UserControl): Uint8Array {
  switch (message.event) {
    case 3:
      return body(3, message.streamId, message.bufferMs);
    case 6:
    case 7:
      return body(message.event, message.time);
    case 26:
      return body(26);
    case 27: {
      const bytes = new Uint8Array(2 + message.proof.length);
      bytes[1] = 27;
      bytes.set(message.proof, 2);
      return bytes;
    }
    default:
      return body(message.event, message.streamId);
  }
}

function body(event: number, ...numbers: number[]): Uint8Array {
  const bytes = new Uint8Array(2 + 4 * numbers.length);
  bytes[1] = event;
  let at = 2;
  for (const number of numbers) at = writeU32(bytes, at, number);
  return bytes;
}
