/**
 * The server's side of one RTMP connection: handshake, chunk stream, control messages, commands and
 * NetStreams. Bytes in; events and bytes out. No socket, no clock, no randomness of its own.
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { UserControlEvent } from "../message/user_control.ts";
import { ConnectQuery } from "../stream_name.ts";
import * as announce from "./announce.ts";
import { type Capabilities, NO_CAPABILITIES } from "./capabilities.ts";
import type { Command, CommandSession } from "./command.ts";
import { runCommand } from "./commands.ts";
import { readConnect } from "./connect.ts";
import { dispatcher } from "./dispatcher.ts";
import type { SessionHandler } from "./events.ts";
import type { RemoteCall } from "./requests.ts";
import { Inbound } from "./inbound.ts";
import { MediaRouter } from "./media_router.ts";
import type { NetStream } from "./net_stream.ts";
import { NetStreams } from "./net_streams.ts";
import { MAX_EARLY_BYTES, type ServerSessionOptions } from "./options.ts";
import { PeerControl } from "./peer_control.ts";
import { followsReconnect } from "./reconnect.ts";
import { Replies } from "./replies.ts";
import { StreamDecisions } from "./stream_decisions.ts";

/** What every client has said before it connects. */
const NO_QUERY = new ConnectQuery();

/** What a session waits for: the answer to a connect, a publish or play, or whoever called `hold`. */
type Pending = "connect" | "hold" | NetStream;

/** Commands of a client that is done with something, and its answers. */
const GOODBYES: ReadonlySet<string> = new Set(
  ["deleteStream", "closeStream", "FCUnpublish", "FCUnsubscribe", "_result", "_error"],
);

/** How far a session has come. */
export type SessionPhase = "handshake" | "connect" | "connected" | "closed";

/** The server's side of one RTMP connection. */
export class ServerSession extends StreamDecisions {
  /** The NetStreams by message stream id. */
  readonly streams: ReadonlyMap<number, NetStream>;
  readonly #options: ServerSessionOptions;
  readonly #handler: SessionHandler;
  readonly #inbound: Inbound;
  readonly #media: MediaRouter;
  readonly #control: PeerControl;
  /** The session as its commands see it. */
  readonly #commands: CommandSession;
  #phase: SessionPhase = "handshake";
  #encrypted = false;
  #error: ProtocolError | undefined;
  #connectId = 1;
  #objectEncoding = 0;
  #capabilities: Capabilities = NO_CAPABILITIES;
  #requestCount = 0;
  /** What waits for a decision: no message is taken until there is none. */
  readonly #pending = new Set<Pending>();

  constructor(options: ServerSessionOptions, handler: SessionHandler, now: number) {
    const replies = new Replies((bytes) => {
      if (this.#phase !== "closed") handler.send(bytes);
    });
    super(replies, handler, {
      ask: (stream) => this.#ask(stream),
      decided: (stream) => this.#decided(stream),
      publishing: () => {
        const { maxMediaBytes, maxCommandBytes } = options;
        this.#inbound.setLimits({ maxMediaBytes, maxCommandBytes });
      },
      changed: () => this.#media.forget(),
      closed: () => this.#phase === "closed",
    });
    this.#options = options;
    this.#handler = handler;
    const streams = new NetStreams(options.maxNetStreams);
    this.streams = streams.byId;
    const media = this.#media = new MediaRouter(streams, handler);
    const control = this.#control = new PeerControl(replies, streams, options.windowAckSize);
    const early = options.maxEarlyBytes ?? MAX_EARLY_BYTES;
    this.#inbound = new Inbound({ random: options.random, encrypts: options.encrypts, now }, {
      ...options.chunks,
      maxMediaBytes: Math.min(options.maxMediaBytes, early),
      maxCommandBytes: Math.min(options.maxCommandBytes, early),
      fmt3AfterFmt0: options.fmt3AfterFmt0,
    }, {
      send: (bytes) => handler.send(bytes),
      onEncrypted: (cipher, length) => {
        this.#encrypted = true;
        handler.onEncrypted?.(cipher, length);
      },
      onHandshake: () => void (this.#phase = "connect"),
      onMessage: dispatcher(
        media,
        control,
        (command) => this.#command(command),
        (type, payload) => {
          if (this.#phase === "connected") handler.onSharedObject(type, payload);
        },
        options.amf,
      ),
      onSpent: (overdraft) => handler.onSpent?.(overdraft) ?? 0,
    }, options.assembly);
    this.#commands = {
      replies,
      streams,
      origin: { app: undefined, tcUrl: "", query: NO_QUERY },
      requests: this.requests,
      pauseStream: (stream, paused, time) => this.#pauseStream(stream, paused, time),
      seek: (stream, to) => handler.onSeek(stream, to),
      streamLength: (request) => {
        if (handler.onStreamLength === undefined) this.answerLength(request, 0);
        else handler.onStreamLength(request);
      },
      receiveChanged: (stream) => handler.onReceive(stream),
      call: (call) => handler.onCall(call),
      answered: (id, ok, value) => handler.onAnswer(id, ok, value),
      refused: () => handler.onRefused?.(),
      close: () => this.#end(),
    };
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  /** What the client announced in `connect`. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** What the peer did wrong, or did not do in time, when that ended the session. */
  get error(): ProtocolError | undefined {
    return this.#error;
  }

  /** Whether it waits for a decision; the transport should stop reading meanwhile. */
  get deciding(): boolean {
    return this.#pending.size > 0;
  }

  /** Commands with which the client asked for something, rather than said that it is done. */
  get requestCount(): number {
    return this.#requestCount;
  }

  /** Bytes received so far. */
  get bytesIn(): number {
    return this.#control.acknowledger.received;
  }

  /** Media and data messages that were dropped: nobody published with them, or could read them. */
  get strayMessages(): number {
    return this.#media.strayMessages;
  }

  /** Control messages that were passed over: too short, out of range, or of a kind nobody knows. */
  get oddMessages(): number {
    return this.#control.oddMessages;
  }

  // What the peer sends

  /**
   * Takes bytes from the peer, which may be cut anywhere and may be reused afterwards. What the
   * peer does wrong ends the session; nothing is thrown but what the handler throws.
   */
  receive(input: Uint8Array): void {
    if (this.#phase === "closed") return;
    this.#control.acknowledger.add(input.length);
    this.#read(input);
  }

  /**
   * Lets messages cost `effort` from now on, in the unit of `messageEffort`; as much as they like
   * if it is never called. {@link readOn} goes on with what was kept.
   */
  allow(effort: number): void {
    this.#inbound.allow(effort);
  }

  /** Effort that messages may still cost; below 0 it is owed. */
  get allowance(): number {
    return this.#inbound.allowance;
  }

  /** What is being carried out costs `effort` beyond that of its message, as it reaches others too. */
  charge(effort: number): void {
    this.#inbound.charge(effort);
  }

  /** Reads what was kept, as far as it may. */
  readOn(): void {
    if (this.#phase !== "closed" && !this.deciding) this.#read();
  }

  /** Reads new bytes, or goes on with those that were kept. */
  #read(input?: Uint8Array): void {
    try {
      if (input === undefined) this.#inbound.resume();
      else this.#inbound.receive(input);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
    }
    if (this.#phase === "connected") this.#control.acknowledge();
  }

  #command(command: Command | undefined): void {
    if (this.#phase !== "connected") {
      if (command?.name === "connect" && !command.unreadable) return this.#connect(command);
      // Not which: what a peer sends may be a key, and messages of errors are logged.
      throw new ProtocolError("command", "Expected the command connect, found another");
    }
    if (command === undefined) return;
    if (!GOODBYES.has(command.name)) this.#requestCount++;
    runCommand(this.#commands, command);
  }

  // Decisions

  /** Reads nothing more until `what` is decided. */
  #ask(what: Pending): void {
    this.#pending.add(what);
    this.#inbound.stop();
  }

  /** Reads on, if it is `what` that was waited for. */
  #decided(what: Pending): void {
    if (this.#pending.delete(what) && !this.deciding) this.#read();
  }

  /** Takes no further message until {@link goOn}; for what has to be done before. */
  hold(): void {
    if (this.#phase !== "closed" && !this.deciding) this.#ask("hold");
  }

  /** Goes on after {@link hold}. */
  goOn(): void {
    this.#decided("hold");
  }

  #connect(command: Command): void {
    // A client that connects with the id 0, or none, still has to be told.
    this.#connectId = command.transactionId || 1;
    const reading = readConnect(command);
    if ("mistake" in reading) {
      this.#refuseConnect(reading.code, reading.mistake);
      return this.fail(new ProtocolError("command", reading.mistake));
    }
    this.#commands.origin = reading.origin;
    this.#objectEncoding = reading.request.objectEncoding;
    this.#capabilities = reading.request.capabilities;
    this.#ask("connect");
    this.#handler.onConnect(reading.request);
  }

  #refuseConnect(code: "Rejected" | "InvalidApp", why: string): void {
    this.replies.error(0, this.#connectId, `NetConnection.Connect.${code}`, why);
  }

  /** Lets the client in: windows, chunk size, StreamBegin 0, then the result. */
  acceptConnect(): void {
    if (!this.#pending.has("connect")) return;
    this.#phase = "connected";
    const { windowAckSize, chunkSize } = this.#options;
    announce.connectAccepted(this.replies, windowAckSize, chunkSize, this.#encrypted);
    this.replies.connectResult(this.#connectId, this.#objectEncoding, this.#capabilities);
    this.#decided("connect");
  }

  /** Turns the client away and ends the session. */
  rejectConnect(why: string): void {
    if (!this.#pending.has("connect")) return;
    this.#refuseConnect("Rejected", why);
    this.#end();
  }

  #pauseStream(stream: NetStream, paused: boolean, time?: number): void {
    const changed = stream.paused !== paused;
    stream.paused = paused;
    announce.playPaused(this.replies, stream);
    if (changed) this.#handler.onPause(stream, paused, time);
  }

  // Calls and shared objects

  /** `_result` of a call of the client; nothing when it wants none. */
  answerCall({ messageStreamId, transactionId }: RemoteCall, value: AmfValue): void {
    this.replies.result(messageStreamId, transactionId, value);
  }

  /** `_error` of a call of the client; nothing when it wants none. */
  failCall({ messageStreamId, transactionId }: RemoteCall, why: string): void {
    this.replies.error(messageStreamId, transactionId, "NetConnection.Call.Failed", why);
  }

  /**
   * Calls a method of the client. With a transaction id other than 0 it answers, as far as it has
   * such a method.
   *
   * @throws {UsageError} when something is no AMF value
   */
  call(method: string, transactionId: number, args: readonly AmfValue[]): void {
    this.replies.command(0, method, transactionId, null, ...args);
  }

  /** Sends a shared object message. */
  sendSharedObject(type: 16 | 19, payload: Uint8Array): void {
    if (this.#phase === "connected") this.replies.sharedObject(type, payload);
  }

  /** Sends a message that is in chunks of the size of {@link chunkSize} already. */
  sendEncoded(bytes: Uint8Array): void {
    if (this.#phase === "connected") this.#handler.send(bytes);
  }

  /** Size of the chunks that the client is sent, bytes. */
  get chunkSize(): number {
    return this.replies.chunkSize;
  }

  // The end

  /** Asks the peer for a sign of life. `now` in ms. */
  ping(now: number): void {
    if (this.#phase !== "connected") return;
    const time = Math.floor(now) % 2 ** 32;
    this.replies.userControl({ event: UserControlEvent.PingRequest, time });
  }

  /**
   * Asks the client to connect again when it suits it, to `tcUrl` if there is one; it is served until
   * it leaves. Returns `false`, and asks nothing, if it did not announce that it follows.
   */
  askToReconnect(tcUrl?: string): boolean {
    if (this.#phase !== "connected" || !followsReconnect(this.#capabilities)) return false;
    const code = "NetConnection.Connect.ReconnectRequest";
    const more: Record<string, string> = tcUrl === undefined ? {} : { tcUrl };
    this.replies.status(0, code, "Please connect again.", more);
    return true;
  }

  /** Tells the client that the server goes away, and ends the session. */
  shutdown(): void {
    if (this.#phase === "connected") {
      this.replies.status(0, "NetConnection.Connect.AppShutdown", "The server is shutting down.");
    }
    this.#end();
  }

  /** Tells the client that somebody ended its session, and ends it. */
  dismiss(): void {
    if (this.#phase === "connected") {
      this.replies.status(0, "NetConnection.Connect.Closed", "Closed by the operator.");
    }
    this.#end();
  }

  /** Ends the session without a word, because its connection is gone for instance. */
  close(): void {
    this.#end();
  }

  /** Ends the session because of what the peer did, or did not do in time. */
  fail(error: ProtocolError): void {
    if (this.#phase === "connected" && error.code === "timeout") {
      this.replies.status(0, "NetConnection.Connect.IdleTimeOut", error.message);
    }
    this.#end(error);
  }

  #end(error?: ProtocolError): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#error = error;
    this.#pending.clear();
    this.#inbound.close();
    const faults: unknown[] = [];
    const attempt = (step: () => void) => {
      try {
        step();
      } catch (fault) {
        faults.push(fault);
      }
    };
    // Whatever goes wrong with one of them, nothing of a session that is over stays behind.
    for (const stream of [...this.streams.values()]) {
      stream.asked = undefined;
      attempt(() => this.requests.end(stream, false));
    }
    this.#commands.streams.clear();
    attempt(() => this.#handler.onEnd(error));
    if (faults.length > 0) throw faults[0];
  }
}
