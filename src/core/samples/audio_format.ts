/**
 * Formats of tracks of sound whose configuration says all there is to know.
 *
 * @module
 */
import { parseAacConfig } from "../media/codecs/aac_config.ts";
import { parseFlacConfig } from "../media/codecs/flac.ts";
import { startsWith } from "../media/fields/magic.ts";
import { parseOpusHead } from "../media/codecs/opus.ts";
import { aacFraming } from "./aac_framing.ts";
import type { FormatResult } from "./track_format.ts";

/** Bytes of a STREAMINFO block [RFC 9639 §8.2], and of what may stand before it. */
const STREAMINFO_LENGTH = 34;
const FLAC_MAGIC_LENGTH = 4 + 4;

/** Bytes of an identification header before its channel mapping table [RFC 7845 §5.1]. */
const OPUS_HEAD_LENGTH = 19;
const OPUS_CHANNELS_AT = 9;
const OPUS_FAMILY_AT = 18;

/**
 * The format of an AAC track.
 *
 * @param config AudioSpecificConfig; copied
 */
export function aacFormat(config: Uint8Array): FormatResult {
  const known = parseAacConfig(config);
  const framing = aacFraming(config);
  if (known === undefined || framing === undefined) return damaged("AAC", config);
  if (known.channels === undefined) {
    return { problem: "The configuration of AAC does not say how many channels there are" };
  }
  return {
    format: {
      kind: "audio",
      codec: "aac",
      codecString: `mp4a.40.${known.signalledType}`,
      config: config.slice(),
      timescale: known.sampleRate,
      sampleRate: known.sampleRate,
      channels: known.channels,
      // With spectral band replication twice as many samples come out as the core has.
      frameTicks: Math.round(framing.frameLength * known.sampleRate / framing.sampleRate),
    },
  };
}

/**
 * The format of an Opus track.
 *
 * @param head identification header; copied
 */
export function opusFormat(head: Uint8Array): FormatResult {
  const known = parseOpusHead(head);
  const channels = head[OPUS_CHANNELS_AT];
  const table = head[OPUS_FAMILY_AT] === 0 ? 0 : 2 + (channels ?? 0);
  if (known?.channels === undefined || head.length < OPUS_HEAD_LENGTH + table) {
    return damaged("Opus", head);
  }
  if (table === 0 && known.channels > 2) return damaged("Opus", head);
  return {
    format: {
      kind: "audio",
      codec: "opus",
      codecString: "opus",
      config: head.slice(0, OPUS_HEAD_LENGTH + table),
      timescale: known.sampleRate!,
      sampleRate: known.sampleRate!,
      channels: known.channels,
    },
  };
}

/**
 * The format of a FLAC track.
 *
 * @param config STREAMINFO, with `fLaC` and the block header or without; copied
 */
export function flacFormat(config: Uint8Array): FormatResult {
  const known = parseFlacConfig(config);
  const start = startsWith(config, "fLaC") ? FLAC_MAGIC_LENGTH : 0;
  const info = config.slice(start, start + STREAMINFO_LENGTH);
  if (known?.channels === undefined || info.length < STREAMINFO_LENGTH) {
    return damaged("FLAC", config);
  }
  return {
    format: {
      kind: "audio",
      codec: "flac",
      codecString: "flac",
      config: info,
      timescale: known.sampleRate!,
      sampleRate: known.sampleRate!,
      channels: known.channels,
      bitDepth: known.bitDepth!,
    },
  };
}

function damaged(codec: string, config: Uint8Array): FormatResult {
  return { problem: `The configuration of ${codec} is damaged (${config.length} bytes)` };
}
