/**
 * A file that is played, whatever its format: what those who play it need of it.
 *
 * @module
 */
import { MediaFlag } from "../core/media/mod.ts";

/** Why a file cannot be played. */
export type FileProblem =
  /** It is none of its format, or damaged where it says what is in it. */
  | "damaged"
  /** There is neither sound nor picture in it that could be played. */
  | "no-media";

/** A message of a file, as those see it who play the file. */
export interface PlayedMessage {
  /** 8 for audio, 9 for video, 18 for data. */
  readonly kind: number;
  /** Milliseconds from the first message of media in the file. */
  readonly time: number;
  /** FLV tag body. Lent. */
  readonly payload: Uint8Array;
  /** What `audioFlags` or `videoFlags` say of it; 0 of data. */
  readonly media: number;
}

/** A message that whoever begins behind it needs first. */
export type PlayedHeader = Omit<PlayedMessage, "time">;

/**
 * About how many bytes of a file are read and made into messages at once: as few as will do, and few enough to
 * be sent at once by who sends little ahead.
 */
const BLOCK_BYTES = [192 * 1024, 96 * 1024, 48 * 1024];
const LEAST_BLOCK_BYTES = 24 * 1024;
const MOST_BLOCK_MS = 600;

/** The same of a file of this size that lasts so long (ms). */
export function blockBytesOf(size: number, duration: number): number {
  const most = MOST_BLOCK_MS * size / Math.max(1, duration);
  return BLOCK_BYTES.find((bytes) => bytes <= most) ?? LEAST_BLOCK_BYTES;
}

/** Where to begin. */
export interface PlayedPlace extends Stand {
  /** Of what begins there (ms, as those who play see it). */
  readonly time: number;
  /** What has to be sent before. */
  readonly headers: readonly PlayedHeader[];
}

/** Where a block begins, in a way that the file understands. */
export interface Stand {
  /** In which of several files that are played as one; 0 if left out. */
  readonly part?: number;
  readonly offset: number;
  /** Which of several messages that stand there. */
  readonly index?: number;
  /** What the file knows of it already. */
  readonly known?: unknown;
}

/** How far a block goes. */
export interface BlockEnd {
  /** Where the next one begins. */
  readonly next: Stand;
  /** Whether nothing can come to it, where the file grows. */
  readonly isFull: boolean;
}

/** A file that is open, for all who play it. */
export interface PlayedFile {
  /** Milliseconds from its first message to its last, when it was last {@link measure}d. */
  readonly duration: number;
  /** Whether there are pictures in it. */
  readonly hasVideo: boolean;
  /** Body of the `onMetaData` message for those who play it: the same bytes for the same file. */
  readonly metadata: Uint8Array;
  /** The same of a file that lasts so long (ms). */
  metadataOf(duration: number): Uint8Array;
  /** Looks how long it lasts now: one under way grows. */
  measure(): Promise<void>;
  /**
   * Where to begin for `time` (ms): the last key frame at or before it, or without pictures the last sound;
   * the first message for 0.
   */
  place(time: number): Promise<PlayedPlace>;
  /**
   * Reads the block that begins at `stand`, of a message at least. Blocks end at the
   * same places for whoever reads on, wherever he began, so that they can be shared.
   *
   * @param take is handed its messages in order; they are lent until it returns
   * @returns `undefined` when there is nothing there, for now or for good
   */
  read(stand: Stand, take: (message: PlayedMessage) => void): Promise<BlockEnd | undefined>;
  close(): Promise<void>;
}

/** Whether a message is no media, but says how to decode what follows. */
export function isHeader(media: number): boolean {
  return (media & (MediaFlag.SequenceHeader | MediaFlag.Presentation)) !== 0;
}
