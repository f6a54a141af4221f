/**
 * What a publisher says about its media: sequence headers and the like of each track, and stored data
 * messages. Every new player is sent them first.
 *
 * @module
 */
import { FrameFlag, FrameKind, type MediaFrame } from "../frame.ts";
import { MediaMemory } from "../media_memory.ts";
import { MediaTrack } from "./media_track.ts";

/** Most data messages (`onMetaData` and the like) a stream stores for new players. */
export const MAX_STORED_DATA = 16;

/** Most bytes of them together: every player that joins is sent them. */
export const MAX_STORED_DATA_BYTES = 1024 * 1024;

/** Most tracks of video, and of audio, that a stream knows. Others are relayed, but not described. */
export const MAX_TRACKS = 32;

/** Most bytes that a stream keeps of the headers of its tracks, those of track 0 not counted. */
export const MAX_TRACK_BYTES = 1024 * 1024;

/** The headers of one publisher. Payloads are copied: those that come in are only lent. */
export class StreamHeaders {
  /** By id. */
  readonly #video: MediaTrack[] = [];
  readonly #audio: MediaTrack[] = [];
  /** Stored data messages by handler name. */
  readonly #data = new Map<string, MediaFrame>();
  /** Bytes that are kept of tracks but track 0. */
  #trackBytes = 0;
  #since = 0;
  readonly #memory: MediaMemory;
  #keptBytes = 0;

  /** `memory`: what payloads are counted in. */
  constructor(memory: MediaMemory = new MediaMemory()) {
    this.#memory = memory;
  }

  /** Payload bytes kept. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  #count(bytes: number): void {
    this.#keptBytes += bytes;
    this.#memory.count(bytes);
  }

  /** Whether a track has ended that is still here. */
  hasEnded = false;

  /** The tracks of video or audio, lowest id first; the first one is the default. */
  tracks(kind: number): readonly MediaTrack[] {
    return kind === FrameKind.Video ? this.#video : this.#audio;
  }

  /** The video sequence header's payload, of the default track. */
  get video(): Uint8Array | undefined {
    return this.#video[0]?.header?.payload;
  }

  /** The audio sequence header's payload, of the default track. */
  get audio(): Uint8Array | undefined {
    return this.#audio[0]?.header?.payload;
  }

  /** The stored data message of this handler name, name included. */
  data(handler: string): Uint8Array | undefined {
    return this.#data.get(handler)?.payload;
  }

  /**
   * Metadata, then what each track says of itself: the order in which a player needs them. Media
   * headers have the time given. Data has time 0: at any other FFmpeg takes it for a track of subtitles.
   */
  frames(timestamp: number): MediaFrame[] {
    const frames: MediaFrame[] = [];
    for (const tracks of [this.#video, this.#audio]) {
      for (const { header, presentation } of tracks) {
        if (header !== undefined) frames.push(header);
        if (presentation !== undefined) frames.push(presentation);
      }
    }
    const data = [...this.#data.values()].map((frame) => ({ ...frame, timestamp: 0 }));
    return [...data, ...frames.map((frame) => ({ ...frame, timestamp }))];
  }

  /** Forgets everything: a new publisher describes itself. `now` in milliseconds. */
  clear(now: number): void {
    this.#data.clear();
    this.#video.length = 0;
    this.#audio.length = 0;
    this.#trackBytes = 0;
    this.hasEnded = false;
    this.#count(-this.#keptBytes);
    this.#since = now;
  }

  /** The track of this id, known from now on; `undefined` when there are too many. */
  track(kind: number, id: number): MediaTrack | undefined {
    const tracks = kind === FrameKind.Video ? this.#video : this.#audio;
    const first = tracks[0];
    if (first?.id === id) return first;
    const known = tracks.find((track) => track.id === id);
    if (known !== undefined) return known;
    if (tracks.length >= MAX_TRACKS) return undefined;
    const track = new MediaTrack(kind, id, this.#since);
    tracks.push(track);
    tracks.sort((a, b) => a.id - b.id);
    return track;
  }

  /**
   * Takes a sequence header, a message that holds this track alone. Returns whether there was one
   * with other bytes.
   *
   * @param more flags beside that of a header
   */
  set(kind: number, id: number, payload: Uint8Array, timestamp: number, more = 0): boolean {
    const track = this.track(kind, id);
    if (track === undefined || !this.#take(track, payload, track.header)) return false;
    const known = track.header;
    track.setHeader(headerFrame(kind, payload, timestamp, more));
    return known !== undefined && !sameBytes(known.payload, payload);
  }

  /**
   * A track has media of this codec: what was said of another one is forgotten.
   *
   * @returns whether there was another one
   */
  setCodec(track: MediaTrack, codec: number): boolean {
    if (track.codec === codec) return false;
    const before = track.keptBytes;
    const changed = track.setCodec(codec);
    const less = before - track.keptBytes;
    this.#count(-less);
    if (track.id !== 0) this.#trackBytes -= less;
    return changed;
  }

  /** Whether the header of a track goes on behind these bytes, with which it begins. */
  saysMore(kind: number, id: number, payload: Uint8Array): boolean {
    const known = this.track(kind, id)?.header?.payload;
    return known !== undefined && known.length > payload.length &&
      sameBytes(known.subarray(0, payload.length), payload);
  }

  /** Takes HDR metadata or a channel configuration, a message that holds this track alone. */
  setPresentation(
    kind: number,
    id: number,
    payload: Uint8Array,
    timestamp: number,
    more = 0,
  ): void {
    const track = this.track(kind, id);
    if (track === undefined || !this.#take(track, payload, track.presentation)) return;
    track.presentation = headerFrame(kind, payload, timestamp, more);
  }

  /**
   * Whether a sequence header of `length` bytes would be kept of this track, or with `isHeader` false
   * what else it says of itself: else it need not be made.
   */
  mayKeep(kind: number, id: number, length: number, isHeader: boolean): boolean {
    const track = this.track(kind, id);
    if (track === undefined || id === 0) return track !== undefined;
    const old = isHeader ? track.header : track.presentation;
    return this.#trackBytes + length - (old?.payload.length ?? 0) <= MAX_TRACK_BYTES;
  }

  /** Counts the bytes of a header that takes the place of `old`; `false` when they are too many. */
  #take(track: MediaTrack, payload: Uint8Array, old: MediaFrame | undefined): boolean {
    const more = payload.length - (old?.payload.length ?? 0);
    if (track.id !== 0) {
      if (this.#trackBytes + more > MAX_TRACK_BYTES) return false;
      this.#trackBytes += more;
    }
    this.#count(more);
    return true;
  }

  /** The sequence of a track has ended. What is cached of it still needs its header. */
  end(kind: number, id: number): void {
    const track = this.tracks(kind).find((one) => one.id === id);
    if (track === undefined) return;
    track.ended = true;
    this.hasEnded = true;
  }

  /**
   * Forgets tracks that have ended; returns whether there were any. The last one of a kind is kept:
   * encoders go on behind an end without another header.
   */
  dropEnded(): boolean {
    let dropped = false;
    for (const tracks of [this.#video, this.#audio]) {
      const kept = tracks.filter((track) => !track.ended);
      if (kept.length === 0 || kept.length === tracks.length) continue;
      for (const { id, ended, keptBytes } of tracks) {
        if (!ended) continue;
        this.#count(-keptBytes);
        if (id !== 0) this.#trackBytes -= keptBytes;
      }
      tracks.splice(0, tracks.length, ...kept);
      dropped = true;
    }
    this.hasEnded = false;
    return dropped;
  }

  /** Takes a data message; it is stored as long as there is not too much. */
  setData(handler: string, payload: Uint8Array, timestamp: number): MediaFrame {
    const frame = headerFrame(FrameKind.Data, payload, timestamp);
    // What it replaces is out of date, whether or not there is room for it.
    const place = this.#data.has(handler) || this.#data.size < MAX_STORED_DATA;
    const before = this.#data.get(handler)?.payload.length ?? 0;
    let bytes = payload.length - before;
    for (const { payload } of this.#data.values()) bytes += payload.length;
    const fits = place && bytes <= MAX_STORED_DATA_BYTES;
    if (fits) this.#data.set(handler, frame);
    else this.#data.delete(handler);
    this.#count((fits ? payload.length : 0) - before);
    return frame;
  }

  /** Forgets a stored data message; returns whether there was one. */
  clearData(handler: string): boolean {
    this.#count(-(this.#data.get(handler)?.payload.length ?? 0));
    return this.#data.delete(handler);
  }

  /** Updates the rates of the tracks; call it about once a second. */
  measure(now: number): void {
    for (const track of this.#video) track.measure(now);
    for (const track of this.#audio) track.measure(now);
  }
}

function headerFrame(
  kind: number,
  payload: Uint8Array,
  timestamp: number,
  more = 0,
): MediaFrame {
  const flags = FrameFlag.Header | more;
  return { kind, timestamp, payload: new Uint8Array(payload), flags };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
