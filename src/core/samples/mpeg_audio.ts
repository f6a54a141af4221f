/**
 * Frames of MP3 [ISO/IEC 11172-3 §2.4.1.3, §2.4.2.3], [ISO/IEC 13818-3 §2.4.2.3].
 *
 * @module
 */
import { parseMp3Frame } from "../media/codecs/mp3.ts";
import type { FormatResult } from "./track_format.ts";

/** Kilobits per second of layer III by bitrate_index, of MPEG-1 and of its lower rates. */
const MPEG1_RATES = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_RATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** Lowest sample rate of MPEG-1 audio. */
export const LOWEST_MPEG1_RATE = 32_000;

/** Most frames in a message. */
const MAX_FRAMES = 64;

/** Samples of a frame: those of lower rates are half as long. */
function samplesAt(sampleRate: number): number {
  return sampleRate >= LOWEST_MPEG1_RATE ? 1152 : 576;
}

/** The format of MP3 by one frame of it. */
export function mp3Format(frame: Uint8Array): FormatResult {
  const known = parseMp3Frame(frame);
  if (known?.sampleRate === undefined || known.channels === undefined) {
    return { problem: "A frame of mp3 has no header that can be read" };
  }
  const { sampleRate, channels } = known;
  return {
    format: {
      kind: "audio",
      codec: "mp3",
      codecString: "mp3",
      config: new Uint8Array(),
      timescale: sampleRate,
      sampleRate,
      channels,
    },
  };
}

/** How long a message lasts (samples): most hold one frame. `undefined` when the first is none. */
export function mp3Samples(message: Uint8Array): number | undefined {
  let samples = 0;
  let at = 0;
  for (let count = 0; count < MAX_FRAMES && at + 4 <= message.length; count++) {
    if (message[at] !== 0xff || message[at + 1]! < 0xe0) break;
    const known = parseMp3Frame(message.subarray(at, at + 4));
    if (known?.sampleRate === undefined) break;
    const { sampleRate } = known;
    samples += samplesAt(sampleRate);
    const rates = sampleRate >= LOWEST_MPEG1_RATE ? MPEG1_RATES : MPEG2_RATES;
    const kilobits = rates[message[at + 2]! >> 4];
    if (!kilobits) break; // free format: its end is not told
    const padding = message[at + 2]! >> 1 & 1;
    at += Math.floor(samplesAt(sampleRate) / 8 * kilobits * 1000 / sampleRate) + padding;
  }
  return samples || undefined;
}
