/**
 * Frames as they are published to a target: RTMP messages as players of RTMP get them, encoded once for all
 * targets that are sent the same, but for metadata, which servers store in a form of its own, and for codecs
 * that a target does not take.
 *
 * @module
 */
import { EnhancedReader, legacyMessage, NO_MESSAGE } from "../../core/media/mod.ts";
import { encodedSize, encodeMessageInto } from "../../core/rtmp/chunk/stateless_encoder.ts";
import { type FrameEncoder, FrameKind, LEFT_OUT, type MediaFrame } from "../../hub/mod.ts";
import { CHUNK_STREAM_IDS, ENCODED_ID, varyMessage } from "../rtmp/message_form.ts";
import { ALL_TRACKS, type TrackChoice } from "../track_choice.ts";
import { isChosen, trackKey, TrackPicker } from "../track_picker.ts";
import { metadataKey, writeMetadata } from "./push_metadata.ts";
import type { PushOptions } from "../../plugin/mod.ts";
import { codecsKey, takes, type TargetCodecs } from "./target_codecs.ts";

/** The encoder of targets that are sent the same. */
export class PushEncoder implements FrameEncoder {
  readonly key: string;
  readonly variant: number | undefined;
  readonly usual: boolean;
  readonly videoTrack: number | undefined;
  readonly audioTrack: number | undefined;
  readonly #chunkSize: number;
  readonly #audio: boolean;
  readonly #video: boolean;
  readonly #picker: TrackPicker;
  readonly #codecs: TargetCodecs;
  readonly #metadata: PushOptions["metadata"];
  readonly #takesAll: boolean;
  readonly #reader = new EnhancedReader();
  #payload: Uint8Array = NO_MESSAGE;

  /** @param messageStreamId of the target; @param chunkSize what it was told */
  constructor(
    messageStreamId: number,
    chunkSize: number,
    codecs: TargetCodecs,
    { video, audio, metadata }: PushOptions,
  ) {
    this.variant = messageStreamId === ENCODED_ID ? undefined : messageStreamId;
    this.#chunkSize = chunkSize;
    this.#codecs = codecs;
    this.#metadata = metadata;
    this.#audio = audio !== "none";
    this.#video = video !== "none";
    this.#takesAll = codecs.enhanced && codecs.fourCcs === undefined;
    const usual = codecs.multitrack ? ALL_TRACKS : 0;
    const tracks: TrackChoice = {
      video: typeof video === "number" ? video : video === "all" ? ALL_TRACKS : usual,
      audio: typeof audio === "number" ? audio : audio === "all" ? ALL_TRACKS : usual,
      legacy: !codecs.enhanced,
    };
    this.#picker = new TrackPicker(tracks);
    this.videoTrack = this.#picker.videoTrack;
    this.audioTrack = this.#picker.audioTrack;
    const taken = codecsKey(codecs);
    const kept = metadataKey(metadata);
    this.key = `push:${trackKey(this.#audio, this.#video, tracks)}:${taken}:${kept}`;
    this.usual = this.#audio && this.#video && !isChosen(tracks) && kept === "" &&
      (this.#takesAll || !codecs.enhanced);
  }

  accepts(kind: number): boolean {
    if (kind === FrameKind.Audio) return this.#audio;
    if (kind === FrameKind.Video) return this.#video;
    return this.#metadata !== false || kind !== FrameKind.Data;
  }

  flags(frame: MediaFrame): number {
    if (frame.kind === FrameKind.Data) {
      this.#payload = writeMetadata(frame.payload, this.#metadata);
      return frame.flags;
    }
    const flags = this.#picker.flags(frame);
    if (flags === LEFT_OUT) return LEFT_OUT;
    this.#payload = this.#picker.payload;
    this.#picker.forget();
    return this.#takesAll || this.#fit(frame.kind) ? flags : LEFT_OUT;
  }

  /** Whether the target takes the message, which may be put into its old form for that. */
  #fit(kind: number): boolean {
    const payload = this.#payload;
    const reader = this.#reader;
    const isOpen = kind === FrameKind.Video ? reader.openVideo(payload) : reader.openAudio(payload);
    // What is of the old form everybody takes; what is of a new one without tracks nobody misses.
    if (!isOpen) return !isEnhanced(kind, payload) || this.#codecs.enhanced;
    if (!this.#codecs.enhanced) {
      const old = reader.next() ? legacyMessage(payload, reader) : undefined;
      this.#payload = old ?? NO_MESSAGE;
      return old !== undefined && old !== NO_MESSAGE;
    }
    while (reader.next()) if (!takes(this.#codecs, reader.fourCc)) return false;
    return true;
  }

  vary(bytes: Uint8Array, offset: number, messageStreamId: number): void {
    varyMessage(bytes, offset, messageStreamId);
  }

  size(frame: MediaFrame): number {
    const csid = CHUNK_STREAM_IDS[frame.kind]!;
    return encodedSize(this.#payload.length, frame.timestamp, csid, this.#chunkSize);
  }

  encode(frame: MediaFrame, target: Uint8Array, offset: number): void {
    const csid = CHUNK_STREAM_IDS[frame.kind]!;
    const { timestamp, kind } = frame;
    const size = this.#chunkSize;
    encodeMessageInto(target, offset, kind, ENCODED_ID, timestamp, this.#payload, csid, size);
    this.#payload = NO_MESSAGE;
  }
}

function isEnhanced(kind: number, payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  return kind === FrameKind.Video ? first >= 0x80 : first >> 4 === 9;
}
