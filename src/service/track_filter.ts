/**
 * Takes one track of a kind out of a stream: messages of other tracks are left out, and those with a
 * multitrack header go on without it [E-RTMP v2 "Multitrack Streaming via Enhanced RTMP"].
 *
 * @module
 */
import {
  EnhancedReader,
  legacyMessage,
  NO_MESSAGE,
  singleTrackMessage,
} from "../core/media/mod.ts";
import { FrameFlag, FrameKind, LEFT_OUT, type MediaFrame } from "../hub/mod.ts";

/** One track of video, or of audio. */
export class TrackFilter {
  readonly #track: number;
  readonly #legacy: boolean;
  readonly #reader = new EnhancedReader();

  /** What the message of the last {@linkcode flags} became. */
  payload: Uint8Array = NO_MESSAGE;

  /**
   * @param track id of the track, 0 to 255
   * @param legacy whether H.264 and AAC lose their FourCC with the multitrack header
   */
  constructor(track: number, legacy: boolean) {
    this.#track = track;
    this.#legacy = legacy;
  }

  /** The hub's flags of what becomes of a frame, or `LEFT_OUT`. Nothing is made of most frames. */
  flags(frame: MediaFrame): number {
    const { flags, payload } = frame;
    if ((flags & FrameFlag.Multitrack) === 0) {
      if (this.#track !== 0) return LEFT_OUT;
      this.payload = payload;
      return flags;
    }
    if (!this.#find(frame)) return LEFT_OUT;
    const reader = this.#reader;
    this.payload = (this.#legacy ? legacyMessage(payload, reader) : undefined) ??
      singleTrackMessage(payload, reader);
    if (this.payload === NO_MESSAGE) return LEFT_OUT;
    const own = flags & ~(FrameFlag.Multitrack | FrameFlag.TrackKey);
    // A key frame of any track is one to players of that track alone.
    return (flags & FrameFlag.TrackKey) === 0 ? own : own & ~FrameFlag.Inter | FrameFlag.Key;
  }

  /** Goes to the track in a message; `false` when it is not there, or not all of it. */
  #find({ kind, payload }: MediaFrame): boolean {
    const reader = this.#reader;
    const open = kind === FrameKind.Video ? reader.openVideo(payload) : reader.openAudio(payload);
    if (!open) return false;
    while (reader.next()) {
      if (reader.trackId === this.#track) return !reader.cut;
    }
    return false;
  }
}
