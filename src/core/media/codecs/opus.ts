/**
 * The sequence header of Opus.
 *
 * @module
 */
import type { AudioFormat } from "./audio_format.ts";
import { AacPacketType } from "../flv_tag.ts";
import { startsWith } from "../fields/magic.ts";
import { plausibleChannels } from "../fields/plausible.ts";

/** How an identification header begins [RFC 7845 §5.1]. */
const OPUS_MAGIC = "OpusHead";

/** Opus decodes to this rate whatever was recorded [RFC 7845 §5.1]. */
const OPUS_RATE = 48_000;

/** Reads an Opus identification header [RFC 7845 §5.1]; `undefined` when it is none. */
export function parseOpusHead(head: Uint8Array): AudioFormat | undefined {
  if (head.length < 19 || !startsWith(head, OPUS_MAGIC)) return undefined;
  return { sampleRate: OPUS_RATE, channels: plausibleChannels(head[9]) };
}

/**
 * Where the identification header is in a message of sound format 13, 0 when there is none. That
 * format has no standard: the header comes behind the format, or behind a packet type as AAC has one,
 * or not at all.
 */
export function opusHeadAt(payload: Uint8Array): number {
  if (startsWith(payload, OPUS_MAGIC, 1)) return 1;
  const isHeader = payload[1] === AacPacketType.SequenceHeader;
  return isHeader && startsWith(payload, OPUS_MAGIC, 2) ? 2 : 0;
}
