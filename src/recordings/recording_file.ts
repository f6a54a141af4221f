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
  /** How many bytes can be appended now. */
  readonly room: number;
  /** Room for `size` bytes, to be filled before the next call; `undefined` when the disk is behind. */
  append(size: number): Uint8Array | undefined;
  /** Hands on what was appended. */
  flush(): void;
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
