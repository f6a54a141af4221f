/**
 * The server's side of one RTMP connection: handshake, chunk stream, control messages, commands and
 * NetStreams. Bytes in; events and bytes out. No socket, no clock, no randomness of its own.
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import type { ProtocolError } from "../../errors.ts";
import { UserControlEvent } from "../message/user_control.ts";
import type { Capabilities } from "./capabilities.ts";
import type { SessionHandler } from "./events.ts";
import type { NetStream } from "./net_stream.ts";
import type { ServerSessionOptions } from "./options.ts";
import { followsReconnect } from "./reconnect.ts";
import type { RemoteCall } from "./requests.ts";
import { SessionCore, type SessionPhase } from "./session_core.ts";
import { StreamDecisions } from "./stream_decisions.ts";

export type { SessionPhase };

/** The server's side of one RTMP connection. */
export class ServerSession extends StreamDecisions {
  /** The NetStreams by message stream id. */
  readonly streams: ReadonlyMap<number, NetStream>;
  readonly #core: SessionCore;

  /** Waits for a client; `handler` is told what it does. `now` in ms. */
  constructor(options: ServerSessionOptions, handler: SessionHandler, now: number) {
    const core = new SessionCore(options, handler, now);
    super(core.replies, core.requests);
    this.#core = core;
    this.streams = core.streams.byId;
  }

  /** How far it has come. */
  get phase(): SessionPhase {
    return this.#core.phase;
  }

  /** What the client announced in `connect`. */
  get capabilities(): Capabilities {
    return this.#core.capabilities;
  }

  /** What the peer did wrong, or did not do in time, when that ended the session. */
  get error(): ProtocolError | undefined {
    return this.#core.error;
  }

  /** Whether it waits for a decision; the transport should stop reading meanwhile. */
  get deciding(): boolean {
    return this.#core.deciding;
  }

  /** Commands with which the client asked for something, rather than said that it is done. */
  get requestCount(): number {
    return this.#core.requestCount;
  }

  /** Bytes received so far. */
  get bytesIn(): number {
    return this.#core.control.acknowledger.received;
  }

  /** Media and data messages that were dropped: nobody published with them, or could read them. */
  get strayMessages(): number {
    return this.#core.media.strayMessages;
  }

  /** Control messages that were passed over: too short, out of range, or of a kind nobody knows. */
  get oddMessages(): number {
    return this.#core.control.oddMessages;
  }

  // What the peer sends

  /**
   * Takes bytes from the peer, which may be cut anywhere and may be reused afterwards. What the
   * peer does wrong ends the session; nothing is thrown but what the handler throws.
   */
  receive(input: Uint8Array): void {
    if (this.#core.phase === "closed") return;
    this.#core.control.acknowledger.add(input.length);
    this.#core.read(input);
  }

  /**
   * Lets messages cost `effort` from now on, in the unit of `messageEffort`; as much as they like
   * if it is never called. {@link readOn} goes on with what was kept.
   */
  allow(effort: number): void {
    this.#core.inbound.allow(effort);
  }

  /** Effort that messages may still cost; below 0 it is owed. */
  get allowance(): number {
    return this.#core.inbound.allowance;
  }

  /** What is being carried out costs `effort` beyond that of its message, as it reaches others too. */
  charge(effort: number): void {
    this.#core.inbound.charge(effort);
  }

  /** Reads what was kept, as far as it may. */
  readOn(): void {
    if (this.#core.phase !== "closed" && !this.deciding) this.#core.read();
  }

  /** Takes no further message until {@link goOn}; for what has to be done before. */
  hold(): void {
    if (this.#core.phase !== "closed" && !this.deciding) this.#core.ask("hold");
  }

  /** Goes on after {@link hold}. */
  goOn(): void {
    this.#core.decided("hold");
  }

  /** Lets the client in: windows, chunk size, StreamBegin 0, then the result. */
  acceptConnect(): void {
    this.#core.acceptConnect();
  }

  /** Turns the client away and ends the session. */
  rejectConnect(why: string): void {
    this.#core.rejectConnect(why);
  }

  // Calls and shared objects

  /** `_result` of a call of the client; nothing when it wants none. */
  answerCall({ messageStreamId, transactionId }: RemoteCall, value: AmfValue): void {
    this.#core.replies.result(messageStreamId, transactionId, value);
  }

  /** `_error` of a call of the client; nothing when it wants none. */
  failCall({ messageStreamId, transactionId }: RemoteCall, why: string): void {
    this.#core.replies.error(messageStreamId, transactionId, "NetConnection.Call.Failed", why);
  }

  /**
   * Calls a method of the client. With a transaction id other than 0 it answers, as far as it has
   * such a method.
   *
   * @throws {UsageError} when something is no AMF value
   */
  call(method: string, transactionId: number, args: readonly AmfValue[]): void {
    this.#core.replies.command(0, method, transactionId, null, ...args);
  }

  /** Sends a shared object message. */
  sendSharedObject(type: 16 | 19, payload: Uint8Array): void {
    if (this.#core.phase === "connected") this.#core.replies.sharedObject(type, payload);
  }

  /** Sends a message that is in chunks of the size of {@link chunkSize} already. */
  sendEncoded(bytes: Uint8Array): void {
    if (this.#core.phase === "connected") this.#core.send(bytes);
  }

  /** Size of the chunks that the client is sent, bytes. */
  get chunkSize(): number {
    return this.#core.replies.chunkSize;
  }

  // The end

  /** Asks the peer for a sign of life. `now` in ms. */
  ping(now: number): void {
    if (this.#core.phase !== "connected") return;
    const time = Math.floor(now) % 2 ** 32;
    this.#core.replies.userControl({ event: UserControlEvent.PingRequest, time });
  }

  /**
   * Asks the client to connect again when it suits it, to `tcUrl` if there is one; it is served until
   * it leaves. Returns `false`, and asks nothing, if it did not announce that it follows.
   */
  askToReconnect(tcUrl?: string): boolean {
    if (this.#core.phase !== "connected" || !followsReconnect(this.#core.capabilities)) {
      return false;
    }
    const code = "NetConnection.Connect.ReconnectRequest";
    const more: Record<string, string> = tcUrl === undefined ? {} : { tcUrl };
    this.#core.replies.status(0, code, "Please connect again.", more);
    return true;
  }

  /** Tells the client that the server goes away, and ends the session. */
  shutdown(): void {
    if (this.#core.phase === "connected") {
      this.#core.replies.status(
        0,
        "NetConnection.Connect.AppShutdown",
        "The server is shutting down.",
      );
    }
    this.#core.end();
  }

  /** Tells the client that somebody ended its session, and ends it. */
  dismiss(): void {
    if (this.#core.phase === "connected") {
      this.#core.replies.status(0, "NetConnection.Connect.Closed", "Closed by the operator.");
    }
    this.#core.end();
  }

  /** Ends the session without a word, because its connection is gone for instance. */
  close(): void {
    this.#core.end();
  }

  /** Ends the session because of what the peer did, or did not do in time. */
  fail(error: ProtocolError): void {
    this.#core.fail(error);
  }
}
