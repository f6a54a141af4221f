/**
 * Commands as they are read off the wire, and what those who carry them out need of their session.
 *
 * @module
 */
import { Amf0Decoder, type AmfLimits, type AmfValue, decodeCommandBody } from "../../amf/mod.ts";
import { ByteReader } from "../../bytes/reader.ts";
import { ProtocolError } from "../../errors.ts";
import { MessageType } from "../message/types.ts";
import type { ConnectQuery } from "../stream_name.ts";
import type { RemoteCall, StreamLengthRequest } from "./requests.ts";
import type { NetStream } from "./net_stream.ts";
import type { NetStreams } from "./net_streams.ts";
import type { Replies } from "./replies.ts";
import type { StreamRequests } from "./stream_requests.ts";

/** A decoded command [RTMP 1.0 §7.2]. */
export interface Command {
  readonly name: string;
  /** 0 when the client wants no answer. */
  readonly transactionId: number;
  readonly messageStreamId: number;
  /** Everything behind the transaction id: the command object, then the arguments. */
  readonly values: readonly AmfValue[];
  /** Set when only name and transaction id could be read. */
  readonly unreadable?: true;
}

/** Where a client said it is; the names of publish and play are relative to it. */
export interface Origin {
  /** `app` as it came, when it was a string. */
  readonly app: string | undefined;
  readonly tcUrl: string;
  /** The parameters of both. */
  readonly query: ConnectQuery;
}

/** What the commands need of their session. */
export interface CommandSession {
  readonly replies: Replies;
  readonly streams: NetStreams;
  /** Set by connect. */
  origin: Origin;
  /** What its NetStreams ask for and do. */
  readonly requests: StreamRequests;
  /** `time`: what the client has seen, as a timestamp (ms), if it says so. */
  pauseStream(stream: NetStream, paused: boolean, time?: number): void;
  /** The stream is to be played from headers and a key frame again, a recording from `to` on (ms). */
  seek(stream: NetStream, to?: number): void;
  /** How long a recording lasts; answered at once or later. */
  streamLength(request: StreamLengthRequest): void;
  /** The stream's `receiveAudio` or `receiveVideo` changed. */
  receiveChanged(stream: NetStream): void;
  /** The owner answers it. */
  call(call: RemoteCall): void;
  answered(transactionId: number, ok: boolean, value: AmfValue): void;
  /** A publish or play was refused without asking anybody. */
  refused(): void;
  close(): void;
}

/** Carries out one command. */
export type CommandHandler = (session: CommandSession, command: Command) => void;

/**
 * Reads a command of type 20 or 17, within `limits`. `undefined` when it is malformed, or too much,
 * in its very name.
 * Never throws because of input: the chunk decoder has bounded it already.
 */
export function readCommand(
  type: number,
  messageStreamId: number,
  payload: Uint8Array,
  limits: Partial<AmfLimits> = {},
): Command | undefined {
  let values: readonly AmfValue[] = [];
  let unreadable = false;
  try {
    values = decodeCommandBody(type, payload, limits);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    values = readHead(type, payload);
    unreadable = true;
  }
  const [name, id, ...rest] = values;
  if (typeof name !== "string") return undefined;
  const transactionId = typeof id === "number" && Number.isFinite(id) ? id : 0;
  const command = { name, transactionId, messageStreamId, values: rest };
  return unreadable ? { ...command, unreadable } : command;
}

/** Name and transaction id of a body whose rest cannot be read, so that its caller gets an answer. */
function readHead(type: number, payload: Uint8Array): AmfValue[] {
  const hasFormat = type === MessageType.CommandAmf3 && payload[0] === 0;
  const reader = new ByteReader(hasFormat ? payload.subarray(1) : payload, "amf");
  const decoder = new Amf0Decoder(reader);
  const values: AmfValue[] = [];
  try {
    while (values.length < 2) values.push(decoder.readValue());
  } catch {
    // Then the name has to do, if there is one.
  }
  return values;
}
