/**
 * Media in the form that players in web pages read: H.264 and AAC with their old headers, whatever they
 * were published with, and nothing that such players take for a fault. mpegts.js 1.8 ends at a metadata
 * packet, at what names the channels of sound, at extensions in front of a packet, and at `avc1` and `mp4a`.
 *
 * @module
 */
import {
  AudioPacketType,
  EnhancedReader,
  legacyMessage,
  NO_MESSAGE,
  simpleMessage,
  SoundFormat,
  VideoFrameType,
  VideoPacketType,
} from "../../core/media/mod.ts";

/** Packet types that such players know, of video and of audio. */
const VIDEO: ReadonlySet<number> = new Set([
  VideoPacketType.SequenceStart,
  VideoPacketType.CodedFrames,
  VideoPacketType.SequenceEnd,
  VideoPacketType.CodedFramesX,
]);
const AUDIO: ReadonlySet<number> = new Set([
  AudioPacketType.SequenceStart,
  AudioPacketType.CodedFrames,
  AudioPacketType.SequenceEnd,
]);

/** Makes the plain form of one message after another; keeps none. */
export class PlainForm {
  readonly #reader = new EnhancedReader();

  /**
   * A video message of one track, without multitrack header, in the plain form; itself where it is in
   * that already, and an empty one where there is none.
   */
  video(payload: Uint8Array): Uint8Array {
    if (payload.length === 0) return NO_MESSAGE;
    if (payload[0]! < 0x80) {
      return payload[0]! >> 4 === VideoFrameType.Command ? NO_MESSAGE : payload;
    }
    const reader = this.#reader;
    if (!reader.openVideo(payload) || !reader.next() || reader.cut) return NO_MESSAGE;
    return VIDEO.has(reader.packetType) ? this.#plain(payload) : NO_MESSAGE;
  }

  /** An audio message, likewise. */
  audio(payload: Uint8Array): Uint8Array {
    const reader = this.#reader;
    if (payload.length === 0 || payload[0]! >> 4 !== SoundFormat.Enhanced) return payload;
    if (!reader.openAudio(payload) || !reader.next() || reader.cut) return NO_MESSAGE;
    return AUDIO.has(reader.packetType) ? this.#plain(payload) : NO_MESSAGE;
  }

  #plain(payload: Uint8Array): Uint8Array {
    return legacyMessage(payload, this.#reader) ?? simpleMessage(payload, this.#reader);
  }
}
