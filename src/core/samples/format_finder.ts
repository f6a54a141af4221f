/**
 * Finds the format of a track: of most codecs in their configuration, of others in their frames.
 *
 * @module
 */
import {
  audioCodecOfFourCc,
  UNKNOWN_CODEC,
  videoCodecOfFourCc,
} from "../media/codecs/codec_names.ts";
import { FourCc, fourCcText } from "../media/four_cc.ts";
import { aacFormat, flacFormat, opusFormat } from "./audio_format.ts";
import { dolbyFormat } from "./dolby.ts";
import { mp3Format } from "./mpeg_audio.ts";
import type { FormatResult } from "./track_format.ts";
import { av1Format, avcFormat, hevcFormat } from "./video_format.ts";
import { vpFormat } from "./vp_format.ts";

/** Lowest FourCC; numbers below it are ids of codecs that have none. */
const FIRST_FOUR_CC = 0x20_00_00_00;

/** Most bytes of a configuration that are kept for a codec whose frames tell the rest. */
const MAX_KEPT = 64;

/** Codecs whose frames tell their format. */
const BY_FRAME: ReadonlySet<number> = new Set([
  ...[FourCc.Vp8, FourCc.Vp9, FourCc.Mp3, FourCc.Ac3, FourCc.Eac3],
]);

/** The formats of one track. */
export class FormatFinder {
  readonly #kind: "audio" | "video";
  /** Codec of the last configuration or frame. */
  #codec = 0;
  #config: Uint8Array | undefined;
  /** There is a format of the codec. */
  #known = false;

  constructor(kind: "audio" | "video") {
    this.#kind = kind;
  }

  /**
   * Takes a configuration.
   *
   * @param codec FourCC as a number, one of `FourCc`, or the number that `videoCodecKey` gives
   * @param config what follows the header of the message; copied
   * @returns the format; nothing where it needs a frame
   */
  onConfig(codec: number, config: Uint8Array): FormatResult | undefined {
    this.#codec = codec;
    if (BY_FRAME.has(codec)) {
      this.#config = config.slice(0, MAX_KEPT);
      return undefined;
    }
    const result = this.#ofConfig(codec, config);
    this.#known = result.format !== undefined;
    return result;
  }

  /**
   * Looks at a frame.
   *
   * @param key decoding can start here
   * @returns the format if the frame tells one, or why there is none; nothing where that of before holds
   */
  onFrame(codec: number, frame: Uint8Array, key: boolean): FormatResult | undefined {
    if (codec !== this.#codec) {
      this.#codec = codec;
      this.#config = undefined;
      this.#known = false;
    }
    if (!BY_FRAME.has(codec)) {
      if (this.#known) return undefined;
      if (unsupported(codec)) return this.#ofConfig(codec, frame);
      return { problem: `${this.#name} comes without a configuration` };
    }
    const result = this.#ofFrame(codec, frame, key);
    if (result?.format !== undefined) this.#known = true;
    // Once there is a format, a damaged frame is no more than that.
    return this.#known && result?.problem !== undefined ? undefined : result;
  }

  #ofFrame(codec: number, frame: Uint8Array, key: boolean): FormatResult | undefined {
    switch (codec) {
      case FourCc.Vp8:
        return key ? vpFormat("vp8", this.#config, frame) : undefined;
      case FourCc.Vp9:
        return key ? vpFormat("vp9", this.#config, frame) : undefined;
      case FourCc.Mp3:
        return mp3Format(frame);
      default:
        return dolbyFormat(codec === FourCc.Ac3 ? "ac3" : "eac3", frame);
    }
  }

  #ofConfig(codec: number, config: Uint8Array): FormatResult {
    switch (codec) {
      case FourCc.Avc:
        return avcFormat(config);
      case FourCc.Hevc:
        return hevcFormat(config);
      case FourCc.Av1:
        return av1Format(config);
      case FourCc.Aac:
        return aacFormat(config);
      case FourCc.Opus:
        return opusFormat(config);
      case FourCc.Flac:
        return flacFormat(config);
      default:
        return { problem: `${this.#name} has no place in MP4 or MPEG-TS here` };
    }
  }

  /** A name for people: the short one of the codec, else its number. */
  get #name(): string {
    const codec = this.#codec;
    const text = fourCcText(codec);
    const name = this.#kind === "video" ? videoCodecOfFourCc(text) : audioCodecOfFourCc(text);
    if (name !== UNKNOWN_CODEC) return name;
    return codec < FIRST_FOUR_CC ? `Codec ${codec}` : JSON.stringify(text);
  }
}

const BY_CONFIG: ReadonlySet<number> = new Set([
  ...[FourCc.Avc, FourCc.Hevc, FourCc.Av1, FourCc.Aac, FourCc.Opus, FourCc.Flac],
]);

function unsupported(codec: number): boolean {
  return !BY_CONFIG.has(codec) && !BY_FRAME.has(codec);
}
