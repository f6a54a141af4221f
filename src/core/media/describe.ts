/**
 * Names the codecs of a stream and what their configurations say.
 *
 * @module
 */

/** What is known of the video of a stream. */
export interface VideoDescription {
  /** Short name, `unknown` for a codec without one. */
  codec: string;
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
  /** Frames per second. */
  frameRate?: number;
  /** Name of the profile, such as `High`. */
  profile?: string;
  /** Level, such as `4.1`. */
  level?: string;
}

/** What is known of the audio of a stream. */
export interface AudioDescription {
  /** Short name, `unknown` for a codec without one. */
  codec: string;
  /** Hertz. */
  sampleRate?: number;
  /** Number of channels. */
  channels?: number;
  /** Name of the profile, such as `LC`. */
  profile?: string;
}

/** What {@linkcode describeMedia} finds out. A member is missing when there is no such media. */
export interface MediaDescription {
  video?: VideoDescription;
  audio?: AudioDescription;
}

/** The messages that {@linkcode describeMedia} looks at, tag headers included. */
export interface MediaSamples {
  /** The latest video sequence header. */
  readonly videoHeader?: Uint8Array;
  /** The latest audio sequence header. */
  readonly audioHeader?: Uint8Array;
  /** A recent video frame, of use when there is no header. */
  readonly lastVideo?: Uint8Array;
  /** A recent audio frame, of use when there is no header. */
  readonly lastAudio?: Uint8Array;
  /** Members of `onMetaData`. */
  readonly metadata?: ReadonlyMap<string, unknown>;
}

/** Describes a stream by its sequence headers, frames and metadata, in this order. */
export function describeMedia(_samples: MediaSamples): MediaDescription {
  return {};
}
