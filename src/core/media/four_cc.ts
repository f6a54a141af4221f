/**
 * Codec codes of Enhanced RTMP [E-RTMP v2 "Enhanced Video", "Enhanced Audio"]: four characters, here
 * as the 32-bit number they make, which is also how `onMetaData` names codecs.
 *
 * @module
 */

/** Bytes of a FourCC. */
export const FOURCC_LENGTH = 4;

/** The number of four ASCII characters. */
function fourCc(text: string): number {
  let value = 0;
  for (let index = 0; index < FOURCC_LENGTH; index++) value = value * 256 + text.charCodeAt(index);
  return value;
}

/** The codecs that Enhanced RTMP v2 names. Others are carried just as well. */
export const FourCc = {
  Vp8: fourCc("vp08"),
  Vp9: fourCc("vp09"),
  Av1: fourCc("av01"),
  Avc: fourCc("avc1"),
  Hevc: fourCc("hvc1"),
  Vvc: fourCc("vvc1"),
  Ac3: fourCc("ac-3"),
  Eac3: fourCc("ec-3"),
  Opus: fourCc("Opus"),
  Mp3: fourCc(".mp3"),
  Flac: fourCc("fLaC"),
  Aac: fourCc("mp4a"),
} as const;

/** The number at `offset`; bytes behind the end are 0. */
export function readFourCc(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 24 | (bytes[offset + 1] ?? 0) << 16 |
    (bytes[offset + 2] ?? 0) << 8 | (bytes[offset + 3] ?? 0)) >>> 0;
}

/** Writes the number at `offset`, where there is room for it. */
export function writeFourCc(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >> 24;
  bytes[offset + 1] = value >> 16;
  bytes[offset + 2] = value >> 8;
  bytes[offset + 3] = value;
}

/** The four characters, one for each byte. */
export function fourCcText(value: number): string {
  return String.fromCharCode(value >>> 24, value >> 16 & 255, value >> 8 & 255, value & 255);
}
