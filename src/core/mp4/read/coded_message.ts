/**
 * Samples as the messages that RTMP has for them: in the old form where there is one, so that players of any
 * age read them, else in that of Enhanced RTMP [FLV §E.4], [E-RTMP v2 "Enhanced Video", "Enhanced Audio"].
 *
 * @module
 */
import {
  AacPacketType,
  AudioPacketType,
  AvcPacketType,
  SoundFormat,
  VideoCodecId,
  VideoFrameType,
  VideoPacketType,
} from "../../media/flv_tag.ts";
import { FourCc, FOURCC_LENGTH, writeFourCc } from "../../media/four_cc.ts";
import { Tracks } from "../../media/enhanced/packet_header.ts";
import type { TrackCoding } from "./sample_entry.ts";

/** What is said of rate, size and channels where the configuration does. */
const AAC_SOUND = SoundFormat.Aac << 4 | 0x0f;

/** Rates that the old form has bits for. */
const RATES = [5_512, 11_025, 22_050, 44_100];

const FOUR_CCS: Readonly<Record<TrackCoding["codec"], number>> = {
  avc: FourCc.Avc,
  hevc: FourCc.Hevc,
  av1: FourCc.Av1,
  vp8: FourCc.Vp8,
  vp9: FourCc.Vp9,
  aac: FourCc.Aac,
  mp3: FourCc.Mp3,
  opus: FourCc.Opus,
  flac: FourCc.Flac,
  ac3: FourCc.Ac3,
  eac3: FourCc.Eac3,
};

/** Most bytes that a message has in front of its media. */
export const MAX_HEAD = 16;

/** Makes the messages of one track. */
export class CodedMessages {
  /** 8 for audio, 9 for video. */
  readonly kind: number;
  /** Whether they have a multitrack header. */
  readonly multitrack: boolean;
  readonly #coding: TrackCoding;
  readonly #trackId: number;
  readonly #isOld: boolean;
  /** Whether there is a composition time in front of the media. */
  readonly #hasComposition: boolean;

  /** @param trackId of the track among those of its kind: 0 is what players get that know of one only */
  constructor(coding: TrackCoding, trackId: number) {
    const { kind, codec } = coding;
    this.kind = kind === "audio" ? 8 : 9;
    this.multitrack = trackId > 0;
    this.#coding = coding;
    this.#trackId = trackId;
    this.#isOld = trackId === 0 && (codec === "avc" || codec === "aac" || codec === "mp3");
    this.#hasComposition = codec === "avc" || codec === "hevc";
  }

  /** How `onMetaData` names the codec. */
  get codecId(): number {
    if (!this.#isOld) return FOUR_CCS[this.#coding.codec];
    if (this.kind === 9) return VideoCodecId.Avc;
    return this.#coding.codec === "aac" ? SoundFormat.Aac : SoundFormat.Mp3;
  }

  /** The sequence header; `undefined` where the frames say everything. */
  get header(): Uint8Array | undefined {
    const { config } = this.#coding;
    if (config.length === 0) return undefined;
    const message = this.#begin(true, true, 0, config.length);
    message.set(config, message.length - config.length);
    return message;
  }

  /**
   * Room for a message of `size` bytes of media, which belong at its end.
   *
   * @param composition milliseconds, from -2^23 to 2^23-1
   * @param room where to make it, if it is there: {@link MAX_HEAD} bytes more than those of the media
   */
  frame(key: boolean, composition: number, size: number, room?: Uint8Array): Uint8Array {
    return this.#begin(false, key, composition, size, room);
  }

  #begin(
    header: boolean,
    key: boolean,
    composition: number,
    size: number,
    room?: Uint8Array,
  ): Uint8Array {
    return this.kind === 9
      ? this.#video(header, key, composition, size, room)
      : this.#audio(header, size, room);
  }

  #video(
    header: boolean,
    key: boolean,
    composition: number,
    size: number,
    room?: Uint8Array,
  ): Uint8Array {
    const frame = key ? VideoFrameType.Key : VideoFrameType.Inter;
    if (this.#isOld) {
      const bytes = take(room, 5 + size);
      bytes[0] = frame << 4 | VideoCodecId.Avc;
      bytes[1] = header ? AvcPacketType.SequenceHeader : AvcPacketType.Coded;
      write24(bytes, 2, composition);
      return bytes;
    }
    const has = this.#hasComposition && !header && composition !== 0;
    const packet = header
      ? VideoPacketType.SequenceStart
      : this.#hasComposition && !has
      ? VideoPacketType.CodedFramesX
      : VideoPacketType.CodedFrames;
    const head = this.#enhanced(0x80 | frame << 4, packet, VideoPacketType.Multitrack);
    const bytes = take(room, head.length + (has ? 3 : 0) + size);
    bytes.set(head);
    if (has) write24(bytes, head.length, composition);
    return bytes;
  }

  #audio(header: boolean, size: number, room?: Uint8Array): Uint8Array {
    const { codec, channels, sampleRate } = this.#coding;
    if (this.#isOld && codec === "aac") {
      const bytes = take(room, 2 + size);
      bytes[0] = AAC_SOUND;
      bytes[1] = header ? AacPacketType.SequenceHeader : AacPacketType.Raw;
      return bytes;
    }
    if (this.#isOld) {
      const bytes = take(room, 1 + size);
      const rate = RATES.findIndex((known) => sampleRate <= known);
      const format = sampleRate === 8_000 ? SoundFormat.Mp3At8k : SoundFormat.Mp3;
      bytes[0] = format << 4 | (rate < 0 ? 3 : rate) << 2 | 2 | (channels > 1 ? 1 : 0);
      return bytes;
    }
    const packet = header ? AudioPacketType.SequenceStart : AudioPacketType.CodedFrames;
    const head = this.#enhanced(SoundFormat.Enhanced << 4, packet, AudioPacketType.Multitrack);
    const bytes = take(room, head.length + size);
    bytes.set(head);
    return bytes;
  }

  #enhanced(first: number, packet: number, multitrack: number): Uint8Array {
    const head = new Uint8Array(1 + FOURCC_LENGTH + (this.multitrack ? 2 : 0));
    let at = 0;
    head[at++] = first | (this.multitrack ? multitrack : packet);
    if (this.multitrack) head[at++] = (Tracks.OneTrack - 1) << 4 | packet;
    writeFourCc(head, at, FOUR_CCS[this.#coding.codec]);
    if (this.multitrack) head[at + FOURCC_LENGTH] = this.#trackId;
    return head;
  }
}

function take(room: Uint8Array | undefined, size: number): Uint8Array {
  return room === undefined ? new Uint8Array(size) : room.subarray(0, size);
}

function write24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 16;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value;
}
