/**
 * FLV tag bodies for scripted publishers: right at the front, filler behind [FLV §E.4.2, §E.4.3].
 *
 * @module
 */

/** AVCDecoderConfigurationRecord of 320x240 Baseline, as x264 writes it. */
const AVC_CONFIG = [
  ...[1, 0x42, 0xc0, 0x0d, 0xff, 0xe1, 0, 0x18],
  ...[0x67, 0x42, 0xc0, 0x0d, 0xd9, 0x01, 0x41, 0xfb, 0x01, 0x10, 0, 0, 0x03, 0, 0x10, 0, 0, 0x03],
  ...[0x03, 0x20, 0xf1, 0x42, 0xa4, 0x80, 1, 0, 4, 0x68, 0xcb, 0x8c, 0xb2],
];

/** AVC sequence header. */
export const VIDEO_HEADER: Uint8Array = Uint8Array.of(0x17, 0, 0, 0, 0, ...AVC_CONFIG);

/** AAC sequence header: AAC-LC, 44.1 kHz, stereo. */
export const AUDIO_HEADER: Uint8Array = Uint8Array.of(0xaf, 0, 0x12, 0x10);

function filled(length: number, ...head: number[]): Uint8Array {
  const bytes = new Uint8Array(Math.max(length, head.length)).fill(0x55);
  bytes.set(head);
  return bytes;
}

/** A key frame of this many bytes; `mark` can be found again in its last byte. */
export function keyFrame(length = 100, mark = 0): Uint8Array {
  const bytes = filled(length, 0x17, 1, 0, 0, 0);
  bytes[bytes.length - 1] = mark;
  return bytes;
}

/** A frame that needs the ones before it. */
export function interFrame(length = 50, mark = 0): Uint8Array {
  const bytes = filled(length, 0x27, 1, 0, 0, 0);
  bytes[bytes.length - 1] = mark;
  return bytes;
}

/** An AAC frame. */
export function audioFrame(length = 20): Uint8Array {
  return filled(length, 0xaf, 1);
}
