/**
 * What a frame of AAC is like before spectral band replication: its rate, its length, its channels.
 *
 * @module
 */
import { BitReader } from "../media/fields/bits.ts";

/** How the core of AAC is framed. */
export interface AacFraming {
  /** Audio object type of the core. */
  readonly objectType: number;
  /** sampling_frequency_index; 15 where the rate is written out. */
  readonly rateIndex: number;
  /** Hertz of the core. */
  readonly sampleRate: number;
  /** channelConfiguration; 0 where a program config element tells. */
  readonly channelConfig: number;
  /** Samples of a frame of the core, of one channel. */
  readonly frameLength: number;
}

/** Hertz by sampling_frequency_index [ISO/IEC 14496-3 §1.6.3.4]. */
const RATES = [
  ...[96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000],
  ...[22_050, 16_000, 12_000, 11_025, 8_000, 7_350],
];

/** Audio object types [ISO/IEC 14496-3 §1.5.1.1]. */
const SBR = 5;
const PS = 29;
const ESCAPE = 31;
const LOW_DELAY = 23;
const ENHANCED_LOW_DELAY = 39;
const UNIFIED = 42;

/** Reads the beginning of an AudioSpecificConfig [ISO/IEC 14496-3 §1.6.2.1]. */
export function aacFraming(config: Uint8Array): AacFraming | undefined {
  const reader = new BitReader(config);
  let objectType = readObjectType(reader);
  const rateIndex = reader.bits(4);
  const sampleRate = rateIndex === 15 ? reader.bits(24) : RATES[rateIndex];
  const channelConfig = reader.bits(4);
  if (objectType === SBR || objectType === PS) {
    if (reader.bits(4) === 15) reader.skip(24);
    objectType = readObjectType(reader);
  }
  if (reader.failed || !sampleRate) return undefined;
  // frameLengthFlag; xHE-AAC says it in another place, and its frames here are those of the core.
  const short = objectType !== UNIFIED && reader.flag() && !reader.failed;
  const halved = objectType === LOW_DELAY || objectType === ENHANCED_LOW_DELAY;
  const frameLength = (short ? 960 : 1024) / (halved ? 2 : 1);
  return { objectType, rateIndex, sampleRate, channelConfig, frameLength };
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === ESCAPE ? 32 + reader.bits(6) : type;
}
