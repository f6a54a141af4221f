/**
 * What every format of recordings is to the recorder.
 *
 * @module
 */

/** A media message of a recording. */
export interface RecordedMessage {
  /** 8 for audio, 9 for video, 18 for data. */
  readonly kind: number;
  /** In the recording (ms), not negative. */
  readonly time: number;
  /** FLV tag body. Valid during the call. */
  readonly payload: Uint8Array;
  /** Decoding can start here. */
  readonly key: boolean;
  /** A decoder configuration, or metadata. */
  readonly header: boolean;
}

/** Where a file is written. */
export interface RecordingSink {
  /** Where the next byte goes. */
  readonly position: number;
  /** How many bytes can be appended now: who appends much looks first. */
  readonly room: number;
  /** Appends a copy. */
  put(bytes: Uint8Array): void;
  /** Leaves room to be filled later: what follows is written once it is released. @returns where it begins */
  reserve(size: number): number;
  /** Fills a part of what was reserved. */
  fill(position: number, bytes: Uint8Array): void;
  /** What is before `position` is written as it is. */
  release(position: number): void;
  /** Writes over what is there, once all that was appended is written. */
  overwrite(bytes: Uint8Array, position: number): void;
}

/** A file under way. */
export interface RecordingFile {
  /** The last time so far (ms). */
  readonly duration: number;
  /**
   * Takes a message.
   *
   * @returns `taken`; `full` when the disk is behind: it is left out; `other-file` when this format cannot
   * hold it in one file with what came before
   */
  write(message: RecordedMessage): "taken" | "full" | "other-file";
  /** Writes what is known at the end only. Nothing is written behind it. */
  finish(): void;
  /** Lets go of what it holds in memory; nothing is called behind it. */
  close?(): void;
}
