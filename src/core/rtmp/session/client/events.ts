/**
 * What a client session tells its owner.
 *
 * @module
 */
import type { AmfValue } from "../../../amf/mod.ts";
import type { ProtocolError } from "../../../errors.ts";
import type { Capabilities } from "../capabilities.ts";
import type { ClientStream } from "./client_stream.ts";

/** An information object of `onStatus`, `_result` or `_error` [RTMP 1.0 §7.2]. */
export interface ServerStatus {
  /** `status`, `warning` or `error`, as far as the server said one of them. */
  readonly level: string;
  /** `NetStream.Play.Start` for instance; `""` when there is none. */
  readonly code: string;
  /** Text of the server for people: of any content. */
  readonly description: string;
  /** The whole object. */
  readonly properties: ReadonlyMap<string, AmfValue>;
}

/** Why the server would not. */
export interface ServerRefusal extends ServerStatus {
  /** Where to go instead, when the server said so [Flash Media Server, code 302]. */
  readonly redirect?: string;
}

/** The answer to an accepted connect [RTMP 1.0 §7.2.1.1]. */
export interface ConnectAnswer extends ServerStatus {
  /** First object of the answer: `fmsVer`, `capabilities`, `mode`. */
  readonly server: ReadonlyMap<string, AmfValue>;
  /** What the server announced of Enhanced RTMP. */
  readonly capabilities: Capabilities;
}

/** A method that the server calls. */
export interface ServerCall {
  /** Name of the method. */
  readonly method: string;
  /** 0 when the server wants no answer. */
  readonly transactionId: number;
  /** Where it came, and where an answer goes; 0 for the connection. */
  readonly messageStreamId: number;
  /** What follows the command object. */
  readonly args: readonly AmfValue[];
}

/** User control events about a stream: `StreamEof`, `StreamIsRecorded` and their like. */
export type StreamNotice = 0 | 1 | 2 | 4 | 31 | 32;

/**
 * The owner of a session. Every call is synchronous and must not throw; it may call the session.
 */
export interface ClientSessionHandler {
  /** Bytes for the server, in order. Never changed afterwards. */
  send(bytes: Uint8Array): void;
  /** The server let us in: streams may be created. */
  onConnect(answer: ConnectAnswer): void;
  /** A stream has its id: it may publish or play. */
  onCreated(stream: ClientStream): void;
  /**
   * Publishing or playing began. `status` is what the server said; `undefined` when media of a play
   * came without a word.
   */
  onStarted(stream: ClientStream, status: ServerStatus | undefined): void;
  /**
   * The server refused a connect (no `stream`; the session ends then), to create a stream, or what
   * the stream asked for.
   */
  onRefused(stream: ClientStream | undefined, refusal: ServerRefusal): void;
  /** What a stream published was taken away, or what it played is over. */
  onEnded(stream: ClientStream, status: ServerStatus): void;
  /**
   * An audio (8), video (9) or data (18) message of a playing stream. `payload` belongs to the
   * owner; with `lendPayloads` it is valid during the call only.
   */
  onMedia(stream: ClientStream, type: number, timestamp: number, payload: Uint8Array): void;
  /** Every `onStatus`, before what it brings about; without `stream` it is about the connection. */
  onStatus(stream: ClientStream | undefined, status: ServerStatus): void;
  /** A user control event of a stream. `StreamEof` comes with a pause as well as with an end. */
  onStreamNotice(stream: ClientStream, event: StreamNotice): void;
  /** The answer to a call of ours: `_result`, when it is `ok`, or `_error`. */
  onAnswer(transactionId: number, ok: boolean, value: AmfValue): void;
  /** The server calls a method; `answerCall` or `failCall` answers, at once or later, or never. */
  onCall(call: ServerCall): void;
  /** We are asked to connect again, to `tcUrl` if there is one [E-RTMP v2 "Reconnect Request"]. */
  onReconnectRequest(tcUrl: string | undefined, status: ServerStatus): void;
  /** A shared object message of type 16 or 19; `payload` is valid during the call only. */
  onSharedObject(type: 16 | 19, payload: Uint8Array): void;
  /** The session is over; with an `error` the server broke the protocol or one of our limits. */
  onEnd(error?: ProtocolError): void;
}
