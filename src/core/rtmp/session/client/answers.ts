/**
 * Commands of the server: answers to our requests, statuses, and calls of its own.
 *
 * @module
 */
import { type AmfLimits, type AmfValue, asRecord } from "../../../amf/mod.ts";
import type { ProtocolError } from "../../../errors.ts";
import { type Command, readCommand } from "../command.ts";
import type { ClientStream } from "./client_stream.ts";
import type { ClientStreams } from "./client_streams.ts";
import { readConnectAnswer, readRefusal, readStatus } from "./connect_command.ts";
import type { ClientSessionHandler, ServerCall, ServerRefusal } from "./events.ts";
import type { Transactions } from "./transactions.ts";

/** What is said of a stream whose id is none, or taken: simple servers know one stream only. */
const NO_ID: ServerRefusal = {
  level: "error",
  code: "NetConnection.Call.Failed",
  description: "The server has no usable id for another stream.",
  properties: new Map(),
};

/** What a transaction was for. */
export type Answered =
  | { readonly what: "connect" | "call" }
  /** `stream` asked for its id. */
  | { readonly what: "stream"; readonly stream: ClientStream }
  /** `stream` asked to publish or to play: only an `_error` says anything. */
  | { readonly what: "request"; readonly stream: ClientStream };

/** What the commands of a server need of the session. */
export interface AnswerSession {
  /** The server let us in. */
  onConnected(): void;
  /** A stream that was given up meanwhile has its id. */
  deleteStream(stream: ClientStream): void;
  call(call: ServerCall): void;
  close(error?: ProtocolError): void;
  isConnected(): boolean;
}

/** Reads the commands of a server. */
export class AnswerReader {
  /** Answers nobody waits for, statuses without content, and what cannot be read. */
  strayMessages = 0;
  readonly #transactions: Transactions<Answered>;
  readonly #streams: ClientStreams;
  readonly #handler: ClientSessionHandler;
  readonly #session: AnswerSession;
  readonly #limits: Partial<AmfLimits> | undefined;

  constructor(
    transactions: Transactions<Answered>,
    streams: ClientStreams,
    handler: ClientSessionHandler,
    session: AnswerSession,
    limits?: Partial<AmfLimits>,
  ) {
    this.#transactions = transactions;
    this.#streams = streams;
    this.#handler = handler;
    this.#session = session;
    this.#limits = limits;
  }

  /** A command message of type 20 or 17. */
  command(type: number, messageStreamId: number, payload: Uint8Array): void {
    const command = readCommand(type, messageStreamId, payload, this.#limits);
    switch (command?.name) {
      case undefined:
        this.strayMessages++;
        return;
      case "_result":
      case "_error":
        return this.#answer(command!);
      case "onStatus":
        return this.#status(command!);
      case "close":
        return this.#session.close();
      default:
        return this.#call(command!);
    }
  }

  #answer({ name, transactionId, values }: Command): void {
    const answered = this.#transactions.take(transactionId);
    const ok = name === "_result";
    const value = values[1];
    switch (answered?.what) {
      case undefined:
        // Servers answer more than they are asked: to releaseStream for instance.
        this.strayMessages++;
        return;
      case "connect":
        return this.#connect(ok, values);
      case "stream":
        return this.#created(answered!.stream, ok, value);
      case "request":
        if (!ok) this.#refused(answered!.stream, value);
        return;
      case "call":
        return this.#handler.onAnswer(transactionId, ok, value);
    }
  }

  #connect(ok: boolean, values: readonly AmfValue[]): void {
    const answer = readConnectAnswer(values);
    if (ok && answer.level !== "error") {
      this.#session.onConnected();
      return this.#handler.onConnect(answer);
    }
    // Some servers leave the first object out.
    const info = values.findLast((value) => asRecord(value) !== undefined);
    this.#handler.onRefused(undefined, readRefusal(info));
    this.#session.close();
  }

  #created(stream: ClientStream, ok: boolean, id: AmfValue): void {
    const usable = ok && this.#streams.identify(stream, id);
    if (stream.state === "deleted") {
      if (usable) this.#session.deleteStream(stream);
    } else if (usable) {
      stream.apply("create");
      this.#handler.onCreated(stream);
    } else {
      this.#streams.remove(stream);
      stream.apply("refuse");
      this.#handler.onRefused(stream, ok ? NO_ID : readRefusal(id));
    }
  }

  #refused(stream: ClientStream, info: AmfValue): void {
    stream.requestId = 0;
    if (stream.isPending && stream.apply("refuse")) {
      this.#handler.onRefused(stream, readRefusal(info));
    }
  }

  #status({ messageStreamId, values }: Command): void {
    // Behind the command object, unless a server forgot that.
    const info = values.slice(0, 2).findLast((value) => asRecord(value) !== undefined);
    if (info === undefined) {
      this.strayMessages++;
      return;
    }
    const status = readStatus(info);
    const stream = status.code.startsWith("NetConnection.")
      ? undefined
      : this.#streams.addressed(messageStreamId);
    if (stream !== undefined) {
      this.#streams.report(stream, status);
      if (!stream.isPending) {
        this.#transactions.take(stream.requestId);
        stream.requestId = 0;
      }
      return;
    }
    this.#handler.onStatus(undefined, status);
    if (status.code !== "NetConnection.Connect.ReconnectRequest") return;
    const tcUrl = status.properties.get("tcUrl");
    this.#handler.onReconnectRequest(typeof tcUrl === "string" ? tcUrl : undefined, status);
  }

  #call({ name, transactionId, messageStreamId, values, unreadable }: Command): void {
    if (!this.#session.isConnected() || unreadable) {
      this.strayMessages++;
      return;
    }
    this.#session.call({ method: name, transactionId, messageStreamId, args: values.slice(1) });
  }
}
