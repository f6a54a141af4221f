/**
 * Goes through the tracks of an RTMP media message of any form, old or enhanced, and says of each what
 * is in it [FLV §E.4.2, §E.4.3], [E-RTMP v2].
 *
 * @module
 */
import { audioCodecKey, NO_CODEC, videoCodecKey } from "../media/message/codec_key.ts";
import { Tracks } from "../media/enhanced/packet_header.ts";
import { EnhancedReader } from "../media/enhanced/reader.ts";
import {
  AAC_HEADER_LENGTH,
  AacPacketType,
  AudioPacketType,
  AVC_HEADER_LENGTH,
  AvcPacketType,
  VideoFrameType,
  VideoPacketType,
} from "../media/flv_tag.ts";
import { FourCc } from "../media/four_cc.ts";
import { opusHeadAt } from "../media/codecs/opus.ts";

/** What a packet is. */
export const PacketKind = {
  /** Neither of the others: it says nothing that a container holds. */
  Other: 0,
  /** A decoder configuration. */
  Config: 1,
  /** Coded media. */
  Frame: 2,
  /** The track has ended. */
  End: 3,
} as const;

/** RTMP message type of audio; the other one is video. */
const AUDIO = 8;

/** Lowest FourCC; keys below it are ids of codecs that have none. */
const FIRST_FOUR_CC = 0x20_00_00_00;

/** Bytes of a composition time. */
const COMPOSITION_LENGTH = 3;

/** The AV1 video descriptor of a transport stream, and its header [AV1 in MPEG-2 TS §2.2.2]. */
const AV1_DESCRIPTOR_TAG = 0x80;
const AV1_DESCRIPTOR_HEADER = 2;

/**
 * A cursor to be used for one message after another. It allocates nothing and keeps no message but the
 * last.
 *
 * ```ts
 * reader.open(kind, payload);
 * while (reader.next()) use(reader.trackId, reader.packet, payload.subarray(reader.start, reader.end));
 * ```
 */
export class PacketReader {
  /** Id of the track: 0 where the message has no multitrack header. */
  trackId = 0;
  /** The codec: one of `FourCc`, or the number of `videoCodecKey` and `audioCodecKey`. */
  codec: number = NO_CODEC;
  /** One of {@linkcode PacketKind}. */
  packet: number = PacketKind.Other;
  /** The message says that decoding can start here; true of sound. */
  key = false;
  /** Milliseconds from the decode time to the presentation time. */
  composition = 0;
  /** Where the configuration or the coded media begins in the message, and where it ends. */
  start = 0;
  end = 0;

  readonly #enhanced = new EnhancedReader();
  #payload: Uint8Array = EMPTY;
  #isAudio = false;
  /** What is left: 0 nothing, 1 the message itself, 2 tracks of the enhanced reader. */
  #left = 0;

  /**
   * Opens a message.
   *
   * @param kind 8 for audio, 9 for video
   */
  open(kind: number, payload: Uint8Array): void {
    const isAudio = this.#isAudio = kind === AUDIO;
    this.#payload = payload;
    this.#left = 0;
    if (isAudio ? this.#enhanced.openAudio(payload) : this.#enhanced.openVideo(payload)) {
      this.#left = 2;
      return;
    }
    this.codec = isAudio ? audioCodecKey(payload) : videoCodecKey(payload);
    // What is marked as enhanced and could not be opened is none of the old form.
    const marked = isAudio ? payload[0]! >> 4 === 9 : payload[0]! >= 0x80;
    if (payload.length > 1 && this.codec !== NO_CODEC && !marked) this.#left = 1;
  }

  /** Goes to the next track; `false` when there is none. */
  next(): boolean {
    if (this.#left === 0) return false;
    if (this.#left === 2) return this.#nextTrack();
    this.#left = 0;
    this.trackId = 0;
    this.composition = 0;
    this.end = this.#payload.length;
    if (this.#isAudio) this.#oldAudio();
    else this.#oldVideo();
    return true;
  }

  #oldAudio(): void {
    const payload = this.#payload;
    this.key = true;
    this.start = 1;
    this.packet = PacketKind.Frame;
    if (this.codec === FourCc.Aac) {
      this.start = AAC_HEADER_LENGTH;
      this.packet = payload[1] === AacPacketType.SequenceHeader
        ? PacketKind.Config
        : payload[1] === AacPacketType.Raw
        ? PacketKind.Frame
        : PacketKind.Other;
    } else if (this.codec === FourCc.Opus) {
      const head = opusHeadAt(payload);
      if (head > 0) {
        this.start = head;
        this.packet = PacketKind.Config;
      }
    }
  }

  #oldVideo(): void {
    const payload = this.#payload;
    this.key = payload[0]! >> 4 === VideoFrameType.Key;
    this.start = 1;
    this.packet = PacketKind.Frame;
    if (this.codec < FIRST_FOUR_CC) return;
    this.start = AVC_HEADER_LENGTH;
    const type = payload[1];
    this.packet = type === AvcPacketType.SequenceHeader
      ? PacketKind.Config
      : type === AvcPacketType.Coded
      ? PacketKind.Frame
      : type === AvcPacketType.EndOfSequence
      ? PacketKind.End
      : PacketKind.Other;
    // Of AV1 the field is there as well, and is 0.
    this.composition = signed24(payload, 2);
  }

  #nextTrack(): boolean {
    const reader = this.#enhanced;
    if (!reader.next()) return false;
    // A track that is cut short is no whole frame.
    if (reader.cut) return this.#nextTrack();
    this.trackId = reader.tracks === Tracks.Single ? 0 : reader.trackId;
    this.codec = reader.fourCc;
    this.start = reader.start;
    this.end = reader.end;
    this.composition = 0;
    this.packet = PacketKind.Other;
    const { packetType } = reader;
    if (this.#isAudio) {
      this.key = true;
      if (packetType === AudioPacketType.SequenceStart) this.packet = PacketKind.Config;
      else if (packetType === AudioPacketType.CodedFrames) this.packet = PacketKind.Frame;
      else if (packetType === AudioPacketType.SequenceEnd) this.packet = PacketKind.End;
      return true;
    }
    this.key = reader.frameType === VideoFrameType.Key;
    switch (packetType) {
      case VideoPacketType.SequenceStart:
        this.packet = PacketKind.Config;
        break;
      case VideoPacketType.Mpeg2TsSequenceStart:
        if (this.#payload[this.start] !== AV1_DESCRIPTOR_TAG) break;
        this.packet = PacketKind.Config;
        this.start += AV1_DESCRIPTOR_HEADER;
        break;
      case VideoPacketType.CodedFrames:
        this.packet = PacketKind.Frame;
        if (!reader.hasCompositionTime) break;
        this.composition = signed24(this.#payload, this.start);
        this.start += COMPOSITION_LENGTH;
        break;
      case VideoPacketType.CodedFramesX:
        this.packet = PacketKind.Frame;
        break;
      case VideoPacketType.SequenceEnd:
        this.packet = PacketKind.End;
    }
    return true;
  }
}

const EMPTY = new Uint8Array();

function signed24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24 | (bytes[at + 1] ?? 0) << 16 | (bytes[at + 2] ?? 0) << 8) >> 8;
}
