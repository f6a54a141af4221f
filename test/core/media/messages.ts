/**
 * RTMP messages around vectors.
 *
 * @module
 */

/** An Enhanced RTMP message of one track. @param first its first byte */
export function enhanced(first: number, fourCc: string, body: Uint8Array): Uint8Array {
  return Uint8Array.of(first, ...[...fourCc].map((letter) => letter.charCodeAt(0)), ...body);
}

/** A SequenceStart of video. */
export const videoStart = (fourCc: string, body: Uint8Array) => enhanced(0x90, fourCc, body);

/** Key frames of video without a composition time. */
export const videoFrame = (fourCc: string, body: Uint8Array) => enhanced(0x93, fourCc, body);

/** A SequenceStart of audio. */
export const audioStart = (fourCc: string, body: Uint8Array) => enhanced(0x90, fourCc, body);

/** Frames of audio. */
export const audioFrames = (fourCc: string, body: Uint8Array) => enhanced(0x91, fourCc, body);

/** A message under a codec id that has the tag of AVC. @param first its first byte */
export function avcTag(first: number, body: Uint8Array): Uint8Array {
  return Uint8Array.of(first, 0, 0, 0, 0, ...body);
}
