/**
 * A message of an FLV file, as those see it who play the file.
 *
 * @module
 */
import { MediaFlag } from "../core/media/mod.ts";

/** A message of a file. */
export interface FlvMessage {
  /** 8 for audio, 9 for video, 18 for data. */
  readonly kind: number;
  /** Milliseconds from the first message of media in the file. */
  readonly time: number;
  /** Lent, as that of a tag. */
  readonly payload: Uint8Array;
  /** What `audioFlags` or `videoFlags` say of it; 0 of data. */
  readonly media: number;
  /** Where it stands. */
  readonly offset: number;
}

/** Whether a message is no media, but says how to decode what follows. */
export function isHeader(media: number): boolean {
  return (media & (MediaFlag.SequenceHeader | MediaFlag.Presentation)) !== 0;
}
