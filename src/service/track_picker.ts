/**
 * What the encoders of all ways out have in common: which kinds of media and which tracks they carry.
 *
 * @module
 */
import { FrameKind, type MediaFrame } from "../hub/mod.ts";
import { ALL_TRACKS, type TrackChoice } from "./track_choice.ts";
import { TrackFilter } from "./track_filter.ts";

const NOTHING: Uint8Array = new Uint8Array(0);

/** Takes what is carried out of each frame. Made once for all players that get the same bytes. */
export class TrackPicker {
  /** Payload of the frame that `flags` was asked about last; lent, and forgotten by {@link forget}. */
  payload: Uint8Array = NOTHING;
  /** Id of the one video track that is carried; `undefined` for all there are. */
  readonly videoTrack: number | undefined;
  /** The same of audio. */
  readonly audioTrack: number | undefined;
  readonly #audio: TrackFilter | undefined;
  readonly #video: TrackFilter | undefined;

  constructor({ audio, video, legacy }: TrackChoice) {
    if (audio !== ALL_TRACKS) {
      this.#audio = new TrackFilter(audio, legacy);
      this.audioTrack = audio;
    }
    if (video !== ALL_TRACKS) {
      this.#video = new TrackFilter(video, legacy);
      this.videoTrack = video;
    }
  }

  /** The hub's flags of the frame as it goes out, or `LEFT_OUT`. */
  flags(frame: MediaFrame): number {
    const filter = frame.kind === FrameKind.Video
      ? this.#video
      : frame.kind === FrameKind.Audio
      ? this.#audio
      : undefined;
    if (filter === undefined) {
      this.payload = frame.payload;
      return frame.flags;
    }
    const flags = filter.flags(frame);
    this.payload = filter.payload;
    filter.payload = NOTHING;
    return flags;
  }

  /** Lets go of the payload, which was lent and may be part of something large. */
  forget(): void {
    this.payload = NOTHING;
  }
}

/** Whether it is neither track 0 nor everything, which is what players get that say nothing. */
export function isChosen({ video, audio }: TrackChoice): boolean {
  return video !== audio || video > 0;
}

/**
 * Equal where equal tracks are carried. What is left out says nothing of its tracks: players that
 * differ in that alone share.
 */
export function trackKey(audio: boolean, video: boolean, tracks: TrackChoice): string {
  const one = (letter: string, track: number) => track === ALL_TRACKS ? letter : letter + track;
  const parts = (audio ? one("a", tracks.audio) : "") + (video ? one("v", tracks.video) : "");
  return `${parts}${/\d/.test(parts) && tracks.legacy ? ":legacy" : ""}`;
}
