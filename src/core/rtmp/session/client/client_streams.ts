/**
 * The streams of one client connection, and the media that comes for them.
 *
 * @module
 */
import { asRecord, decodeAmf0 } from "../../../amf/mod.ts";
import { ProtocolError, UsageError } from "../../../errors.ts";
import { forEachAggregated } from "../../message/aggregate.ts";
import { MessageType } from "../../message/types.ts";
import { decodeUserControl } from "../../message/user_control.ts";
import { parseDataMessage } from "../data_message.ts";
import { ClientStream } from "./client_stream.ts";
import { readStatus } from "./connect_command.ts";
import type { ClientSessionHandler, ServerStatus } from "./events.ts";
import { statusEffect } from "./status_effect.ts";

/** Flash Media Server reports on what plays with a data message of this name. */
const PLAY_STATUS = "onPlayStatus";

/** The streams of one client connection. */
export class ClientStreams {
  /** Those that have an id, by it. */
  readonly byId = new Map<number, ClientStream>();
  /** Messages that were of no stream that plays, or could not be read. */
  strayMessages = 0;
  readonly #handler: ClientSessionHandler;
  readonly #limit: number;
  /** Those whose id is still to come. */
  readonly #creating = new Set<ClientStream>();
  /** The stream media was last for, so that a message costs no look-up. */
  #current: ClientStream | undefined;

  constructor(handler: ClientSessionHandler, limit: number) {
    this.#handler = handler;
    this.#limit = limit;
  }

  /** A new one. @throws {UsageError} when there are too many */
  open(): ClientStream {
    if (this.byId.size + this.#creating.size >= this.#limit) {
      throw new UsageError(`Cannot create more than ${this.#limit} streams`);
    }
    const stream = new ClientStream();
    this.#creating.add(stream);
    return stream;
  }

  /** The server gave a stream its id. Returns whether it can have that. */
  identify(stream: ClientStream, id: unknown): id is number {
    this.#creating.delete(stream);
    const usable = typeof id === "number" && Number.isInteger(id) && id > 0 && id < 2 ** 32;
    if (!usable || this.byId.has(id)) return false;
    stream.id = id;
    if (stream.state !== "deleted") this.byId.set(id, stream);
    return true;
  }

  /** Forgets a stream. */
  remove(stream: ClientStream): void {
    this.#creating.delete(stream);
    if (this.byId.get(stream.id) === stream) this.byId.delete(stream.id);
  }

  /** Forgets them all. */
  clear(): void {
    for (const stream of [...this.#creating, ...this.byId.values()]) stream.apply("delete");
    this.#creating.clear();
    this.byId.clear();
    this.#current = undefined;
  }

  /** The stream that a status on this message stream is about; servers may leave it at 0. */
  addressed(messageStreamId: number): ClientStream | undefined {
    const stream = this.byId.get(messageStreamId);
    if (stream !== undefined || messageStreamId !== 0) return stream;
    return this.byId.size === 1 ? this.byId.values().next().value : undefined;
  }

  /** Reports a status of a stream, and does what it brings about. */
  report(stream: ClientStream, status: ServerStatus): void {
    this.#handler.onStatus(stream, status);
    switch (statusEffect(stream.state, status)) {
      case "start":
        stream.apply("start");
        return this.#handler.onStarted(stream, status);
      case "refuse":
        stream.apply("refuse");
        return this.#handler.onRefused(stream, status);
      case "end":
        stream.apply("stop");
        return this.#handler.onEnded(stream, status);
    }
  }

  /** The stream that plays on this message stream. */
  #playing(messageStreamId: number): ClientStream | undefined {
    const current = this.#current;
    if (current?.id === messageStreamId && current.state === "playing") return current;
    const stream = this.addressed(messageStreamId);
    if (stream?.state === "playing") return this.#current = stream;
    if (stream?.state !== "play-pending") return undefined;
    return stream;
  }

  /** An audio or video message. */
  media(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    const stream = this.#playing(messageStreamId);
    if (stream === undefined) {
      this.strayMessages++;
      return;
    }
    // Media says as much as Play.Start, which not every server sends.
    if (stream.state === "play-pending" && stream.apply("start")) {
      this.#handler.onStarted(stream, undefined);
    }
    this.#handler.onMedia(stream, type, timestamp, payload);
  }

  /** A data message of type 18 or 15. */
  data(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    const stream = this.#playing(messageStreamId);
    const message = stream && parseDataMessage(type, payload);
    if (message === undefined || stream?.state !== "playing") this.strayMessages++;
    else if (message.handler === PLAY_STATUS) this.#playStatus(stream, message.payload);
    else this.#handler.onMedia(stream, MessageType.DataAmf0, timestamp, message.payload);
  }

  #playStatus(stream: ClientStream, payload: Uint8Array): void {
    try {
      const values = decodeAmf0(payload);
      const info = values.find((value) => asRecord(value) !== undefined);
      if (info !== undefined) return this.report(stream, readStatus(info));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
    this.strayMessages++;
  }

  /** An aggregate message. It carries media and data; whatever else is in it is not acted upon. */
  aggregate(messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    forEachAggregated(payload, timestamp, messageStreamId, this.#aggregated);
  }

  readonly #aggregated = (
    type: number,
    messageStreamId: number,
    timestamp: number,
    payload: Uint8Array,
  ): void => {
    if (type === MessageType.Audio || type === MessageType.Video) {
      this.media(type, messageStreamId, timestamp, payload);
    } else if (type === MessageType.DataAmf0 || type === MessageType.DataAmf3) {
      this.data(type, messageStreamId, timestamp, payload);
    }
  };

  /** A user control message; those about no stream of ours are read past. */
  userControl(payload: Uint8Array): void {
    const message = decodeUserControl(payload);
    if (message === undefined || !("streamId" in message) || message.event === 3) return;
    const stream = this.byId.get(message.streamId);
    if (stream !== undefined) this.#handler.onStreamNotice(stream, message.event);
  }
}
