/**
 * One track of an Enhanced RTMP message in the form that was there before, which players of any age
 * can read [FLV §E.4.2.1, §E.4.3.1].
 *
 * @module
 */
import type { EnhancedReader } from "./reader.ts";
import {
  AacPacketType,
  AudioPacketType,
  AvcPacketType,
  SoundFormat,
  VideoCodecId,
  VideoPacketType,
} from "../flv_tag.ts";
import { FourCc } from "../four_cc.ts";

/** What every AAC message says of rate, size and channels: nothing, the configuration does. */
const AAC_SOUND = SoundFormat.Aac << 4 | 0x0f;

/** What {@linkcode legacyMessage} makes of a packet that the old form has no word for. */
export const NO_MESSAGE: Uint8Array = new Uint8Array();

/**
 * The reader's current track as an H.264 message with the codec id 7, or an AAC message with the
 * sound format 10. {@linkcode NO_MESSAGE} for what there is no such message for, HDR metadata for
 * instance; `undefined` when the codec is another one.
 *
 * @param payload the message that the reader is open on
 */
export function legacyMessage(payload: Uint8Array, reader: EnhancedReader): Uint8Array | undefined {
  if (reader.fourCc === FourCc.Avc) return avcMessage(payload, reader);
  return reader.fourCc === FourCc.Aac ? aacMessage(payload, reader) : undefined;
}

function avcMessage(payload: Uint8Array, { frameType, packetType, start, end }: EnhancedReader) {
  const first = frameType << 4 | VideoCodecId.Avc;
  switch (packetType) {
    case VideoPacketType.SequenceStart:
      return build([first, AvcPacketType.SequenceHeader, 0, 0, 0], payload, start, end);
    case VideoPacketType.CodedFrames:
      // The composition time is where the old form has it.
      return build([first, AvcPacketType.Coded], payload, start, end);
    case VideoPacketType.CodedFramesX:
      return build([first, AvcPacketType.Coded, 0, 0, 0], payload, start, end);
    case VideoPacketType.SequenceEnd:
      return Uint8Array.of(first, AvcPacketType.EndOfSequence, 0, 0, 0);
    default:
      return NO_MESSAGE;
  }
}

function aacMessage(payload: Uint8Array, { packetType, start, end }: EnhancedReader) {
  switch (packetType) {
    case AudioPacketType.SequenceStart:
      return build([AAC_SOUND, AacPacketType.SequenceHeader], payload, start, end);
    case AudioPacketType.CodedFrames:
      return build([AAC_SOUND, AacPacketType.Raw], payload, start, end);
    default:
      return NO_MESSAGE;
  }
}

function build(head: readonly number[], payload: Uint8Array, start: number, end: number) {
  const bytes = new Uint8Array(head.length + end - start);
  bytes.set(head);
  bytes.set(payload.subarray(start, end), head.length);
  return bytes;
}
