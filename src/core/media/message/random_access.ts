/**
 * Whether a decoder can start at a picture, by the picture itself: for encoders whose flags say that
 * none is a key frame. A few bytes are looked at, and nothing is allocated.
 *
 * @module
 */
import { openVideo } from "./packet.ts";
import { FourCc } from "../four_cc.ts";

/** Most NAL units or OBUs looked at: delimiters, parameter sets and messages come before a picture. */
const MAX_UNITS = 32;

/** Most messages looked at in one SEI unit. */
const MAX_SEI_MESSAGES = 16;

/** payloadType of a recovery point [H.264 §D.1.8, H.265 §D.2.8]. */
const SEI_RECOVERY_POINT = 6;

/** Length of NAL unit sizes where no configuration says it. */
export const DEFAULT_NAL_LENGTH = 4;

/**
 * Bytes of the sizes in front of NAL units, 1 to 4, as a sequence header of AVC, HEVC or VVC says; else
 * {@linkcode DEFAULT_NAL_LENGTH}.
 *
 * @param header a message with one track
 */
export function nalLengthOf(header: Uint8Array): number {
  const packet = openVideo(header);
  if (packet?.kind !== "config") return DEFAULT_NAL_LENGTH;
  const { codec, body } = packet;
  if (codec === "avc" && body.length > 4) return (body[4]! & 3) + 1;
  if (codec === "hevc" && body.length > 21) return (body[21]! & 3) + 1;
  // The record may be behind the header of a full box, zeros.
  const vvc = body[0] === 0 ? body[4] : body[0];
  return codec === "vvc" && vvc !== undefined ? (vvc >> 1 & 3) + 1 : DEFAULT_NAL_LENGTH;
}

/**
 * Whether decoding can start at a picture: of AVC an IDR, of HEVC and VVC any IRAP picture, of all three
 * one with a recovery point; of AV1, VP8 and VP9 a key frame. `false` of other codecs, and of what
 * cannot be read.
 *
 * @param codec its FourCC as a number, one of `FourCc`
 * @param start where the coded picture begins in `bytes`, behind the composition time
 * @param end where it ends
 * @param nalLength of {@linkcode nalLengthOf}
 */
export function isRandomAccess(
  codec: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  nalLength: number,
): boolean {
  switch (codec) {
    case FourCc.Avc:
    case FourCc.Hevc:
    case FourCc.Vvc:
      return nalUnits(codec, bytes, start, end, nalLength);
    case FourCc.Av1:
      return av1Units(bytes, start, end);
    case FourCc.Vp8:
      return end - start >= 10 && (bytes[start]! & 1) === 0 && bytes[start + 3] === 0x9d &&
        bytes[start + 4] === 0x01 && bytes[start + 5] === 0x2a;
    case FourCc.Vp9:
      return vp9Frame(bytes, start, end);
    default:
      return false;
  }
}

/** What a NAL unit says of the picture it is part of. */
const Unit = { Other: 0, Key: 1, Inter: 2, Sei: 3 } as const;

function nalUnits(
  codec: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  nalLength: number,
): boolean {
  let at = start;
  for (let unit = 0; unit < MAX_UNITS && at + nalLength < end; unit++) {
    let size = 0;
    for (let byte = 0; byte < nalLength; byte++) size = size * 256 + bytes[at++]!;
    if (size === 0) continue;
    if (at + size > end) return false;
    const header = codec === FourCc.Avc ? 1 : 2;
    const kind = size < header ? Unit.Other : unitKind(codec, bytes, at);
    if (kind === Unit.Key) return true;
    if (kind === Unit.Inter) return false;
    if (kind === Unit.Sei && recoversIn(bytes, at + header, at + size)) return true;
    at += size;
  }
  return false;
}

/** [H.264 table 7-1, H.265 table 7-1, H.266 table 5] */
function unitKind(codec: number, bytes: Uint8Array, at: number): number {
  if (codec === FourCc.Avc) {
    const type = bytes[at]! & 31;
    if (type === 5) return Unit.Key;
    return type >= 1 && type <= 4 ? Unit.Inter : type === 6 ? Unit.Sei : Unit.Other;
  }
  if (codec === FourCc.Hevc) {
    const type = bytes[at]! >> 1 & 63;
    if (type >= 16 && type <= 21) return Unit.Key;
    return type < 32 ? Unit.Inter : type === 39 ? Unit.Sei : Unit.Other;
  }
  const type = bytes[at + 1]! >> 3;
  // IDR, CRA, and GDR, which says itself that it recovers.
  if (type >= 7 && type <= 10) return Unit.Key;
  return type < 12 ? Unit.Inter : type === 23 ? Unit.Sei : Unit.Other;
}

/** Whether there is a recovery point among the messages of an SEI unit. */
function recoversIn(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let message = 0; message < MAX_SEI_MESSAGES && at + 1 < end; message++) {
    let type = 0;
    let size = 0;
    for (; at < end && bytes[at] === 255; at++) type += 255;
    type += bytes[at++] ?? 0;
    for (; at < end && bytes[at] === 255; at++) size += 255;
    size += bytes[at++] ?? 0;
    if (at + size > end) return false;
    if (type === SEI_RECOVERY_POINT && size > 0) return true;
    at += size;
  }
  return false;
}

/** [AV1 §5.3, §5.9.2] */
function av1Units(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let unit = 0; unit < MAX_UNITS && at < end; unit++) {
    const header = bytes[at++]!;
    const type = header >> 3 & 15;
    if ((header & 4) !== 0) at++; // obu_extension_flag
    let size = end - at;
    if ((header & 2) !== 0) { // obu_has_size_field
      size = 0;
      for (let shift = 0, more = true; more; shift += 7) {
        if (at >= end || shift > 21) return false;
        size += (bytes[at]! & 127) << shift;
        more = bytes[at++]! >= 128;
      }
    }
    if (at + size > end) return false;
    // A frame, or the header of one: not one shown again, and its frame_type is KEY_FRAME.
    if (type === 3 || type === 6) return size > 0 && bytes[at]! >> 5 === 0;
    at += size;
  }
  return false;
}

/** [VP9 §6.2] */
function vp9Frame(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 5) return false;
  const first = bytes[start]!;
  if (first >> 6 !== 2) return false; // frame_marker
  const isProfile3 = (first & 0x30) === 0x30;
  // show_existing_frame and frame_type, in profile 3 behind a reserved bit.
  if ((first & (isProfile3 ? 0x06 : 0x0c)) !== 0) return false;
  // frame_sync_code, behind show_frame and error_resilient_mode.
  const bits = bytes[start + 1]! << 24 | bytes[start + 2]! << 16 | bytes[start + 3]! << 8 |
    bytes[start + 4]!;
  return (isProfile3 ? bits << 1 : bits) >> 8 === 0x498342;
}
