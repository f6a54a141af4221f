/**
 * Sample rate and channels of audio, and what the first byte of a message says of them.
 *
 * @module
 */
import { SoundFormat } from "../flv_tag.ts";

/** How audio is sampled. A member is missing when it is not known. */
export interface AudioFormat {
  /** Hertz. */
  readonly sampleRate?: number;
  readonly channels?: number;
  /** Bits of a sample, of codecs that lose none. */
  readonly bitDepth?: number;
}

/** SoundRate in hertz [FLV §E.4.2.1]. */
const SOUND_RATES = [5_512, 11_025, 22_050, 44_100];

/** What the first byte of an audio message says, or must mean, of a codec that heeds it. */
export function soundFormatOf(first: number): AudioFormat {
  const channels = (first & 1) + 1;
  switch (first >> 4) {
    case SoundFormat.Pcm:
    case SoundFormat.PcmLittleEndian:
    case SoundFormat.Adpcm:
    case SoundFormat.Mp3:
    case SoundFormat.Nellymoser:
      return { sampleRate: SOUND_RATES[(first >> 2) & 3], channels };
    case SoundFormat.G711A:
    case SoundFormat.G711U:
    case SoundFormat.Mp3At8k:
      return { sampleRate: 8_000, channels };
    case SoundFormat.Nellymoser8k:
      return { sampleRate: 8_000, channels: 1 };
    case SoundFormat.Nellymoser16k:
    case SoundFormat.Speex:
      return { sampleRate: 16_000, channels: 1 };
    default:
      return {};
  }
}
