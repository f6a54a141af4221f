/**
 * Goes through the tracks of an Enhanced RTMP message [E-RTMP v2 "ExVideoTagHeader",
 * "ExAudioTagHeader", "ExVideoTagBody", "ExAudioTagBody"].
 *
 * @module
 */
import {
  findFourCc,
  isEnhancedCommand,
  MAX_TRACKS_PER_MESSAGE,
  NOT_FOUND,
  offsetAt,
  packetTypeAt,
  skipModEx,
  Tracks,
  tracksAt,
} from "./packet_header.ts";
import { AudioPacketType, SoundFormat, VideoPacketType } from "../flv_tag.ts";
import { FourCc, FOURCC_LENGTH, readFourCc } from "../four_cc.ts";

/** Bytes of a track's size. */
const SIZE_LENGTH = 3;

/**
 * A cursor over the tracks of one message, to be used for one message after another: it allocates
 * nothing and keeps no message but the last. A message without multitrack header has one track, with
 * the id 0.
 *
 * ```ts
 * if (reader.openVideo(payload)) {
 *   while (reader.next()) use(reader.trackId, payload.subarray(reader.start, reader.end));
 * }
 * ```
 */
export class EnhancedReader {
  /** Frame type of all tracks, one of `VideoFrameType`; of audio 0. */
  frameType = 0;
  /** Packet type of all tracks, one of `VideoPacketType` or `AudioPacketType`. */
  packetType = 0;
  /** One of `Tracks`: how the message holds its tracks. */
  tracks: number = Tracks.Single;
  /** Bytes before the multitrack header, or without one before the FourCC: types and extensions. */
  prefixLength = 0;

  /** Of the current track. */
  trackId = 0;
  /** Of the current track: its FourCC as a number, such as those of `FourCc`. */
  fourCc = 0;
  /** Where the body of the current track begins, its composition time included. */
  start = 0;
  /** Where it ends; never behind the end of the message. */
  end = 0;
  /** Whether the current track says that it is longer than the message. It is the last then. */
  cut = false;

  #payload: Uint8Array = EMPTY;
  /** Where the next track begins, -1 when there is none. */
  #next = -1;
  #count = 0;

  /**
   * Opens a video message. `false` when it has no tracks: it is not of Enhanced RTMP, a command, cut
   * short, or not of a form that is defined.
   */
  openVideo(payload: Uint8Array): boolean {
    this.#next = -1;
    if (payload.length === 0 || payload[0]! < 0x80) return false;
    this.frameType = (payload[0]! >> 4) & 7;
    const place = skipModEx(payload);
    if (place === NOT_FOUND || isEnhancedCommand(payload, this.frameType, place)) return false;
    return this.#open(payload, place, VideoPacketType.Multitrack);
  }

  /** Opens an audio message. `false` when it has no tracks, as of {@linkcode openVideo}. */
  openAudio(payload: Uint8Array): boolean {
    this.#next = -1;
    if (payload.length === 0 || payload[0]! >> 4 !== SoundFormat.Enhanced) return false;
    this.frameType = 0;
    const place = skipModEx(payload);
    return place !== NOT_FOUND && this.#open(payload, place, AudioPacketType.Multitrack);
  }

  #open(payload: Uint8Array, place: number, multitrack: number): boolean {
    const found = findFourCc(payload, place, multitrack);
    if (found === NOT_FOUND) return false;
    this.#payload = payload;
    this.prefixLength = offsetAt(place);
    this.packetType = packetTypeAt(found);
    this.tracks = tracksAt(found);
    this.fourCc = readFourCc(payload, offsetAt(found));
    // Where every track names its codec, the FourCC found is part of the first one.
    this.#next = offsetAt(found) +
      (this.tracks === Tracks.ManyTracksManyCodecs ? 0 : FOURCC_LENGTH);
    this.#count = 0;
    return true;
  }

  /** Goes to the next track; `false` when there is none, or only the beginning of its header. */
  next(): boolean {
    let at = this.#next;
    const payload = this.#payload;
    const { length } = payload;
    const { tracks } = this;
    if (at < 0) return false;
    this.#next = -1;
    this.cut = false;
    this.end = length;
    if (tracks === Tracks.Single) {
      this.trackId = 0;
      this.start = at;
      return true;
    }
    if (tracks === Tracks.ManyTracksManyCodecs) {
      if (at + FOURCC_LENGTH > length) return false;
      this.fourCc = readFourCc(payload, at);
      at += FOURCC_LENGTH;
    }
    if (at >= length) return false;
    this.trackId = payload[at]!;
    at += 1;
    if (tracks === Tracks.OneTrack) {
      this.start = at;
      return true;
    }
    if (at + SIZE_LENGTH > length) return false;
    const size = (payload[at]! << 16) + (payload[at + 1]! << 8) + payload[at + 2]!;
    this.start = at + SIZE_LENGTH;
    this.cut = this.start + size > length;
    if (!this.cut) this.end = this.start + size;
    this.#count++;
    if (this.end < length && this.#count < MAX_TRACKS_PER_MESSAGE) this.#next = this.end;
    return true;
  }

  /** Whether the bodies of this message's current track begin with a composition time, of 3 bytes. */
  get hasCompositionTime(): boolean {
    const { fourCc } = this;
    return this.packetType === VideoPacketType.CodedFrames &&
      (fourCc === FourCc.Avc || fourCc === FourCc.Hevc || fourCc === FourCc.Vvc);
  }
}

const EMPTY = new Uint8Array();
