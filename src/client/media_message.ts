/**
 * A piece of media, as it is published and played.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";
import { MessageType } from "../core/rtmp/message/types.ts";

/** A piece of media: a message of RTMP. */
export interface MediaMessage {
  /** `data` is metadata, captions and the like. */
  readonly kind: "audio" | "video" | "data";
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
  /**
   * The body of an FLV tag [FLV §E.4]: codec and packet type, then the coded media. Of `data`, AMF0
   * values that begin with a name such as `onMetaData`.
   */
  readonly payload: Uint8Array;
}

/** What a message costs in memory besides its payload, bytes, about. */
const OVERHEAD_BYTES = 128;

/** Bytes that a message takes up while it waits. */
export function sizeOf(message: MediaMessage): number {
  return message.payload.length + OVERHEAD_BYTES;
}

/** The message type of a kind. @throws {UsageError} for what is no kind */
export function typeOf(kind: MediaMessage["kind"]): 8 | 9 | 18 {
  switch (kind) {
    case "audio":
      return MessageType.Audio;
    case "video":
      return MessageType.Video;
    case "data":
      return MessageType.DataAmf0;
    default:
      throw new UsageError(`Cannot publish media of the kind ${String(kind).slice(0, 20)}`);
  }
}

/** The kind of a message type of media. */
export function kindOf(type: number): MediaMessage["kind"] {
  return type === MessageType.Audio ? "audio" : type === MessageType.Video ? "video" : "data";
}
