/**
 * Formats of tracks of sound.
 *
 * @module
 */
import { parseAacConfig } from "../media/codecs/aac_config.ts";
import { aacFraming } from "./aac_framing.ts";
import type { FormatResult } from "./track_format.ts";

/**
 * The format of an AAC track.
 *
 * @param config AudioSpecificConfig; copied
 */
export function aacFormat(config: Uint8Array): FormatResult {
  const known = parseAacConfig(config);
  const framing = aacFraming(config);
  if (known === undefined || framing === undefined) {
    return { problem: `The configuration of AAC is damaged (${config.length} bytes)` };
  }
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
