/**
 * One track of an Enhanced RTMP message as a message of its own.
 *
 * @module
 */
import { Tracks } from "./packet_header.ts";
import type { EnhancedReader } from "./reader.ts";
import { FOURCC_LENGTH, writeFourCc } from "../four_cc.ts";

/**
 * The reader's current track as a message that holds it alone under its id: the form OneTrack, with
 * the frame type and extensions of the message it is in. Of a message that is such already it is a
 * view.
 *
 * @param payload the message that the reader is open on
 */
export function oneTrackMessage(payload: Uint8Array, reader: EnhancedReader): Uint8Array {
  const { tracks } = reader;
  if (tracks === Tracks.OneTrack || tracks === Tracks.Single) return payload;
  return build(payload, reader, true);
}

/**
 * The reader's current track as a message without multitrack header, for players that know none: to
 * them it is the one track there is. Of a message that is such already it is a view.
 *
 * @param payload the message that the reader is open on
 */
export function singleTrackMessage(payload: Uint8Array, reader: EnhancedReader): Uint8Array {
  return reader.tracks === Tracks.Single ? payload : build(payload, reader, false);
}

/**
 * The reader's current track as a message with neither multitrack header nor extensions, which say what
 * players do without: fractions of a millisecond. Of a message that is such already it is a view.
 *
 * @param payload the message that the reader is open on
 */
export function simpleMessage(payload: Uint8Array, reader: EnhancedReader): Uint8Array {
  const { tracks, prefixLength, packetType, fourCc, start, end } = reader;
  if (tracks === Tracks.Single && prefixLength === 1) return payload;
  const bytes = new Uint8Array(1 + FOURCC_LENGTH + end - start);
  bytes[0] = (payload[0]! & 0xf0) | packetType;
  writeFourCc(bytes, 1, fourCc);
  bytes.set(payload.subarray(start, end), 1 + FOURCC_LENGTH);
  return bytes;
}

function build(payload: Uint8Array, reader: EnhancedReader, multitrack: boolean): Uint8Array {
  const { prefixLength, packetType, fourCc, trackId, start, end } = reader;
  const own = multitrack ? 2 : 0;
  const bytes = new Uint8Array(prefixLength + FOURCC_LENGTH + own + end - start);
  bytes.set(payload.subarray(0, prefixLength));
  let at = prefixLength;
  if (multitrack) {
    bytes[at++] = (Tracks.OneTrack - 1) << 4 | packetType;
  } else {
    // The packet type is in the byte before, be it the first one or that behind an extension.
    bytes[at - 1] = (bytes[at - 1]! & 0xf0) | packetType;
  }
  writeFourCc(bytes, at, fourCc);
  at += FOURCC_LENGTH;
  if (multitrack) bytes[at++] = trackId;
  bytes.set(payload.subarray(start, end), at);
  return bytes;
}
