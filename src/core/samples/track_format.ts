/**
 * What a container has to know of a track, from the publisher's decoder configuration.
 *
 * @module
 */

/** Codecs of pictures that the containers here can hold. */
export type SampleVideoCodec = "avc" | "hevc" | "av1" | "vp8" | "vp9";

/** Codecs of sound that the containers here can hold. */
export type SampleAudioCodec = "aac" | "mp3" | "opus" | "flac" | "ac3" | "eac3";

/** Ticks of a second of video: a millisecond is 90 of them, and MPEG-TS counts the same. */
export const VIDEO_TIMESCALE = 90_000;

/** Colours of a picture by the numbers of [H.273]. */
export interface Colours {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

/** A track of pictures. */
export interface VideoTrackFormat {
  readonly kind: "video";
  readonly codec: SampleVideoCodec;
  /** The codec with its profile and level, such as `avc1.64001f` [RFC 6381]. */
  readonly codecString: string;
  /** The decoder configuration record; of VP8 and VP9 as it is in a file, made up if none was sent. */
  readonly config: Uint8Array;
  /** Ticks of a second: {@linkcode VIDEO_TIMESCALE}. */
  readonly timescale: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames per second, when the configuration says. */
  readonly frameRate?: number;
  /** Bytes of the sizes in front of NAL units: 1, 2 or 4; 0 of codecs without such units. */
  readonly nalLength: number;
  /** Width and height of a pixel, when they are told and differ. */
  readonly pixelAspect?: readonly [number, number];
  /** When they are told. */
  readonly colours?: Colours;
}

/** A track of sound. */
export interface AudioTrackFormat {
  readonly kind: "audio";
  readonly codec: SampleAudioCodec;
  /** The codec with its profile, such as `mp4a.40.2` [RFC 6381]. */
  readonly codecString: string;
  /**
   * The decoder configuration: of AAC the AudioSpecificConfig, of Opus the identification header, of
   * FLAC the STREAMINFO block without its header, of AC-3 and E-AC-3 what a file says in its `dac3` or
   * `dec3` box, of MP3 nothing.
   */
  readonly config: Uint8Array;
  /** Ticks of a second: the sample rate. */
  readonly timescale: number;
  /** Hertz of what comes out. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Bits of a sample, of codecs that lose none. */
  readonly bitDepth?: number;
  /** Ticks of a frame where all are alike; else each frame tells, see `audioFrameTicks`. */
  readonly frameTicks?: number;
}

/** What a container has to know of a track. */
export type TrackFormat = VideoTrackFormat | AudioTrackFormat;

/** A format, or in words why there is none. */
export type FormatResult =
  | { readonly format: TrackFormat; readonly problem?: undefined }
  | { readonly format?: undefined; readonly problem: string };

/**
 * Codecs whose configuration has more in it than how to decode: a bit rate, or of FLAC how many samples
 * there are and what their hash is, which FFmpeg sends at the end.
 */
const LOOSE: ReadonlySet<string> = new Set(["ac3", "eac3", "flac"]);

/** Whether two formats can go on in one file: they decode alike. */
export function sameFormat(one: TrackFormat, other: TrackFormat): boolean {
  return one.codec === other.codec && one.timescale === other.timescale &&
    sameShape(one, other) && (LOOSE.has(one.codec) || sameBytes(one.config, other.config));
}

function sameShape(one: TrackFormat, other: TrackFormat): boolean {
  return one.kind === "video"
    ? other.kind === "video" && one.width === other.width && one.height === other.height
    : other.kind === "audio" && one.channels === other.channels && one.bitDepth === other.bitDepth;
}

/** Whether two arrays hold the same bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
