/**
 * Frames as FLV tags, for players behind HTTP: one encoding for all that carry the same tracks.
 *
 * @module
 */
import { FLV_TAG_OVERHEAD, writeFlvTag } from "../../core/flv/tag.ts";
import { type FrameEncoder, LEFT_OUT, type MediaFrame } from "../../hub/mod.ts";
import type { TrackChoice } from "../track_choice.ts";
import { isChosen, trackKey, TrackPicker } from "../track_picker.ts";

class FlvFrameEncoder implements FrameEncoder {
  readonly key: string;
  readonly videoTrack: number | undefined;
  readonly audioTrack: number | undefined;
  readonly chosen: boolean;
  readonly usual: boolean;
  readonly #picker: TrackPicker;

  constructor(tracks: TrackChoice) {
    this.#picker = new TrackPicker(tracks);
    this.key = flvEncoderKey(tracks);
    this.videoTrack = this.#picker.videoTrack;
    this.audioTrack = this.#picker.audioTrack;
    this.chosen = isChosen(tracks);
    this.usual = !this.chosen;
  }

  accepts(): boolean {
    return true;
  }

  flags(frame: MediaFrame): number {
    const flags = this.#picker.flags(frame);
    // A tag without a body is none to most demuxers.
    return this.#picker.payload.length === 0 ? LEFT_OUT : flags;
  }

  size(): number {
    return this.#picker.payload.length + FLV_TAG_OVERHEAD;
  }

  encode(frame: MediaFrame, target: Uint8Array, offset: number): void {
    writeFlvTag(target, offset, frame.kind, frame.timestamp, this.#picker.payload);
    this.#picker.forget();
  }
}

function flvEncoderKey(tracks: TrackChoice): string {
  return `flv:${trackKey(true, true, tracks)}`;
}

/** The encoders of one server; those of chosen tracks are rare, and are made anew. */
export class FlvEncoders {
  readonly #usual = new Map<string, FrameEncoder>();

  /** The encoder for players that get these tracks. */
  get(tracks: TrackChoice): FrameEncoder {
    const key = flvEncoderKey(tracks);
    const known = this.#usual.get(key);
    if (known !== undefined) return known;
    const encoder = new FlvFrameEncoder(tracks);
    if (encoder.usual) this.#usual.set(key, encoder);
    return encoder;
  }
}
