/**
 * Media for load: valid sequence headers of H.264 and AAC, and frames of the right sizes at the
 * right times that no decoder is meant to see. Each picture carries the time at which it was sent.
 *
 * @module
 */
import { amfObject, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { joined } from "../../src/core/bytes/join.ts";
import { encodeMessage } from "../../src/core/rtmp/chunk/stateless_encoder.ts";
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
  /**
   * Whether sound is sent when it is due, as FFmpeg does, rather than together with the next
   * picture, which is how encoders send that write out what is ready at once.
   */
  readonly apart: boolean;
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

/** What is sent at one time. */
export interface Frame {
  /** Whole messages in chunks. */
  readonly messages: readonly Uint8Array[];
  /** Bytes of these messages with one header each: the least a player has to get. */
  readonly leastBytes: number;
}

/** A message to send again and again. */
interface Template {
  readonly wire: Uint8Array;
  readonly leastBytes: number;
}

/** The media of one publisher, frame by frame. */
export class Media {
  readonly #shape: MediaShape;
  readonly #streamId: number;
  readonly #key: Template;
  readonly #inter: Template;
  readonly #sound: Template;
  #pictures = 0;
  #sounds = 0;

  constructor(shape: MediaShape, messageStreamId: number) {
    this.#shape = shape;
    this.#streamId = messageStreamId;
    const bytesPerGop = shape.kbps * 1000 / 8 * shape.gop / shape.fps;
    const unit = Math.floor(bytesPerGop / (shape.gop - 1 + KEY_WEIGHT));
    this.#inter = this.#template(MessageType.Video, picture(unit, false));
    this.#key = this.#template(MessageType.Video, picture(unit * KEY_WEIGHT, true));
    const sound = new Uint8Array(AUDIO_BYTES).fill(0x5a);
    sound.set([0xaf, 1]);
    this.#sound = this.#template(MessageType.Audio, sound);
  }

  /** Metadata and sequence headers. */
  start(): Uint8Array {
    const metadata = encodeAmf0(
      "@setDataFrame",
      "onMetaData",
      amfObject({ width: 1280, height: 720, videocodecid: 7, audiocodecid: 10 }),
    );
    return joined([
      this.#template(MessageType.DataAmf0, metadata),
      this.#template(MessageType.Video, VIDEO_CONFIG),
      this.#template(MessageType.Audio, AUDIO_CONFIG),
    ].map(({ wire }) => wire));
  }

  /** When the next frame is due, after the first (ms). */
  get nextDue(): number {
    return this.#soundIsNext ? this.#soundDue : this.#pictureDue;
  }

  get #pictureDue(): number {
    return this.#pictures * 1000 / this.#shape.fps;
  }

  get #soundDue(): number {
    return this.#sounds * AUDIO_SAMPLES * 1000 / AUDIO_RATE;
  }

  get #soundIsNext(): boolean {
    return this.#shape.apart && this.#soundDue < this.#pictureDue;
  }

  /** The next picture, stamped with the present, and the sound up to it; or the next sound alone. */
  next(): Frame {
    if (this.#soundIsNext) {
      return { messages: [this.#nextSound()], leastBytes: this.#sound.leastBytes };
    }
    const due = this.#pictureDue;
    const { wire, leastBytes } = this.#pictures % this.#shape.gop === 0 ? this.#key : this.#inter;
    const picture = at(wire, due);
    stamp(picture.subarray(HEADER_LENGTH));
    this.#pictures++;
    const messages = [picture];
    while (!this.#shape.apart && this.#soundDue <= due) messages.push(this.#nextSound());
    return {
      messages,
      leastBytes: leastBytes + (messages.length - 1) * this.#sound.leastBytes,
    };
  }

  #nextSound(): Uint8Array {
    const sound = at(this.#sound.wire, this.#soundDue);
    this.#sounds++;
    return sound;
  }

  #template(type: number, payload: Uint8Array): Template {
    const chunkStreamId = type === MessageType.Video ? 6 : type === MessageType.Audio ? 4 : 5;
    return {
      wire: encodeMessage(type, this.#streamId, 0, payload, chunkStreamId, CHUNK_SIZE),
      leastBytes: HEADER_LENGTH + payload.length,
    };
  }
}

/** One H.264 NAL unit behind an FLV video header, with room for a stamp. */
function picture(wanted: number, isKey: boolean): Uint8Array {
  const length = Math.max(wanted, STAMP_OFFSET + STAMP_LENGTH);
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 8) + 11) & 0xff);
  bytes.set([isKey ? 0x17 : 0x27, 1, 0, 0, 0]);
  viewOf(bytes).setUint32(5, length - 9);
  bytes[9] = isKey ? 0x65 : 0x41;
  return bytes;
}

/** A copy of an encoded message of a given time (ms), which its first header has. */
function at(message: Uint8Array, time: number): Uint8Array {
  const timestamp = Math.floor(time);
  const copy = message.slice();
  copy[1] = timestamp >>> 16;
  copy[2] = timestamp >>> 8;
  copy[3] = timestamp;
  return copy;
}

/** Writes the present into a picture. */
function stamp(payload: Uint8Array): void {
  const view = viewOf(payload);
  view.setUint32(STAMP_OFFSET, MAGIC);
  view.setFloat64(STAMP_OFFSET + 4, now());
}

/** Whether a video message is a coded key frame, no sequence header. */
export function isKeyFrame(payload: Uint8Array): boolean {
  return payload.length > 1 && payload[0]! >> 4 === 1 && payload[1] === 1;
}

/** When a picture was sent, by {@link now}; `undefined` when it says nothing of it. */
export function sentAt(payload: Uint8Array): number | undefined {
  if (payload.length < STAMP_OFFSET + STAMP_LENGTH) return undefined;
  const view = viewOf(payload);
  if (view.getUint32(STAMP_OFFSET) !== MAGIC) return undefined;
  return view.getFloat64(STAMP_OFFSET + 4);
}
