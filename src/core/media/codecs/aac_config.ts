/**
 * The sequence header of AAC [ISO/IEC 14496-3 §1.6.2.1].
 *
 * @module
 */
import { countProgramChannels } from "./aac_program.ts";
import { BitReader } from "../fields/bits.ts";
import { plausibleSampleRate } from "../fields/plausible.ts";

/** What an AudioSpecificConfig says. */
export interface AacConfig {
  /** Audio object type of the core: 2 is AAC LC. */
  readonly objectType: number;
  /** Audio object type that names all of it: 5 with spectral band replication, 29 with parametric stereo. */
  readonly signalledType: number;
  /** Name of the profile, `undefined` for an object type that has none here. */
  readonly profile?: string;
  /** Hertz of what comes out: with spectral band replication twice that of the core. */
  readonly sampleRate: number;
  /** Channels that come out, `undefined` when the configuration leaves them to the stream. */
  readonly channels?: number;
}

/** Audio object types [ISO/IEC 14496-3 §1.5.1.1]. */
const AAC_LC = 2;
const SBR = 5;
const AAC_SCALABLE = 6;
const PS = 29;
const ESCAPE = 31;

/** Hertz by sampling frequency index [ISO/IEC 14496-3 §1.6.3.4]; index 15 is an explicit one. */
const SAMPLE_RATES = [
  ...[96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000],
  ...[22_050, 16_000, 12_000, 11_025, 8_000, 7_350],
];

/** Channels by channel configuration; 0 is a program config element [ISO/IEC 14496-3 §1.6.3.5]. */
const CHANNELS = [undefined, 1, 2, 3, 4, 5, 6, 8, undefined, undefined, undefined, 7, 8, 24, 8];

/** Object types with a GASpecificConfig that is read to its end. */
const GENERAL_AUDIO = new Set([1, AAC_LC, 3, 4, AAC_SCALABLE, 7]);

/** Error resilient object types, whose GASpecificConfig is read up to the channels. */
const ERROR_RESILIENT = new Set([17, 19, 20, 21, 22, 23]);

/** Marks of the extensions behind the configuration [ISO/IEC 14496-3 §1.6.5]. */
const SYNC_SBR = 0x2b7;
const SYNC_PS = 0x548;

const PROFILES: ReadonlyMap<number, string> = new Map([
  [1, "Main"],
  [AAC_LC, "LC"],
  [3, "SSR"],
  [4, "LTP"],
  [23, "LD"],
  [39, "ELD"],
  [42, "xHE-AAC"],
]);

/** Reads an AudioSpecificConfig; `undefined` when it is damaged or says nothing of use. */
export function parseAacConfig(config: Uint8Array): AacConfig | undefined {
  const reader = new BitReader(config);
  let objectType = readObjectType(reader);
  let sampleRate = readSampleRate(reader);
  const channelConfig = reader.bits(4);
  let sbr = objectType === SBR || objectType === PS;
  let ps = objectType === PS;
  if (sbr) {
    sampleRate = readSampleRate(reader);
    objectType = readObjectType(reader);
  }
  let channels = CHANNELS[channelConfig];
  const general = GENERAL_AUDIO.has(objectType);
  if (general || ERROR_RESILIENT.has(objectType)) {
    const program = skipGeneralAudio(reader, objectType, channelConfig);
    if (channelConfig === 0) channels = program;
  }
  if (reader.failed || sampleRate === undefined || objectType === 0) return undefined;
  if (general && !sbr) {
    const extension = readExtension(reader);
    sbr = extension.sampleRate !== undefined;
    ps = extension.ps;
    sampleRate = extension.sampleRate ?? sampleRate;
  }
  return {
    objectType,
    signalledType: ps ? PS : sbr ? SBR : objectType,
    profile: ps ? "HE-AACv2" : sbr ? "HE-AAC" : PROFILES.get(objectType),
    sampleRate,
    // Parametric stereo makes two channels of one.
    channels: ps && channels === 1 ? 2 : channels,
  };
}

/** GetAudioObjectType [ISO/IEC 14496-3 §1.6.2.1]. */
function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === ESCAPE ? 32 + reader.bits(6) : type;
}

function readSampleRate(reader: BitReader): number | undefined {
  const index = reader.bits(4);
  return index === 15 ? plausibleSampleRate(reader.bits(24)) : SAMPLE_RATES[index];
}

/** GASpecificConfig [ISO/IEC 14496-3 §4.4.1]; returns the channels of its program, if it has one. */
function skipGeneralAudio(
  reader: BitReader,
  objectType: number,
  channelConfig: number,
): number | undefined {
  reader.skip(1); // frameLengthFlag
  if (reader.flag()) reader.skip(14); // coreCoderDelay
  const extended = reader.flag();
  const channels = channelConfig === 0 ? countProgramChannels(reader) : undefined;
  if (objectType === AAC_SCALABLE) reader.skip(3); // layerNr
  if (extended && GENERAL_AUDIO.has(objectType)) reader.skip(1); // extensionFlag3
  return channels;
}

/** The extensions that decoders of plain AAC do not see. They may be missing or cut short. */
function readExtension(reader: BitReader): { sampleRate?: number; ps: boolean } {
  if (reader.remaining < 16 || reader.bits(11) !== SYNC_SBR) return { ps: false };
  if (readObjectType(reader) !== SBR || !reader.flag()) return { ps: false };
  const sampleRate = readSampleRate(reader);
  if (reader.failed) return { ps: false };
  const ps = reader.remaining >= 12 && reader.bits(11) === SYNC_PS && reader.flag();
  return { sampleRate, ps: ps && sampleRate !== undefined };
}
