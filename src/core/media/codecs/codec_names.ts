/**
 * Short names of codecs, by the ids of FLV, by FourCC and by what metadata says.
 *
 * @module
 */
import { SoundFormat, VideoCodecId } from "../flv_tag.ts";

/** Name of a codec that is not known here. */
export const UNKNOWN_CODEC = "unknown";

/** [FLV §E.4.3.1] */
const VIDEO_IDS: ReadonlyMap<number, string> = new Map([
  [VideoCodecId.SorensonH263, "h263"],
  [VideoCodecId.ScreenVideo, "screen"],
  [VideoCodecId.Vp6, "vp6"],
  [VideoCodecId.Vp6Alpha, "vp6"],
  [VideoCodecId.ScreenVideo2, "screen"],
  [VideoCodecId.Avc, "avc"],
  [VideoCodecId.Hevc, "hevc"],
  [VideoCodecId.Av1, "av1"],
]);

/** [FLV §E.4.2.1] */
const AUDIO_FORMATS: ReadonlyMap<number, string> = new Map([
  [SoundFormat.Pcm, "pcm"],
  [SoundFormat.Adpcm, "adpcm"],
  [SoundFormat.Mp3, "mp3"],
  [SoundFormat.PcmLittleEndian, "pcm"],
  [SoundFormat.Nellymoser16k, "nellymoser"],
  [SoundFormat.Nellymoser8k, "nellymoser"],
  [SoundFormat.Nellymoser, "nellymoser"],
  [SoundFormat.G711A, "g711a"],
  [SoundFormat.G711U, "g711u"],
  [SoundFormat.Aac, "aac"],
  [SoundFormat.Speex, "speex"],
  [SoundFormat.Opus, "opus"],
  [SoundFormat.Mp3At8k, "mp3"],
]);

/** [E-RTMP v2 "Enhanced Video"], in lower case; `hev1` and the plain names are for metadata. */
const VIDEO_FOURCCS: ReadonlyMap<string, string> = new Map([
  ["avc1", "avc"],
  ["h264", "avc"],
  ["hvc1", "hevc"],
  ["hev1", "hevc"],
  ["h265", "hevc"],
  ["vvc1", "vvc"],
  ["av01", "av1"],
  ["vp08", "vp8"],
  ["vp09", "vp9"],
]);

/** [E-RTMP v2 "Enhanced Audio"], in lower case. */
const AUDIO_FOURCCS: ReadonlyMap<string, string> = new Map([
  ["mp4a", "aac"],
  [".mp3", "mp3"],
  ["opus", "opus"],
  ["flac", "flac"],
  ["ac-3", "ac3"],
  ["ec-3", "eac3"],
]);

const VIDEO_NAMES = new Set([...VIDEO_IDS.values(), ...VIDEO_FOURCCS.values()]);
const AUDIO_NAMES = new Set([...AUDIO_FORMATS.values(), ...AUDIO_FOURCCS.values()]);

/** Numbers from here on are four characters, the smallest of them spaces. */
const SMALLEST_FOURCC = 0x20202020;

/** Longest name looked at in metadata, in characters. */
const MAX_NAME_LENGTH = 16;

/** Name of a video codec id. */
export function videoCodecOfId(id: number): string {
  return VIDEO_IDS.get(id) ?? UNKNOWN_CODEC;
}

/** Name of a sound format. */
export function audioCodecOfFormat(format: number): string {
  return AUDIO_FORMATS.get(format) ?? UNKNOWN_CODEC;
}

/** Name of a video FourCC, four characters. */
export function videoCodecOfFourCc(fourCc: string): string {
  return VIDEO_FOURCCS.get(fourCc.toLowerCase()) ?? UNKNOWN_CODEC;
}

/** Name of an audio FourCC, four characters. */
export function audioCodecOfFourCc(fourCc: string): string {
  return AUDIO_FOURCCS.get(fourCc.toLowerCase()) ?? UNKNOWN_CODEC;
}

/** Name of a `videocodecid`; `undefined` when it says nothing. There is no codec 0 of video. */
export function videoCodecOfMetadata(value: unknown): string | undefined {
  if (value === 0) return undefined;
  return ofMetadata(value, videoCodecOfId, videoCodecOfFourCc, VIDEO_NAMES);
}

/** Name of an `audiocodecid`; `undefined` when it says nothing. */
export function audioCodecOfMetadata(value: unknown): string | undefined {
  return ofMetadata(value, audioCodecOfFormat, audioCodecOfFourCc, AUDIO_NAMES);
}

function ofMetadata(
  value: unknown,
  ofId: (id: number) => string,
  ofFourCc: (fourCc: string) => string,
  names: ReadonlySet<string>,
): string | undefined {
  if (typeof value === "string") {
    if (value === "" || value.length > MAX_NAME_LENGTH) return undefined;
    const name = value.toLowerCase();
    return names.has(name) ? name : ofFourCc(name);
  }
  if (typeof value !== "number" || !Number.isInteger(value)) return undefined;
  if (value < 0 || value > 0xffffffff) return undefined;
  return value < SMALLEST_FOURCC ? ofId(value) : ofFourCc(fourCcOfNumber(value));
}

function fourCcOfNumber(value: number): string {
  const byte = (shift: number) => (value >> shift) & 0xff;
  return String.fromCharCode(byte(24), byte(16), byte(8), byte(0));
}
