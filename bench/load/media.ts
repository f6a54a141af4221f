/**
 * Media for load: valid sequence headers of H.264 and AAC, and frames of the right sizes at the
 * right times that no decoder is meant to see. Each picture carries the time at which it was sent.
 *
 * @module
 */
import { amfObject, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { encodeMessage } from "../../src/core/rtmp/chunk/encoder.ts";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import { now } from "../clock.ts";

/** What a publisher sends. */
export interface MediaShape {
  /** Video, without sound (10^3 bit/s). */
  readonly kbps: number;
  /** Pictures a second. */
  readonly fps: number;
  /** Pictures from one key frame to the next. */
  readonly gop: number;
}

/** Payload bytes per chunk, as encoders have it. */
export const CHUNK_SIZE = 4096;

/** How many times larger a key frame is than the others. */
const KEY_WEIGHT = 6;

/** 128 kbit/s of AAC at 44.1 kHz. */
const AUDIO_BYTES = 372;
const AUDIO_SAMPLES = 1024;
const AUDIO_RATE = 44_100;

/** H.264 High 3.1, 1280x720, 30 pictures/s, as x264 describes it. */
const VIDEO_CONFIG = bytesOf(
  "17000000000164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000468ef8fcbfd" +
    "f8f800",
);
/** AAC-LC, 44.1 kHz, stereo. */
const AUDIO_CONFIG = bytesOf("af001210");

/** FLV video header, length of the NAL unit and its header stand in front of the stamp. */
const STAMP_OFFSET = 10;
/** Tells a stamped picture from others. */
const MAGIC = 0x534c5543;
const STAMP_LENGTH = 12;

/** Bytes of the type 0 chunk header in front of a message. */
const HEADER_LENGTH = 12;

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A picture and the sound up to it. */
export interface Frame {
  /** The messages in chunks, the picture first. */
  readonly messages: readonly Uint8Array[];
  /** Bytes of its messages with one header each: the least a player has to get. */
  readonly leastBytes: number;
}

/** The media of one publisher, frame by frame. */
export class Media {
  readonly #shape: MediaShape;
  readonly #key: Uint8Array;
  readonly #inter: Uint8Array;
  readonly #audio: Uint8Array;
  readonly #streamId: number;
  readonly #leastVideo: { readonly key: number; readonly inter: number };
  #frames = 0;
  #audioFrames = 0;

  constructor(shape: MediaShape, messageStreamId: number) {
    this.#shape = shape;
    this.#streamId = messageStreamId;
    const bytesPerGop = shape.kbps * 1000 / 8 * shape.gop / shape.fps;
    const unit = Math.floor(bytesPerGop / (shape.gop - 1 + KEY_WEIGHT));
    const inter = picture(Math.max(unit, STAMP_OFFSET + STAMP_LENGTH), false);
    const key = picture(Math.max(unit * KEY_WEIGHT, STAMP_OFFSET + STAMP_LENGTH), true);
    this.#leastVideo = { key: HEADER_LENGTH + key.length, inter: HEADER_LENGTH + inter.length };
    this.#inter = this.#encode(MessageType.Video, inter);
    this.#key = this.#encode(MessageType.Video, key);
    const audio = new Uint8Array(AUDIO_BYTES).fill(0x5a);
    audio.set([0xaf, 1]);
    this.#audio = this.#encode(MessageType.Audio, audio);
  }

  /** When the next frame is due, after the first (ms). */
  get nextDue(): number {
    return this.#frames * 1000 / this.#shape.fps;
  }

  /** Metadata and sequence headers. */
  start(): Uint8Array {
    const metadata = encodeAmf0(
      "@setDataFrame",
      "onMetaData",
      amfObject({ width: 1280, height: 720, videocodecid: 7, audiocodecid: 10 }),
    );
    return joined([
      this.#encode(MessageType.DataAmf0, metadata),
      this.#encode(MessageType.Video, VIDEO_CONFIG),
      this.#encode(MessageType.Audio, AUDIO_CONFIG),
    ]);
  }

  /** The next picture, stamped with the present, and the sound up to it. */
  next(): Frame {
    const timestamp = Math.floor(this.nextDue);
    const isKey = this.#frames % this.#shape.gop === 0;
    this.#frames++;
    const messages = [at(isKey ? this.#key : this.#inter, timestamp)];
    let leastBytes = isKey ? this.#leastVideo.key : this.#leastVideo.inter;
    for (;;) {
      const time = Math.floor(this.#audioFrames * AUDIO_SAMPLES * 1000 / AUDIO_RATE);
      if (time > timestamp) break;
      messages.push(at(this.#audio, time));
      leastBytes += HEADER_LENGTH + AUDIO_BYTES;
      this.#audioFrames++;
    }
    const view = viewOf(messages[0]!);
    view.setUint32(HEADER_LENGTH + STAMP_OFFSET, MAGIC);
    view.setFloat64(HEADER_LENGTH + STAMP_OFFSET + 4, now());
    return { messages, leastBytes };
  }

  #encode(type: number, payload: Uint8Array): Uint8Array {
    const chunkStreamId = type === MessageType.Video ? 6 : type === MessageType.Audio ? 4 : 5;
    return encodeMessage(type, this.#streamId, 0, payload, chunkStreamId, CHUNK_SIZE);
  }
}

/** One H.264 NAL unit behind an FLV video header. */
function picture(length: number, isKey: boolean): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 8) + 11) & 0xff);
  bytes.set([isKey ? 0x17 : 0x27, 1, 0, 0, 0]);
  viewOf(bytes).setUint32(5, length - 9);
  bytes[9] = isKey ? 0x65 : 0x41;
  return bytes;
}

/** A copy of an encoded message with another timestamp, in its first header. */
function at(message: Uint8Array, timestamp: number): Uint8Array {
  const copy = message.slice();
  copy[1] = timestamp >>> 16;
  copy[2] = timestamp >>> 8;
  copy[3] = timestamp;
  return copy;
}

/** All parts in one piece. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((offset, part) => (whole.set(part, offset), offset + part.length), 0);
  return whole;
}

/** Whether a video message is a coded key frame, no sequence header. */
export function isKeyFrame(payload: Uint8Array): boolean {
  return payload.length > 1 && payload[0]! >> 4 === 1 && payload[1] === 1;
}

/** When a video message was sent, by {@link now}; `undefined` when it says nothing of it. */
export function sentAt(payload: Uint8Array): number | undefined {
  if (payload.length < STAMP_OFFSET + STAMP_LENGTH) return undefined;
  const view = viewOf(payload);
  if (view.getUint32(STAMP_OFFSET) !== MAGIC) return undefined;
  return view.getFloat64(STAMP_OFFSET + 4);
}
