/**
 * What is known of the media of a stream.
 *
 * @module
 */
import { UNKNOWN_CODEC } from "../codecs/codec_names.ts";
import type { HdrTransfer } from "../fields/colour.ts";

/** What is known of the video of a stream. A member is missing when it is not known. */
export interface VideoDescription {
  /**
   * Short name: `avc`, `hevc`, `vvc`, `av1`, `vp8`, `vp9`, `vp6`, `h263`, `screen`, or `unknown` for
   * a codec without one.
   */
  readonly codec: string;
  /** The codec with its profile and level, such as `avc1.64001f` [RFC 6381]. */
  readonly codecString?: string;
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** Frames per second. */
  readonly frameRate?: number;
  /** Name of the profile, such as `High`. */
  readonly profile?: string;
  /** Level, such as `4.1`. */
  readonly level?: string;
  /** Bits of a sample. */
  readonly bitDepth?: number;
  /** The transfer function of high dynamic range: `pq` (of HDR10, Dolby Vision) or `hlg`. */
  readonly hdr?: HdrTransfer;
}

/** What is known of the audio of a stream. A member is missing when it is not known. */
export interface AudioDescription {
  /**
   * Short name: `aac`, `mp3`, `opus`, `flac`, `ac3`, `eac3`, `speex`, `pcm`, `g711a`, `g711u`,
   * `adpcm`, `nellymoser`, or `unknown` for a codec without one.
   */
  readonly codec: string;
  /** The codec with its profile, such as `mp4a.40.2` [RFC 6381]. */
  readonly codecString?: string;
  /** Hertz. */
  readonly sampleRate?: number;
  /** 1 for mono, 2 for stereo, and so on. */
  readonly channels?: number;
  /** Name of the profile, such as `LC`. */
  readonly profile?: string;
  /** Bits of a sample, of codecs that lose none. */
  readonly bitDepth?: number;
}

/** The media of a stream. A member is missing when nothing speaks of such media. */
export interface MediaDescription {
  /** Of the pictures. */
  readonly video?: VideoDescription;
  /** Of the sound. */
  readonly audio?: AudioDescription;
}

const VIDEO_MEMBERS = [
  ...["codec", "codecString", "width", "height", "frameRate", "profile", "level"] as const,
  ...["bitDepth", "hdr"] as const,
];
const AUDIO_MEMBERS = [
  ...["codec", "codecString", "sampleRate", "channels", "profile", "bitDepth"] as const,
];

/** What one source says of it. */
type Source<T> = Partial<T> | undefined;

/**
 * Joins what several sources say of the video: each member is from the first source that knows it,
 * and none is `undefined`. The result is `undefined` when no source knows anything.
 */
export function joinVideo(...sources: Source<VideoDescription>[]): VideoDescription | undefined {
  return join(VIDEO_MEMBERS, sources);
}

/** Joins what several sources say of the audio, as {@linkcode joinVideo} does. */
export function joinAudio(...sources: Source<AudioDescription>[]): AudioDescription | undefined {
  return join(AUDIO_MEMBERS, sources);
}

function join<T extends { codec: string }>(
  members: readonly (keyof T)[],
  sources: readonly Source<T>[],
): T | undefined {
  const known: Partial<T> = {};
  for (const member of members) {
    const source = sources.find((one) => one?.[member] !== undefined);
    if (source !== undefined) known[member] = source[member];
  }
  if (Object.keys(known).length === 0) return undefined;
  return { codec: UNKNOWN_CODEC, ...known } as T;
}
