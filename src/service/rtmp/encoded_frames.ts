/**
 * A few messages of a recording as bytes for one client.
 *
 * @module
 */
import { MediaFlag } from "../../core/media/mod.ts";
import { type FrameEncoder, FrameFlag, LEFT_OUT, type MediaFrame } from "../../hub/mod.ts";
import { isHeader, type PlayedMessage } from "../../recordings/played_file.ts";

/** A message as the hub knows them. `zero`: what is taken off its time (ms). */
export function frameOf({ kind, time, payload, media }: PlayedMessage, zero: number): MediaFrame {
  const multitrack = (media & MediaFlag.Multitrack) === 0 ? 0 : FrameFlag.Multitrack;
  const flags = multitrack | (isHeader(media) ? FrameFlag.Header : 0);
  return { kind, timestamp: Math.max(0, time - zero) % 2 ** 32, payload, flags };
}

/** Those that the encoder carries, in one array; `undefined` when it carries none. */
export function encodedFrames(
  encoder: FrameEncoder,
  messages: readonly PlayedMessage[],
  zero: number,
): Uint8Array | undefined {
  const frames = messages.map((message) => frameOf(message, zero)).filter((frame) =>
    encoder.accepts(frame.kind) && encoder.flags(frame) !== LEFT_OUT
  );
  if (frames.length === 0) return undefined;
  const sizes = frames.map((frame) => {
    encoder.flags(frame);
    return encoder.size(frame);
  });
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [index, frame] of frames.entries()) {
    // Again, because it tells the encoder which frame it is.
    encoder.flags(frame);
    encoder.encode(frame, bytes, at);
    if (encoder.variant !== undefined) encoder.vary?.(bytes, at, encoder.variant);
    at += sizes[index]!;
  }
  return bytes;
}
