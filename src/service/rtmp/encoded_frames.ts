/**
 * A few messages of a recording as bytes for one client.
 *
 * @module
 */
import { MediaFlag } from "../../core/media/mod.ts";
import { type FrameEncoder, FrameFlag, LEFT_OUT, type MediaFrame } from "../../hub/mod.ts";
import { isHeader, type PlayedMessage } from "../../recordings/played_file.ts";

/** A message as the hub knows them. `zero`: what is taken off its time (ms). */
export function frameOf(message: PlayedMessage, zero: number): MediaFrame {
  const frame = { kind: 0, timestamp: 0, payload: message.payload, flags: 0 };
  frameInto(frame, message, zero);
  return frame;
}

/** The same for those who have many: `frame` becomes that of the message. */
export function frameInto(
  frame: { -readonly [Name in keyof MediaFrame]: MediaFrame[Name] },
  { kind, time, payload, media }: PlayedMessage,
  zero: number,
): void {
  const multitrack = (media & MediaFlag.Multitrack) === 0 ? 0 : FrameFlag.Multitrack;
  frame.kind = kind;
  frame.timestamp = Math.max(0, time - zero) % 2 ** 32;
  frame.payload = payload;
  frame.flags = multitrack | (isHeader(media) ? FrameFlag.Header : 0);
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
    if (encoder.variant !== undefined) encoder.vary!(bytes, at, encoder.variant);
    at += sizes[index]!;
  }
  return bytes;
}
