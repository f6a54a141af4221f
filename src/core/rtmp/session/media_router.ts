/**
 * Brings audio, video and data messages to the NetStream that publishes them.
 *
 * @module
 */
import { MessageType } from "../message/types.ts";
import { parseDataMessage } from "./data_message.ts";
import type { SessionHandler } from "./events.ts";
import type { NetStream } from "./net_stream.ts";
import type { NetStreams } from "./net_streams.ts";

/** Where media goes: the part of a {@link SessionHandler} that takes it. */
export type MediaHandler = Pick<SessionHandler, "onMedia" | "onSetData" | "onClearData">;

/** Routes the media of one connection. */
export class MediaRouter {
  /** Messages that belonged to no publishing NetStream, or that no player could read. */
  strayMessages = 0;
  readonly #streams: NetStreams;
  readonly #handler: MediaHandler;
  /** The NetStream media was last for, and the id it came on, so that a message costs no look-up. */
  #current: NetStream | undefined;
  #currentId = -1;

  constructor(streams: NetStreams, handler: MediaHandler) {
    this.#streams = streams;
    this.#handler = handler;
  }

  /** An audio or video message. */
  media(kind: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    let stream = this.#current;
    if (stream === undefined || this.#currentId !== messageStreamId) {
      stream = this.#streams.publisherFor(messageStreamId);
      if (stream === undefined) {
        this.strayMessages++;
        return;
      }
      this.#current = stream;
      this.#currentId = messageStreamId;
    }
    this.#handler.onMedia(stream, kind, timestamp, payload);
  }

  /** Which NetStreams publish has changed. */
  forget(): void {
    this.#current = undefined;
  }

  /** A data message of type 18 or 15. */
  data(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    const stream = this.#streams.publisherFor(messageStreamId);
    const message = stream && parseDataMessage(type, payload);
    if (stream === undefined || message === undefined) {
      this.strayMessages++;
    } else if (message.action === "set") {
      this.#handler.onSetData(stream, message.handler, timestamp, message.payload);
    } else if (message.action === "clear") {
      this.#handler.onClearData(stream, message.handler);
    } else {
      this.#handler.onMedia(stream, MessageType.DataAmf0, timestamp, message.payload);
    }
  }
}
