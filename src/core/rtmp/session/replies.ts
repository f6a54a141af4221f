/**
 * The messages a server sends of its own: command replies, status, control, user control.
 *
 * @module
 */
import { amfObject, type AmfValue, encodeAmf0 } from "../../amf/mod.ts";
import { encodeMessage } from "../chunk/stateless_encoder.ts";
import { encodeSetChunkSize } from "../message/control.ts";
import { MessageType } from "../message/types.ts";
import { encodeUserControl, type UserControl } from "../message/user_control.ts";
import { type Capabilities, serverCapabilities } from "./capabilities.ts";
import { statusInfo } from "./status.ts";

/** Chunk stream id of protocol control [RTMP 1.0 §5.4]. */
const CONTROL_CSID = 2;
/** Chunk stream id of commands; the one every client uses itself. */
const COMMAND_CSID = 3;
/** Chunk stream id of data messages. */
export const DATA_CSID = 5;

/**
 * What was made last of what nearly all clients are told. There is little of it: it differs by message
 * stream id and chunk size.
 */
const COMMON = new Map<string, Uint8Array>();
const MAX_COMMON = 64;

/** Takes what is to be sent. */
export interface ReplySink {
  /** Takes one or more whole messages. */
  send(bytes: Uint8Array): void;
}

/** Writes whole messages to a peer. */
export class Replies {
  /** Outgoing chunk size; the peer has been told. */
  chunkSize = 128;
  #mediaChunkSize: number | undefined;
  readonly #sink: ReplySink;

  /** `sink` takes each message, as bytes that are never changed. */
  constructor(sink: ReplySink) {
    this.#sink = sink;
  }

  #message(type: number, messageStreamId: number, payload: Uint8Array, csid: number): void {
    this.#sink.send(encodeMessage(type, messageStreamId, 0, payload, csid, this.chunkSize));
  }

  /** A protocol control message; see `message/control.ts` for the bodies. */
  control(type: number, body: Uint8Array): void {
    this.#message(type, 0, body, CONTROL_CSID);
  }

  /** Set Chunk Size, in force from the next message on. */
  setChunkSize(size: number): void {
    this.control(MessageType.SetChunkSize, encodeSetChunkSize(size));
    this.chunkSize = size;
  }

  /** Has {@link setChunkSize} wait until media is due. */
  deferChunkSize(size: number): void {
    this.#mediaChunkSize = size;
  }

  /** Media comes next, in chunks of the size that was put off. */
  mediaFollows(): void {
    if (this.#mediaChunkSize !== undefined) this.setChunkSize(this.#mediaChunkSize);
    this.#mediaChunkSize = undefined;
  }

  /** A user control event. */
  userControl(event: UserControl): void {
    this.control(MessageType.UserControl, encodeUserControl(event));
  }

  /** A command. */
  command(messageStreamId: number, name: string, transactionId: number, ...values: AmfValue[]) {
    const payload = encodeAmf0(name, transactionId, ...values);
    this.#message(MessageType.CommandAmf0, messageStreamId, payload, COMMAND_CSID);
  }

  /** `_result` with no command object; nothing when the caller wants no answer (id 0). */
  result(messageStreamId: number, transactionId: number, value: AmfValue): void {
    if (transactionId !== 0) this.command(messageStreamId, "_result", transactionId, null, value);
  }

  /** `_error`; nothing when the caller wants no answer (id 0). */
  error(messageStreamId: number, transactionId: number, code: string, description: string): void {
    if (transactionId === 0) return;
    this.command(messageStreamId, "_error", transactionId, null, statusInfo(code, description));
  }

  /** `onStatus` on a message stream. */
  status(
    messageStreamId: number,
    code: string,
    description: string,
    more: Record<string, string | number> = {},
  ): void {
    this.command(messageStreamId, "onStatus", 0, null, statusInfo(code, description, more));
  }

  /** `onStatus` that many clients are sent: it is encoded once for all of them. */
  notice(messageStreamId: number, code: string, description: string): void {
    this.#common(`${code} ${description}`, MessageType.CommandAmf0, messageStreamId, () => {
      return encodeAmf0("onStatus", 0, null, statusInfo(code, description, {}));
    });
  }

  /** Flash players may show pictures and analyse sound. */
  sampleAccess(messageStreamId: number): void {
    this.#common("access", MessageType.DataAmf0, messageStreamId, () => {
      return encodeAmf0("|RtmpSampleAccess", true, true);
    });
  }

  /** Sends what many are sent; `what` names it among all that is. */
  #common(what: string, type: number, messageStreamId: number, payload: () => Uint8Array): void {
    const key = `${messageStreamId} ${this.chunkSize} ${what}`;
    let bytes = COMMON.get(key);
    if (bytes === undefined) {
      const csid = type === MessageType.DataAmf0 ? DATA_CSID : COMMAND_CSID;
      bytes = encodeMessage(type, messageStreamId, 0, payload(), csid, this.chunkSize);
      if (COMMON.size >= MAX_COMMON) COMMON.clear();
      COMMON.set(key, bytes);
    }
    this.#sink.send(bytes);
  }

  /** A data message with a timestamp (ms, modulo 2^32). */
  dataAt(timestamp: number, messageStreamId: number, ...values: AmfValue[]): void {
    const payload = encodeAmf0(...values);
    const { chunkSize } = this;
    const type = MessageType.DataAmf0;
    this.#sink.send(encodeMessage(type, messageStreamId, timestamp, payload, DATA_CSID, chunkSize));
  }

  /** A shared object message of type 16 or 19. */
  sharedObject(type: 16 | 19, payload: Uint8Array): void {
    this.#message(type, 0, payload, COMMAND_CSID);
  }

  /** The answer to an accepted connect [RTMP 1.0 §7.2.1.1]. */
  connectResult(transactionId: number, objectEncoding: number, client: Capabilities): void {
    const result = () =>
      encodeAmf0(
        "_result",
        transactionId,
        amfObject({ fmsVer: "FMS/3,5,7,7009", capabilities: 31, mode: 1 }),
        amfObject({
          level: "status",
          code: "NetConnection.Connect.Success",
          description: "Connection succeeded.",
          objectEncoding,
          ...serverCapabilities(client),
        }),
      );
    if (client.fourCcList === undefined && transactionId === 1) {
      return this.#common(`connect ${objectEncoding}`, MessageType.CommandAmf0, 0, result);
    }
    this.#message(MessageType.CommandAmf0, 0, result(), COMMAND_CSID);
  }
}
