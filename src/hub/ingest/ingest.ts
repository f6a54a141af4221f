/**
 * What a publisher sends, as frames: which of it is media and which describes it, when it is shown,
 * which tracks it is of, and from which picture on anybody can decode.
 *
 * @module
 */
import { audioFlags, MediaFlag, openVideo, videoFlags } from "../../core/media/mod.ts";
import { FrameFlag, FrameKind, type MediaFrame } from "../frame.ts";
import type { KeyClock } from "../key_clock.ts";
import { KeyGate } from "./key_gate.ts";
import type { KeyFrameFault } from "../publisher.ts";
import type { StreamHeaders } from "./stream_headers.ts";
import type { StreamStats } from "../stream_stats.ts";
import { type MediaTime, Timeline } from "./timeline.ts";
import { frameFlags, TrackReader } from "./track_reader.ts";

/** What is stored for whoever joins later. */
const STORED = MediaFlag.SequenceHeader | MediaFlag.Presentation;

/** Video that is relayed before the first key frame: no picture, which would be of no use there. */
const NO_PICTURE = MediaFlag.EndOfSequence | MediaFlag.Command;

/** Who takes the frames. Payloads are lent: they are valid during the call. */
export interface IngestSink {
  /** Sound, a picture, or data of the moment. */
  onFrame(frame: MediaFrame, now: number): void;
  /** A sequence header, or stored data, which those that join later get from the description. */
  onHeader(frame: MediaFrame, now: number): void;
  /** The description changed without a frame that says so. */
  onHeadersChanged(): void;
  /** What went before was coded for another configuration of `kind`: nobody may start in it. */
  onConfigured(kind: number, isCodec: boolean): void;
  /** The publisher's key frames have a fault; said again with each picture that has it. */
  onKeyFrameFault(fault: KeyFrameFault): void;
}

/** The way in of one stream. */
export class Ingest {
  readonly #sink: IngestSink;
  readonly #description: StreamHeaders;
  readonly #stats: StreamStats;
  readonly #tracks: TrackReader;
  readonly #gate = new KeyGate();
  readonly #timeline = new Timeline();
  /** Video of any kind has come, be it a header alone. */
  #sawVideo = false;

  constructor(sink: IngestSink, description: StreamHeaders, stats: StreamStats) {
    this.#sink = sink;
    this.#description = description;
    this.#stats = stats;
    this.#tracks = new TrackReader(description);
  }

  /** Whether the publisher's pictures have begun: with a key frame. */
  get hasVideo(): boolean {
    return this.#gate.isOpen;
  }

  /** When key frames of the default track came. */
  get keys(): KeyClock {
    return this.#gate.keys;
  }

  /** Pictures that were dropped because no key frame had come. */
  get framesBeforeKey(): number {
    return this.#gate.dropped;
  }

  /** Short name of the codec of the first video track; `unknown` while nothing of it has come. */
  get videoCodec(): string {
    const [track] = this.#description.tracks(FrameKind.Video);
    const message = track?.sample ?? track?.header?.payload;
    return message === undefined ? "unknown" : openVideo(message)?.codec ?? "unknown";
  }

  /** The newest time that came out (ms). */
  get time(): number {
    return this.#timeline.last;
  }

  /** How far sound or pictures have come; see {@link Timeline.reached}. */
  reached(kind: number): MediaTime | undefined {
    return this.#timeline.reached(kind);
  }

  /** How often the publishers' time leapt, so that the players' had to be corrected. */
  get timeLeaps(): number {
    return this.#timeline.leaps;
  }

  /** There is a new publisher, which describes itself; `kept`: time goes on for players of before. */
  restart(kept: boolean, now: number): void {
    this.#description.clear(now);
    this.#tracks.clear();
    this.#sawVideo = false;
    this.#gate.clear();
    this.#timeline.restart(kept);
    this.#stats.restart(now);
  }

  /** The publisher is gone. */
  end(): void {
    if (this.#gate.dropped > 0 && !this.#gate.isOpen) this.#sink.onKeyFrameFault("missing");
  }

  /** Takes one audio, video or data message. */
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void {
    let media = kind === FrameKind.Video
      ? videoFlags(payload)
      : kind === FrameKind.Audio
      ? audioFlags(payload)
      : 0;
    this.#stats.count(kind, payload.length);
    if (kind === FrameKind.Video && payload.length > 0) this.#sawVideo = true;
    if ((media & STORED) !== 0) return this.#pushHeader(kind, timestamp, payload, media, now);

    let isMain = false;
    let track = 0;
    if ((media & NO_PICTURE) !== 0) {
      if ((media & MediaFlag.EndOfSequence) !== 0) this.#endTracks(kind, payload, media);
    } else if (kind !== FrameKind.Data && payload.length > 0) {
      isMain = this.#tracks.frames(kind, payload, media);
      track = this.#tracks.track;
      if (this.#tracks.codecChanged) this.#sink.onConfigured(kind, true);
      if (kind === FrameKind.Video) {
        media = this.#tracks.look(payload, media, now);
        if (this.#tracks.foundKey) this.#sink.onKeyFrameFault("flagged-inter");
        if (!this.#passes(media, isMain, now)) {
          if (this.#gate.isStuck(now)) this.#sink.onKeyFrameFault("missing");
          return;
        }
      }
    }
    const marksTime = (media & MediaFlag.EndOfSequence) === 0 && kind !== FrameKind.Data;
    const frame = {
      kind,
      timestamp: marksTime
        ? this.#timeline.follow(kind, timestamp, now, track)
        : this.#timeline.beside(timestamp),
      payload,
      flags: frameFlags(kind, payload, media, isMain),
    };
    if ((frame.flags & FrameFlag.Key) !== 0) this.keys.key(frame.timestamp, now);
    else if ((frame.flags & FrameFlag.Inter) !== 0) this.keys.picture(frame.timestamp, now);
    this.#sink.onFrame(frame, now);
  }

  /** Whether a picture is relayed. */
  #passes(media: number, isMain: boolean, now: number): boolean {
    if ((media & MediaFlag.Key) === 0) return this.#gate.passes(isMain, now);
    this.#gate.open(isMain);
    if (isMain && this.#description.hasEnded) this.#dropEnded();
    return true;
  }

  #endTracks(kind: number, payload: Uint8Array, media: number): void {
    this.#tracks.end(kind, payload, media);
    // Without video there is no GOP that a track could still be part of.
    if (!this.#sawVideo) this.#dropEnded();
  }

  #dropEnded(): void {
    if (this.#description.dropEnded()) this.#sink.onHeadersChanged();
  }

  /** Sequence headers, HDR metadata, channel configurations: relayed as they are, and stored. */
  #pushHeader(
    kind: number,
    timestamp: number,
    payload: Uint8Array,
    media: number,
    now: number,
  ): void {
    // Encoders write any time on a sequence header, often 0.
    const time = (media & MediaFlag.SequenceHeader) !== 0
      ? this.#timeline.last
      : this.#timeline.beside(timestamp);
    if (this.#tracks.store(kind, payload, media, time)) this.#sink.onConfigured(kind, false);
    if (this.#tracks.codecChanged) this.#sink.onConfigured(kind, true);
    const flags = FrameFlag.Header |
      ((media & MediaFlag.Multitrack) !== 0 ? FrameFlag.Multitrack : 0);
    this.#sink.onHeader({ kind, timestamp: time, payload, flags }, now);
  }

  /**
   * Takes a data message that is stored for who joins later.
   *
   * @param handler its name, `onMetaData` for instance
   * @param payload the AMF0 message body, handler name first
   */
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void {
    this.#stats.count(FrameKind.Data, payload.length);
    // Players that begin with it want it at time 0, as those that join later get it.
    const time = this.#timeline.hasBegun ? this.#timeline.beside(timestamp) : 0;
    this.#sink.onHeader(this.#description.setData(handler, payload, time), now);
  }

  /**
   * Takes a data message that is not the publisher's, at the time of the media that went before it.
   * Stored, it is for those too that join later.
   */
  announce(handler: string, payload: Uint8Array, store: boolean, now: number): void {
    const timestamp = this.#timeline.last;
    if (store) this.#sink.onHeader(this.#description.setData(handler, payload, timestamp), now);
    else this.#sink.onFrame({ kind: FrameKind.Data, timestamp, payload, flags: 0 }, now);
  }

  /** Forgets a stored data message. */
  clearData(handler: string): void {
    if (this.#description.clearData(handler)) this.#sink.onHeadersChanged();
  }
}
