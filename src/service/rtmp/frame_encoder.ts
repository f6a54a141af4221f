/**
 * Frames as RTMP messages. Every message has a type 0 header, so its bytes depend on nothing that
 * was sent before: one encoding serves every player, and any message may be left out.
 *
 * @module
 */
import { encodedSize, encodeMessageInto } from "../../core/rtmp/chunk/encoder.ts";
import { type FrameEncoder, FrameKind, type MediaFrame } from "../../hub/mod.ts";

/** Chunk stream ids of media; any but 2 would do, clients do not look. */
const CHUNK_STREAM_IDS: Record<number, number> = {
  [FrameKind.Audio]: 4,
  [FrameKind.Data]: 5,
  [FrameKind.Video]: 6,
};

class RtmpFrameEncoder implements FrameEncoder {
  readonly key: string;
  readonly #messageStreamId: number;
  readonly #chunkSize: number;
  readonly #audio: boolean;
  readonly #video: boolean;

  constructor(messageStreamId: number, chunkSize: number, audio: boolean, video: boolean) {
    this.key = rtmpEncoderKey(messageStreamId, audio, video);
    this.#messageStreamId = messageStreamId;
    this.#chunkSize = chunkSize;
    this.#audio = audio;
    this.#video = video;
  }

  accepts(kind: number): boolean {
    if (kind === FrameKind.Audio) return this.#audio;
    return kind !== FrameKind.Video || this.#video;
  }

  size(frame: MediaFrame): number {
    const csid = CHUNK_STREAM_IDS[frame.kind]!;
    return encodedSize(frame.payload.length, frame.timestamp, csid, this.#chunkSize);
  }

  encode(frame: MediaFrame, target: Uint8Array, offset: number): void {
    encodeMessageInto(
      target,
      offset,
      frame.kind,
      this.#messageStreamId,
      frame.timestamp,
      frame.payload,
      CHUNK_STREAM_IDS[frame.kind]!,
      this.#chunkSize,
    );
  }
}

function rtmpEncoderKey(messageStreamId: number, audio: boolean, video: boolean): string {
  return `rtmp:${messageStreamId}:${audio ? "a" : ""}${video ? "v" : ""}`;
}

/** The encoders of one server; at most four per message stream id in use. */
export class RtmpEncoders {
  readonly #chunkSize: number;
  readonly #encoders = new Map<string, FrameEncoder>();

  /** `chunkSize` is the outgoing chunk size every client is told, 128..65536. */
  constructor(chunkSize: number) {
    this.#chunkSize = chunkSize;
  }

  /** The encoder for players on this message stream that receive audio, video or both. */
  get(messageStreamId: number, audio: boolean, video: boolean): FrameEncoder {
    const key = rtmpEncoderKey(messageStreamId, audio, video);
    let encoder = this.#encoders.get(key);
    if (encoder === undefined) {
      encoder = new RtmpFrameEncoder(messageStreamId, this.#chunkSize, audio, video);
      this.#encoders.set(key, encoder);
    }
    return encoder;
  }
}
