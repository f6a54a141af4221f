/**
 * Frames as RTMP messages. Every message has a type 0 header, so its bytes depend on nothing that
 * was sent before: one encoding serves every player, and any message may be left out.
 *
 * @module
 */
import { encodedSize, encodeMessageInto } from "../../core/rtmp/chunk/stateless_encoder.ts";
import { type FrameEncoder, FrameKind, type MediaFrame } from "../../hub/mod.ts";
import { CHUNK_STREAM_IDS, ENCODED_ID, varyMessage } from "./message_form.ts";
import { ALL_TRACKS, type TrackChoice } from "../track_choice.ts";
import { isChosen, trackKey, TrackPicker } from "../track_picker.ts";

/** Everything, as it is published. */
const EVERYTHING: TrackChoice = { video: ALL_TRACKS, audio: ALL_TRACKS, legacy: false };

/** Writes another time (ms), below 0xffffff as the one before, into the encoded message at `offset`. */
export function restamp(bytes: Uint8Array, offset: number, timestamp: number): void {
  bytes[offset + 1] = timestamp >> 16;
  bytes[offset + 2] = timestamp >> 8;
  bytes[offset + 3] = timestamp;
}

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
  readonly #picker: TrackPicker;

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
    this.#picker = new TrackPicker(tracks);
    this.audioTrack = this.#picker.audioTrack;
    this.videoTrack = this.#picker.videoTrack;
  }

  accepts(kind: number): boolean {
    if (kind === FrameKind.Audio) return this.#audio;
    return kind !== FrameKind.Video || this.#video;
  }

  flags(frame: MediaFrame): number {
    return this.#picker.flags(frame);
  }

  vary(bytes: Uint8Array, offset: number, messageStreamId: number): void {
    varyMessage(bytes, offset, messageStreamId);
  }

  size(frame: MediaFrame): number {
    const csid = CHUNK_STREAM_IDS[frame.kind]!;
    return encodedSize(this.#picker.payload.length, frame.timestamp, csid, this.#chunkSize);
  }

  encode(frame: MediaFrame, target: Uint8Array, offset: number): void {
    encodeMessageInto(
      target,
      offset,
      frame.kind,
      ENCODED_ID,
      frame.timestamp,
      this.#picker.payload,
      CHUNK_STREAM_IDS[frame.kind]!,
      this.#chunkSize,
    );
    this.#picker.forget();
  }
}

function rtmpEncoderKey(audio: boolean, video: boolean, tracks: TrackChoice): string {
  return `rtmp:${trackKey(audio, video, tracks)}`;
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
