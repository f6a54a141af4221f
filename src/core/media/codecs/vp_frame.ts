/**
 * Picture sizes in key frames of VP8 and VP9.
 *
 * @module
 */
import { BitReader } from "../fields/bits.ts";
import { type PictureSize, pictureSize } from "../fields/picture_size.ts";

/** color_space of RGB. */
const CS_RGB = 7;

/** Size of a VP8 key frame [RFC 6386 §9.1]; `undefined` of any other frame. */
export function vp8FrameSize(frame: Uint8Array): PictureSize | undefined {
  if (frame.length < 10 || (frame[0]! & 1) !== 0) return undefined;
  if (frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return undefined;
  return pictureSize(
    ((frame[7]! & 0x3f) << 8) + frame[6]!,
    ((frame[9]! & 0x3f) << 8) + frame[8]!,
  );
}

/** Size of a VP9 key frame [VP9 §6.2]; `undefined` of any other frame. */
export function vp9FrameSize(frame: Uint8Array): PictureSize | undefined {
  const reader = new BitReader(frame);
  if (reader.bits(2) !== 2) return undefined; // frame_marker
  const profile = reader.bit() + 2 * reader.bit();
  if (profile === 3) reader.skip(1);
  if (reader.flag() || reader.flag()) return undefined; // show_existing_frame, no key frame
  reader.skip(2); // show_frame, error_resilient_mode
  if (reader.bits(24) !== 0x498342) return undefined; // frame_sync_code
  if (profile >= 2) reader.skip(1); // ten_or_twelve_bit
  const subsampled = profile === 1 || profile === 3;
  if (reader.bits(3) !== CS_RGB) reader.skip(subsampled ? 1 + 3 : 1);
  else if (subsampled) reader.skip(1);
  const [width, height] = [reader.bits(16) + 1, reader.bits(16) + 1];
  return reader.failed ? undefined : pictureSize(width, height);
}
