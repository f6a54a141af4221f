/**
 * What a publisher says about one track of its media, and how much of it there is.
 *
 * @module
 */
import {
  DEFAULT_NAL_LENGTH,
  describedByFrames,
  nalLengthOf,
  NO_CODEC,
} from "../../core/media/mod.ts";
import { FrameKind, type MediaFrame } from "../frame.ts";
import { RateMeter } from "../rate_meter.ts";

/** Bytes of a message that tell its codec, and for most codecs the picture size or sample rate. */
export const SAMPLE_BYTES = 64;

/**
 * How long a track may be without a key frame until its pictures are looked at (ms): flags are believed
 * as long as there are such that say so.
 */
export const LOOK_AFTER_MS = 5000;

/** One track of video or audio. Payloads are messages that hold this track alone. */
export class MediaTrack {
  /** `FrameKind.Video` or `FrameKind.Audio`. */
  readonly kind: number;
  /** Track id, 0 to 255; 0 of media that has none. */
  readonly id: number;
  /** The latest sequence header. */
  header: MediaFrame | undefined;
  /** The latest HDR metadata of video, or channel configuration of audio. */
  presentation: MediaFrame | undefined;
  /** The codec that names. FFmpeg names that of another track: it says nothing of this one. */
  presentationCodec: number = NO_CODEC;
  /** Its sequence has ended: it is forgotten with the last GOP that it is part of. */
  ended = false;
  /** Messages with this track that had a multitrack header, and its bytes in them. */
  frames = 0;
  bytes = 0;
  /** Its codec, as `videoCodecKey` and `audioCodecKey` have it. */
  codec: number = NO_CODEC;
  /** Of video: bytes of the sizes in front of NAL units. */
  nalLength: number = DEFAULT_NAL_LENGTH;
  /** When its newest key frame came (ms). */
  keyAt: number | undefined;
  /** A key frame was found that was flagged as an inter frame. */
  flagsLie = false;
  readonly frameRate: RateMeter;
  readonly byteRate: RateMeter;

  #sample: Uint8Array | undefined;
  #sampleIsFinal = false;

  constructor(kind: number, id: number, now: number) {
    this.kind = kind;
    this.id = id;
    this.frameRate = new RateMeter(now);
    this.byteRate = new RateMeter(now);
  }

  /** The start of a message, for codecs whose header says less than their frames, or that have none. */
  get sample(): Uint8Array | undefined {
    return this.#sample;
  }

  /** Payload bytes that are kept for this track. */
  get keptBytes(): number {
    return (this.header?.payload.length ?? 0) + (this.presentation?.payload.length ?? 0);
  }

  /**
   * Media of this codec came. What was said of another one is forgotten.
   *
   * @returns whether there was another one
   */
  setCodec(codec: number): boolean {
    const before = this.codec;
    if (codec === NO_CODEC || codec === before) return false;
    this.codec = codec;
    if (before === NO_CODEC) return false;
    this.header = undefined;
    // It may have come ahead of the header of this codec.
    if (this.presentationCodec !== codec) this.presentation = undefined;
    this.keyAt = undefined;
    this.flagsLie = false;
    this.#sample = undefined;
    this.#sampleIsFinal = false;
    this.nalLength = DEFAULT_NAL_LENGTH;
    return true;
  }

  /** Whether a picture that is flagged as an inter frame is looked at. */
  doubtsFlags(now: number): boolean {
    return this.flagsLie || this.keyAt === undefined || now - this.keyAt >= LOOK_AFTER_MS;
  }

  /** Takes a sequence header. */
  setHeader(frame: MediaFrame): void {
    this.header = frame;
    if (this.kind === FrameKind.Video) this.nalLength = nalLengthOf(frame.payload);
    this.ended = false;
    this.#sampleIsFinal = !describedByFrames(this.kind === FrameKind.Video, frame.payload);
    this.#sample = undefined;
  }

  /** Whether the start of a message is wanted: best that of a key frame; once it is known, no more. */
  wantsSample(isKey: boolean): boolean {
    return !this.#sampleIsFinal && (isKey || this.#sample === undefined);
  }

  /** Remembers how a message that holds this track alone begins. */
  takeSample(payload: Uint8Array, isKey: boolean): void {
    this.#sample = payload.slice(0, SAMPLE_BYTES);
    this.#sampleIsFinal = isKey || this.kind === FrameKind.Audio;
  }

  /** Counts a message with a multitrack header; `bytes` are those of this track in it. */
  count(bytes: number): void {
    this.frames++;
    this.bytes += bytes;
  }

  /** Updates the rates; call it about once a second. */
  measure(now: number): void {
    this.frameRate.sample(this.frames, now);
    this.byteRate.sample(this.bytes, now);
  }
}
