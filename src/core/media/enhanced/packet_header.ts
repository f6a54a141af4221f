/**
 * Finds the packet inside an Enhanced RTMP message, behind ModEx prefixes and the multitrack header
 * [E-RTMP v2 "ExVideoTagHeader", "ExAudioTagHeader"]. A place is one number, since this is done for
 * every message.
 *
 * @module
 */

import { VideoFrameType, VideoPacketType } from "../flv_tag.ts";
import { FOURCC_LENGTH } from "../four_cc.ts";

/** The packet type of both audio and video that says: an extension comes first. */
export const MOD_EX = 7;

/** Most extensions before a packet. There is one kind so far, so that one is the usual number. */
export const MAX_MOD_EX = 8;

/** Most tracks looked at in one message: ids are bytes, so that more would be the same ones again. */
export const MAX_TRACKS_PER_MESSAGE = 256;

/** How many tracks a packet holds. The values behind the first are the multitrack types plus 1. */
export const Tracks = { Single: 0, OneTrack: 1, ManyTracks: 2, ManyTracksManyCodecs: 3 } as const;

/** Result of a search that found nothing: the message is cut short, or of a kind not known. */
export const NOT_FOUND = -1;

/** Packet type of a place. */
export function packetTypeAt(place: number): number {
  return place & 15;
}

/** One of {@linkcode Tracks}. */
export function tracksAt(place: number): number {
  return (place >> 4) & 3;
}

/** Offset of a place: of what follows the packet type, or of the FourCC. */
export function offsetAt(place: number): number {
  return place >> 6;
}

/** The place behind the extensions, or {@linkcode NOT_FOUND}. */
export function skipModEx(payload: Uint8Array): number {
  if (payload.length === 0) return NOT_FOUND;
  let packetType = payload[0]! & 15;
  let offset = 1;
  for (let count = 0; packetType === MOD_EX; count++) {
    if (count === MAX_MOD_EX || offset + 3 > payload.length) return NOT_FOUND;
    let size = payload[offset]! + 1;
    offset += 1;
    if (size === 256) {
      size = (payload[offset]! << 8) + payload[offset + 1]! + 1;
      offset += 2;
    }
    offset += size;
    if (offset >= payload.length) return NOT_FOUND;
    packetType = payload[offset]! & 15;
    offset += 1;
  }
  return (offset << 6) | packetType;
}

/**
 * Whether a video message is a command: it has no FourCC but one byte that says start or end of a
 * seek. Metadata comes first: FFmpeg sends it with the frame type of a command, also inside a
 * multitrack header.
 *
 * @param place behind the extensions
 */
export function isEnhancedCommand(payload: Uint8Array, frameType: number, place: number): boolean {
  if (frameType !== VideoFrameType.Command) return false;
  const packetType = packetTypeAt(place);
  if (packetType === VideoPacketType.Metadata) return false;
  if (packetType !== VideoPacketType.Multitrack) return true;
  const at = offsetAt(place);
  return payload.length <= at + FOURCC_LENGTH || (payload[at]! & 15) !== VideoPacketType.Metadata;
}

/**
 * From the place behind the extensions to that of the FourCC, through the multitrack header if there
 * is one. The packet type is then that of the tracks.
 *
 * @param multitrack the packet type that says so, which differs between audio and video
 * @returns {@linkcode NOT_FOUND} when there is no whole FourCC
 */
export function findFourCc(payload: Uint8Array, place: number, multitrack: number): number {
  let offset = offsetAt(place);
  let packetType = packetTypeAt(place);
  let tracks: number = Tracks.Single;
  if (packetType === multitrack) {
    if (offset >= payload.length) return NOT_FOUND;
    tracks = (payload[offset]! >> 4) + 1;
    packetType = payload[offset]! & 15;
    offset += 1;
    // Multitrack or extensions inside multitrack are not allowed.
    if (tracks > Tracks.ManyTracksManyCodecs || packetType === multitrack) return NOT_FOUND;
  }
  if (packetType === MOD_EX || offset + FOURCC_LENGTH > payload.length) return NOT_FOUND;
  return (offset << 6) | (tracks << 4) | packetType;
}
