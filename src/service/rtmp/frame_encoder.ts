/**
 * Frames as RTMP messages. Every message has a type 0 header, so its bytes depend on nothing that
 * was sent before: one encoding serves every player, and any message may be left out.
 *
 * @module
 */
import {
  encodedSize,
  encodeMessageInto,
  writeMessageStreamId,
} from "../../core/rtmp/chunk/encoder.ts";
import { type FrameEncoder, FrameKind, type MediaFrame } from "../../hub/mod.ts";
import { ALL_TRACKS, type TrackChoice } from "../track_choice.ts";
import { TrackFilter } from "../track_filter.ts";

/** Chunk stream ids of media; any but 2 would do, clients do not look. */
const CHUNK_STREAM_IDS: Record<number, number> = {
  [FrameKind.Audio]: 4,
  [FrameKind.Data]: 5,
  [FrameKind.Video]: 6,
};

/** The message stream id that frames are encoded with: nearly all clients play on their first. */
const ENCODED_ID = 1;

/** Where a type 0 chunk has the message stream id, behind a basic header of one byte [RTMP 1.0 §5.3.1.2.1]. */
const ID_OFFSET = 1 + 7;

/** Everything, as it is published. */
const EVERYTHING: TrackChoice = { video: ALL_TRACKS, audio: ALL_TRACKS, legacy: false };

const NOTHING: Uint8Array = new Uint8Array(0);

class RtmpFrameEncoder implements FrameEncoder {
  readonly key: string;
  readonly videoTrack: number | undefined;
  readonly audioTrack: number | undefined;
  readonly chosen: boolean;
  readonly usual: boolean;
  readonly variant: number | undefined;
  readonly #chunkSize: number;
  readonly #audio: boolean;
  readonly #video: boolean;
  readonly #audioFilter: TrackFilter | undefined;
  readonly #videoFilter: TrackFilter | undefined;
  /** Payload of the frame that `flags` was asked about last. */
  #payload = NOTHING;

  constructor(
    messageStreamId: number,
    chunkSize: number,
    audio: boolean,
    video: boolean,
    tracks: TrackChoice,
  ) {
    this.key = rtmpEncoderKey(audio, video, tracks);
    this.variant = messageStreamId === ENCODED_ID ? undefined : messageStreamId;
    this.#chunkSize = chunkSize;
    this.#audio = audio;
    this.#video = video;
    this.chosen = isChosen(tracks);
    // Sound and picture: what all common players read.
    this.usual = audio && video && !this.chosen;
    const { legacy } = tracks;
    if (tracks.audio !== ALL_TRACKS) {
      this.#audioFilter = new TrackFilter(tracks.audio, legacy);
      this.audioTrack = tracks.audio;
    }
    if (tracks.video !== ALL_TRACKS) {
      this.#videoFilter = new TrackFilter(tracks.video, legacy);
      this.videoTrack = tracks.video;
    }
  }

  accepts(kind: number): boolean {
    if (kind === FrameKind.Audio) return this.#audio;
    return kind !== FrameKind.Video || this.#video;
  }

  flags(frame: MediaFrame): number {
    const filter = frame.kind === FrameKind.Video
      ? this.#videoFilter
      : frame.kind === FrameKind.Audio
      ? this.#audioFilter
      : undefined;
    if (filter === undefined) {
      this.#payload = frame.payload;
      return frame.flags;
    }
    const flags = filter.flags(frame);
    this.#payload = filter.payload;
    filter.payload = NOTHING;
    return flags;
  }

  /** The id is in the first chunk of a message only: those that go on have a header of one byte. */
  vary(bytes: Uint8Array, offset: number, messageStreamId: number): void {
    writeMessageStreamId(bytes, offset + ID_OFFSET, messageStreamId);
  }

  size(frame: MediaFrame): number {
    const csid = CHUNK_STREAM_IDS[frame.kind]!;
    return encodedSize(this.#payload.length, frame.timestamp, csid, this.#chunkSize);
  }

  encode(frame: MediaFrame, target: Uint8Array, offset: number): void {
    encodeMessageInto(
      target,
      offset,
      frame.kind,
      ENCODED_ID,
      frame.timestamp,
      this.#payload,
      CHUNK_STREAM_IDS[frame.kind]!,
      this.#chunkSize,
    );
    // It was lent, and what it is part of may be large.
    this.#payload = NOTHING;
  }
}

/** Whether it is neither track 0 nor everything, which is what players get that say nothing. */
function isChosen({ video, audio }: TrackChoice): boolean {
  return video !== audio || video > 0;
}

/** What is left out says nothing of its tracks: players that differ in that alone share. */
function rtmpEncoderKey(audio: boolean, video: boolean, tracks: TrackChoice): string {
  const one = (letter: string, track: number) => track === ALL_TRACKS ? letter : letter + track;
  const parts = (audio ? one("a", tracks.audio) : "") + (video ? one("v", tracks.video) : "");
  return `rtmp:${parts}${/\d/.test(parts) && tracks.legacy ? ":legacy" : ""}`;
}

/**
 * The encoders of one server. Those of track 0 and of all tracks are kept, at most twelve per message
 * stream id in use; a chosen track is rare, and an encoder small.
 */
export class RtmpEncoders {
  readonly #chunkSize: number;
  readonly #encoders = new Map<string, FrameEncoder>();

  /** `chunkSize` is the outgoing chunk size every client is told, 128..65536. */
  constructor(chunkSize: number) {
    this.#chunkSize = chunkSize;
  }

  /** The encoder for players on this message stream that receive audio, video or both. */
  get(
    messageStreamId: number,
    audio: boolean,
    video: boolean,
    tracks: TrackChoice = EVERYTHING,
  ): FrameEncoder {
    const key = `${messageStreamId}:${rtmpEncoderKey(audio, video, tracks)}`;
    const known = this.#encoders.get(key);
    if (known !== undefined) return known;
    const encoder = new RtmpFrameEncoder(messageStreamId, this.#chunkSize, audio, video, tracks);
    if (!isChosen(tracks)) this.#encoders.set(key, encoder);
    return encoder;
  }
}
