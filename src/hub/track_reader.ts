/**
 * Reads what a publisher sends into what is known of its tracks: headers go to their tracks, frames are
 * counted. The messages themselves are relayed as they are.
 *
 * @module
 */
import { EnhancedReader, MediaFlag, oneTrackMessage } from "../core/media/mod.ts";
import { FrameFlag, FrameKind } from "./frame.ts";
import { SAMPLE_BYTES } from "./media_track.ts";
import type { StreamHeaders } from "./stream_headers.ts";

/** Longest extensions in front of headers that are kept for each of several tracks, in bytes. */
const MAX_PREFIX = 256;

/** Reads the messages of one stream. `media` is what `videoFlags` or `audioFlags` say of a message. */
export class TrackReader {
  readonly #headers: StreamHeaders;
  readonly #reader = new EnhancedReader();
  /** The video track whose key frames players start at: the lowest one, `Infinity` without any. */
  #videoTrack = Infinity;
  /** There is nothing to learn from frames of track 0 without multitrack header, until a header comes. */
  #videoSettled = false;
  #audioSettled = false;

  /** Id of the track that {@link frames} was asked about last; of several the first. */
  track = 0;

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
    const reader = this.#reader;
    const isHeader = (media & MediaFlag.SequenceHeader) !== 0;
    const flags = (media & MediaFlag.Multitrack) !== 0 ? FrameFlag.Multitrack : 0;
    const keep = (id: number, message: Uint8Array) => {
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
    return replaced;
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
    if ((media & MediaFlag.Multitrack) !== 0) return this.#tracks(kind, payload, media);
    if (kind === FrameKind.Video) {
      if (!this.#videoSettled) this.#videoSettled = this.#trackZero(kind, payload, media);
      return true;
    }
    if (!this.#audioSettled) this.#audioSettled = this.#trackZero(kind, payload, media);
    return false;
  }

  /** Returns whether there is no more to learn. */
  #trackZero(kind: number, payload: Uint8Array, media: number): boolean {
    const track = this.#headers.track(kind, 0);
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
    if (!this.#open(kind, payload)) return false;
    while (reader.next()) {
      const { trackId } = reader;
      if (trackId < lowest) lowest = trackId;
      const track = this.#headers.track(kind, trackId);
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
