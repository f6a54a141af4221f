/**
 * Describes audio by one message.
 *
 * @module
 */
import { parseAacConfig } from "../codecs/aac_config.ts";
import { parseAc3Frame } from "../codecs/ac3.ts";
import { type AudioFormat, soundFormatOf } from "../codecs/audio_format.ts";
import { codecString, plainCodecString } from "./codec_string.ts";
import { type AudioDescription, joinAudio } from "./description.ts";
import { parseFlacConfig } from "../codecs/flac.ts";
import { parseMp3Frame } from "../codecs/mp3.ts";
import { type MultichannelConfig, parseMultichannelConfig } from "../enhanced/multichannel.ts";
import { parseOpusHead } from "../codecs/opus.ts";
import { openAudio } from "../message/packet.ts";

/** What an audio message says, a sequence header or a frame; `undefined` when that is nothing. */
export function audioOfMessage(payload: Uint8Array | undefined): AudioDescription | undefined {
  const packet = payload && openAudio(payload);
  if (packet === undefined) return undefined;
  const { codec, kind, body } = packet;
  const said = kind === "config"
    ? configOf(codec, body)
    : kind === "frame"
    ? frameOf(codec, body)
    : undefined;
  const exact = kind === "config" ? codecString(codec, body) : undefined;
  return joinAudio(said, soundFormatOf(payload![0]!), {
    codec,
    codecString: exact ?? plainCodecString(codec),
  });
}

/** What a channel configuration says, a message body; `undefined` when that is nothing. */
export function audioOfPresentation(
  payload: Uint8Array | undefined,
): MultichannelConfig | undefined {
  const packet = payload && openAudio(payload);
  return packet === undefined ? undefined : parseMultichannelConfig(packet.body);
}

function configOf(codec: string, config: Uint8Array): Partial<AudioDescription> | undefined {
  switch (codec) {
    case "aac":
      return parseAacConfig(config);
    case "opus":
      return parseOpusHead(config);
    case "flac":
      return parseFlacConfig(config);
    default:
      return undefined;
  }
}

function frameOf(codec: string, frame: Uint8Array): AudioFormat | undefined {
  switch (codec) {
    case "mp3":
      return parseMp3Frame(frame);
    case "ac3":
    case "eac3":
      return parseAc3Frame(frame);
    default:
      return undefined;
  }
}
