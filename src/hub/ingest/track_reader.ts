/**
 * Reads what a publisher sends into what is known of its tracks: headers go to their tracks, frames are
 * counted. The messages themselves are relayed as they are.
 *
 * @module
 */
import {
  audioCodecKey,
  EnhancedReader,
  isRandomAccess,
  MediaFlag,
  oneTrackMessage,
  videoCodecKey,
} from "../../core/media/mod.ts";
import { FrameFlag, FrameKind } from "../frame.ts";
import { type MediaTrack, SAMPLE_BYTES } from "./media_track.ts";
import type { StreamHeaders } from "./stream_headers.ts";

/** Longest extensions in front of headers that are kept for each of several tracks, in bytes. */
const MAX_PREFIX = 256;

/** Where the picture begins in a message of AVC, HEVC or AV1 with a codec id. */
const LEGACY_START = 5;

/** Reads the messages of one stream. `media` is what `videoFlags` or `audioFlags` say of a message. */
export class TrackReader {
  readonly #headers: StreamHeaders;
  readonly #reader = new EnhancedReader();
  /** The video track whose key frames players start at: the lowest one, `Infinity` without any. */
  #videoTrack = Infinity;
  /** There is nothing to learn from frames of track 0 without multitrack header, until a header comes. */
  #videoSettled = false;
  #audioSettled = false;

  /** Id of the track that {@link frames} was asked about last; of several the lowest. */
  track = 0;
  /** The message that {@link frames} or {@link store} was asked about last changed a track's codec. */
  codecChanged = false;
  /** {@link look} has just found the first key frame of a track that was flagged as an inter frame. */
  foundKey = false;
  /** The track of that id, if it is known. */
  #current: MediaTrack | undefined;
  /** Where its picture is in the message; not looked up for messages without multitrack header. */
  #start = 0;
  #end = 0;

  constructor(headers: StreamHeaders) {
    this.#headers = headers;
  }

  /** Forgets the tracks: there is a new publisher. */
  clear(): void {
    this.#videoTrack = Infinity;
    this.#unsettle();
  }

  #unsettle(): void {
    this.#videoSettled = this.#audioSettled = false;
  }

  #open(kind: number, payload: Uint8Array): boolean {
    return kind === FrameKind.Video
      ? this.#reader.openVideo(payload)
      : this.#reader.openAudio(payload);
  }

  /**
   * Keeps sequence headers, HDR metadata and channel configurations. Those of several tracks are kept
   * as a message each, so that one track can change without the others.
   *
   * @returns whether a sequence header was replaced by another one
   */
  store(kind: number, payload: Uint8Array, media: number, timestamp: number): boolean {
    let replaced = false;
    this.codecChanged = false;
    const reader = this.#reader;
    const isHeader = (media & MediaFlag.SequenceHeader) !== 0;
    const flags = (media & MediaFlag.Multitrack) !== 0 ? FrameFlag.Multitrack : 0;
    const keep = (id: number, message: Uint8Array) => {
      const track = this.#headers.track(kind, id);
      const codec = codecKey(kind, message);
      if (isHeader) this.#setCodec(kind, track, codec);
      else if (track !== undefined) track.presentationCodec = codec;
      if (!isHeader) this.#headers.setPresentation(kind, id, message, timestamp, flags);
      else if (this.#headers.set(kind, id, message, timestamp, flags)) replaced = true;
    };
    if (!this.#open(kind, payload)) keep(0, payload);
    else {
      while (reader.next()) {
        const { trackId } = reader;
        const length = reader.prefixLength + reader.end - reader.start;
        // Each would have a copy of the extensions, which are a few bytes unless somebody plays games.
        if (trackId !== 0 && reader.prefixLength > MAX_PREFIX) continue;
        // Of hundreds of tracks most are not kept.
        if (!this.#headers.mayKeep(kind, trackId, length, isHeader)) continue;
        const message = oneTrackMessage(payload, reader);
        // Of AV1 FFmpeg sends a header with nothing in it before it knows what to say.
        const isEmpty = isHeader && reader.start === reader.end;
        if (!isEmpty || !this.#headers.saysMore(kind, trackId, message)) keep(trackId, message);
      }
    }
    this.#findVideoTrack();
    this.#unsettle();
    return replaced || this.codecChanged;
  }

  /** Marks the tracks of a message as ended. */
  end(kind: number, payload: Uint8Array, media: number): void {
    if ((media & MediaFlag.Multitrack) === 0) this.#headers.end(kind, 0);
    else if (this.#open(kind, payload)) {
      while (this.#reader.next()) this.#headers.end(kind, this.#reader.trackId);
    }
    this.#findVideoTrack();
    this.#unsettle();
  }

  /** The default track after one came, or went. */
  #findVideoTrack(): void {
    const track = this.#headers.tracks(FrameKind.Video).find(({ ended }) => !ended);
    if (track !== undefined) this.#videoTrack = track.id;
  }

  /**
   * Takes note of coded frames, a message that is not empty.
   *
   * @returns whether the default track of video is among them
   */
  frames(kind: number, payload: Uint8Array, media: number): boolean {
    this.track = 0;
    this.codecChanged = false;
    if ((media & MediaFlag.Multitrack) !== 0) return this.#tracks(kind, payload, media);
    this.#current = this.#headers.track(kind, 0);
    this.#setCodec(kind, this.#current, codecKey(kind, payload));
    if (kind === FrameKind.Video) {
      if (!this.#videoSettled) this.#videoSettled = this.#trackZero(kind, payload, media);
      return true;
    }
    if (!this.#audioSettled) this.#audioSettled = this.#trackZero(kind, payload, media);
    return false;
  }

  #setCodec(kind: number, track: MediaTrack | undefined, codec: number): void {
    if (track === undefined || !this.#headers.setCodec(track, codec)) return;
    this.codecChanged = true;
    if (kind !== FrameKind.Video) this.#audioSettled = false;
    else this.#videoSettled = false;
  }

  /**
   * Looks at the picture that {@link frames} was asked about last, where its flags may be wrong: of
   * several tracks at that of the lowest.
   *
   * @returns `media`, and that it is a key frame if it turned out to be one
   */
  look(payload: Uint8Array, media: number, now: number): number {
    const track = this.#current;
    this.foundKey = false;
    if (track === undefined) return media;
    const isKey = (media & MediaFlag.Key) !== 0;
    if (!isKey && !(track.doubtsFlags(now) && this.#isKey(track, payload, media))) return media;
    track.keyAt = now;
    if (isKey) return media;
    this.foundKey = !track.flagsLie;
    track.flagsLie = true;
    return media & ~MediaFlag.Disposable | MediaFlag.Key;
  }

  #isKey(track: MediaTrack, payload: Uint8Array, media: number): boolean {
    if ((media & MediaFlag.Multitrack) === 0) {
      this.#start = LEGACY_START;
      this.#end = payload.length;
      if (payload[0]! >= 0x80) {
        if (!this.#reader.openVideo(payload) || !this.#reader.next()) return false;
        this.#start = this.#reader.start + this.#compositionTime(FrameKind.Video);
      }
    }
    return isRandomAccess(track.codec, payload, this.#start, this.#end, track.nalLength);
  }

  /** Bytes of it in front of the reader's current picture. */
  #compositionTime(kind: number): number {
    return kind === FrameKind.Video && this.#reader.hasCompositionTime ? 3 : 0;
  }

  /** Returns whether there is no more to learn. */
  #trackZero(kind: number, payload: Uint8Array, media: number): boolean {
    const track = this.#current;
    if (kind === FrameKind.Video) this.#videoTrack = 0;
    if (track === undefined) return true;
    const isKey = (media & MediaFlag.Key) !== 0;
    if (track.wantsSample(isKey)) track.takeSample(payload, isKey);
    track.ended = false;
    return !track.wantsSample(true);
  }

  #tracks(kind: number, payload: Uint8Array, media: number): boolean {
    const reader = this.#reader;
    const isKey = (media & MediaFlag.Key) !== 0;
    let lowest = Infinity;
    this.#current = undefined;
    if (!this.#open(kind, payload)) return false;
    while (reader.next()) {
      const { trackId } = reader;
      const track = this.#headers.track(kind, trackId);
      if (trackId < lowest) {
        lowest = trackId;
        this.#current = track;
        this.#start = reader.start + this.#compositionTime(kind);
        this.#end = reader.end;
      }
      this.#setCodec(kind, track, reader.fourCc);
      if (track === undefined) continue;
      track.count(reader.end - reader.start);
      track.ended = false;
      // Behind long extensions there would be none of the codec in it.
      if (reader.prefixLength < SAMPLE_BYTES && track.wantsSample(isKey)) {
        track.takeSample(oneTrackMessage(payload, reader), isKey);
      }
    }
    if (lowest < Infinity) this.track = lowest;
    if (kind !== FrameKind.Video) return false;
    if (lowest < this.#videoTrack) this.#videoTrack = lowest;
    return lowest === this.#videoTrack;
  }
}

/** The key of a message's codec; of several tracks the first's. */
function codecKey(kind: number, payload: Uint8Array): number {
  return kind === FrameKind.Video ? videoCodecKey(payload) : audioCodecKey(payload);
}

/**
 * The hub's flags of a message that is no header.
 *
 * @param isMain whether it holds the default track of video
 */
export function frameFlags(
  kind: number,
  payload: Uint8Array,
  media: number,
  isMain: boolean,
): number {
  const multitrack = (media & MediaFlag.Multitrack) !== 0 ? FrameFlag.Multitrack : 0;
  if (kind !== FrameKind.Video || payload.length === 0) return multitrack;
  if ((media & MediaFlag.Key) !== 0) {
    return multitrack | (isMain ? FrameFlag.Key : FrameFlag.TrackKey);
  }
  // No picture: it is of no use to leave out.
  if ((media & (MediaFlag.EndOfSequence | MediaFlag.Command)) !== 0) return multitrack;
  return (media & MediaFlag.Disposable) !== 0
    ? multitrack | FrameFlag.Inter | FrameFlag.Disposable
    : multitrack | FrameFlag.Inter;
}
