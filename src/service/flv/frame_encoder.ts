/**
 * Frames as FLV tags, for players behind HTTP: one encoding for all that carry the same tracks in the
 * same form and the same wrapping.
 *
 * @module
 */
import { FLV_TAG_OVERHEAD, writeFlvTag } from "../../core/flv/tag.ts";
import { type FrameEncoder, FrameKind, LEFT_OUT, type MediaFrame } from "../../hub/mod.ts";
import { ALL_TRACKS } from "../track_choice.ts";
import { isChosen, trackKey, TrackPicker } from "../track_picker.ts";
import type { FlvChoice } from "./choice.ts";
import type { Framing } from "./framing.ts";
import { PlainForm } from "./plain_form.ts";

const NOTHING = new Uint8Array();

class FlvFrameEncoder implements FrameEncoder {
  readonly key: string;
  readonly videoTrack: number | undefined;
  readonly audioTrack: number | undefined;
  readonly chosen: boolean;
  readonly usual: boolean;
  readonly #choice: FlvChoice;
  readonly #framing: Framing;
  readonly #picker: TrackPicker;
  readonly #form = new PlainForm();
  #payload: Uint8Array = NOTHING;

  constructor(choice: FlvChoice, framing: Framing) {
    this.#choice = choice;
    this.#framing = framing;
    this.#picker = new TrackPicker(choice.tracks);
    this.key = flvEncoderKey(choice, framing);
    this.videoTrack = this.#picker.videoTrack;
    this.audioTrack = this.#picker.audioTrack;
    this.chosen = isChosen(choice.tracks) || !choice.audio || !choice.video;
    this.usual = !this.chosen;
  }

  accepts(kind: number): boolean {
    if (kind === FrameKind.Audio) return this.#choice.audio;
    return kind !== FrameKind.Video || this.#choice.video;
  }

  flags(frame: MediaFrame): number {
    const flags = this.#picker.flags(frame);
    if (flags === LEFT_OUT) return flags;
    this.#payload = this.#formed(frame.kind, this.#picker.payload);
    this.#picker.forget();
    // A tag without a body is none to most demuxers.
    return this.#payload.length === 0 ? LEFT_OUT : flags;
  }

  #formed(kind: number, payload: Uint8Array): Uint8Array {
    const { enhanced, tracks } = this.#choice;
    if (enhanced) return payload;
    // Who asks for all tracks of a kind can read what holds them.
    if (kind === FrameKind.Video) {
      return tracks.video === ALL_TRACKS ? payload : this.#form.video(payload);
    }
    if (kind !== FrameKind.Audio || tracks.audio === ALL_TRACKS) return payload;
    return this.#form.audio(payload);
  }

  size(): number {
    return this.#framing.size(this.#payload.length + FLV_TAG_OVERHEAD);
  }

  encode(frame: MediaFrame, target: Uint8Array, offset: number): void {
    const payload = this.#payload;
    const length = payload.length + FLV_TAG_OVERHEAD;
    const start = this.#framing.open(target, offset, length);
    writeFlvTag(target, start, frame.kind, frame.timestamp, payload);
    this.#framing.close(target, start + length);
    // It was lent, and may be part of something large.
    this.#payload = NOTHING;
  }
}

function flvEncoderKey({ audio, video, tracks, enhanced }: FlvChoice, { name }: Framing): string {
  return `flv:${name}:${enhanced ? "enhanced" : "plain"}:${trackKey(audio, video, tracks)}`;
}

/** The encoders of one server; those of chosen tracks are rare, and are made anew. */
export class FlvEncoders {
  readonly #usual = new Map<string, FrameEncoder>();

  /** The encoder for players that get this, wrapped so. */
  get(choice: FlvChoice, framing: Framing): FrameEncoder {
    const key = flvEncoderKey(choice, framing);
    const known = this.#usual.get(key);
    if (known !== undefined) return known;
    const encoder = new FlvFrameEncoder(choice, framing);
    if (encoder.usual) this.#usual.set(key, encoder);
    return encoder;
  }
}
