/**
 * Bodies of command and data messages, types 20, 17, 18 and 15.
 *
 * @module
 */

import { decodeAmf0 } from "./amf0_decode.ts";
import { decodeAmf3 } from "./amf3_decode.ts";
import { type AmfLimits, COMMAND_AMF_LIMITS, DATA_AMF_LIMITS } from "./limits.ts";
import { Amf0Marker, Amf3Marker } from "./markers.ts";

import type { AmfValue } from "./value.ts";

/** Message type ids; `core/amf` stands below `core/rtmp` and cannot borrow its names. */
const DATA_AMF3 = 15;
const COMMAND_AMF3 = 17;
const DATA_AMF0 = 18;

/**
 * Decodes all values of a command or data message.
 *
 * The AMF3 types, 15 and 17, have a format byte 0, then AMF0 in which single values switch to AMF3.
 * A missing format byte is put up with, and so is a body that is AMF3 all through, which shows as
 * it begins with an AMF3 string: in AMF0 that marker is "undefined", which begins no message.
 *
 * @param type message type id; every other than 15, 17 and 18 is read as 20
 * @param limits those of commands or of data, by type, where left out
 * @throws {ProtocolError} `amf` when it is malformed or cut off, `limit` when it is too much
 */
export function decodeCommandBody(
  type: number,
  bytes: Uint8Array,
  limits: Partial<AmfLimits> = {},
): AmfValue[] {
  const isData = type === DATA_AMF0 || type === DATA_AMF3;
  const all = { ...(isData ? DATA_AMF_LIMITS : COMMAND_AMF_LIMITS), ...limits };
  if (type !== COMMAND_AMF3 && type !== DATA_AMF3) return decodeAmf0(bytes, all);
  // 0 is the marker of an AMF0 number too: then what follows is a double, mostly no marker.
  const hasFormat = bytes[0] === 0 && (bytes[1] ?? 0) <= Amf0Marker.AvmPlus;
  const body = hasFormat ? bytes.subarray(1) : bytes;
  return body[0] === Amf3Marker.String ? decodeAmf3(body, all) : decodeAmf0(body, all);
}
