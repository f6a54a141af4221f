/**
 * The sequence header of Opus.
 *
 * @module
 */
import type { AudioFormat } from "./audio_format.ts";
import { startsWith } from "./magic.ts";
import { plausibleChannels } from "./plausible.ts";

/** Opus decodes to this rate whatever was recorded [RFC 7845 §5.1]. */
const OPUS_RATE = 48_000;

/** Reads an Opus identification header [RFC 7845 §5.1]; `undefined` when it is none. */
export function parseOpusHead(head: Uint8Array): AudioFormat | undefined {
  if (head.length < 19 || !startsWith(head, "OpusHead")) return undefined;
  return { sampleRate: OPUS_RATE, channels: plausibleChannels(head[9]) };
}
