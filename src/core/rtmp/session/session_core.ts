/**
 * The inside of a server's session: how far it has come, what it waits for, and what its parts ask of it.
 * It is one object for all of them: a closure for each thing that they ask took a sixth of the memory of
 * a player.
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import type { Rc4 } from "../../crypto/rc4.ts";
import { ProtocolError } from "../../errors.ts";
import { ConnectQuery } from "../stream_name.ts";
import * as announce from "./announce.ts";
import { type Capabilities, NO_CAPABILITIES } from "./capabilities.ts";
import type { Command, CommandSession, Origin } from "./command.ts";
import { runCommand } from "./commands.ts";
import { readConnect } from "./connect.ts";
import { dispatch, type MessageTargets } from "./dispatcher.ts";
import type { SessionHandler } from "./events.ts";
import { Inbound, type InboundHandler } from "./inbound.ts";
import { MediaRouter } from "./media_router.ts";
import type { NetStream } from "./net_stream.ts";
import { NetStreams } from "./net_streams.ts";
import { MAX_EARLY_BYTES, type ServerSessionOptions } from "./options.ts";
import { PeerControl } from "./peer_control.ts";
import { Replies } from "./replies.ts";
import type { RemoteCall, StreamLengthRequest } from "./requests.ts";
import { type RequestGate, StreamRequests } from "./stream_requests.ts";

/** Where every client is before it connects. */
const NOWHERE: Origin = { app: undefined, tcUrl: "", query: new ConnectQuery() };

/** What a session waits for: the answer to a connect, a publish or play, or whoever called `hold`. */
export type Pending = "connect" | "hold" | NetStream;

/** Nothing is waited for. */
const NONE: readonly Pending[] = [];

/** Commands of a client that is done with something, and its answers. */
const GOODBYES: ReadonlySet<string> = new Set(
  ["deleteStream", "closeStream", "FCUnpublish", "FCUnsubscribe", "_result", "_error"],
);

/** How far a session has come. */
export type SessionPhase = "handshake" | "connect" | "connected" | "closed";

/** The inside of one session. */
export class SessionCore implements CommandSession, RequestGate, InboundHandler, MessageTargets {
  phase: SessionPhase = "handshake";
  /** What the peer did wrong, or did not do in time, when that ended the session. */
  error: ProtocolError | undefined;
  /** What the client announced in `connect`. */
  capabilities: Capabilities = NO_CAPABILITIES;
  /** Commands with which the client asked for something. */
  requestCount = 0;
  origin: Origin = NOWHERE;
  readonly replies: Replies;
  readonly requests: StreamRequests;
  readonly streams: NetStreams;
  readonly media: MediaRouter;
  readonly control: PeerControl;
  readonly inbound: Inbound;
  readonly #options: ServerSessionOptions;
  readonly #handler: SessionHandler;
  #encrypted = false;
  #connectId = 1;
  #objectEncoding = 0;
  /** What waits for a decision: no message is taken until there is none. */
  #pending = NONE;

  constructor(options: ServerSessionOptions, handler: SessionHandler, now: number) {
    this.#options = options;
    this.#handler = handler;
    this.replies = new Replies(this);
    this.requests = new StreamRequests(this.replies, handler, this);
    this.streams = new NetStreams(options.maxNetStreams);
    this.media = new MediaRouter(this.streams, handler);
    this.control = new PeerControl(this.replies, this.streams, options.windowAckSize);
    if (options.shaken === true) this.phase = "connect";
    const early = options.maxEarlyBytes ?? MAX_EARLY_BYTES;
    this.inbound = new Inbound(
      options.shaken === true
        ? undefined
        : { random: options.random, encrypts: options.encrypts, now },
      {
        ...options.chunks,
        maxMediaBytes: Math.min(options.maxMediaBytes, early),
        maxCommandBytes: Math.min(options.maxCommandBytes, early),
        fmt3AfterFmt0: options.fmt3AfterFmt0,
      },
      this,
      options.assembly,
    );
  }

  get amf(): ServerSessionOptions["amf"] {
    return this.#options.amf;
  }

  // Bytes and messages

  /** Reads new bytes, or goes on with those that were kept. */
  read(input?: Uint8Array): void {
    try {
      if (input === undefined) this.inbound.resume();
      else this.inbound.receive(input);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
    }
    if (this.phase === "connected") this.control.acknowledge();
  }

  send(bytes: Uint8Array): void {
    if (this.phase !== "closed") this.#handler.send(bytes);
  }

  onEncrypted(cipher: Rc4, length: number): void {
    this.#encrypted = true;
    this.#handler.onEncrypted?.(cipher, length);
  }

  onHandshake(): void {
    this.phase = "connect";
  }

  onMessage(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    dispatch(this, type, messageStreamId, timestamp, payload);
  }

  onSpent(overdraft: number): number {
    return this.#handler.onSpent?.(overdraft) ?? 0;
  }

  sharedObject(type: 16 | 19, payload: Uint8Array): void {
    if (this.phase === "connected") this.#handler.onSharedObject(type, payload);
  }

  command(command: Command | undefined): void {
    if (this.phase !== "connected") {
      if (command?.name === "connect" && !command.unreadable) return this.#connect(command);
      // Not which: what a peer sends may be a key, and messages of errors are logged.
      throw new ProtocolError("command", "Expected the command connect, found another");
    }
    if (command === undefined) return;
    if (!GOODBYES.has(command.name)) this.requestCount++;
    runCommand(this, command);
  }

  // Decisions

  /** Whether it waits for one. */
  get deciding(): boolean {
    return this.#pending.length > 0;
  }

  /** Reads nothing more until `what` is decided. */
  ask(what: Pending): void {
    if (!this.#pending.includes(what)) this.#pending = this.#pending.concat(what);
    this.inbound.stop();
  }

  /** Reads on, if it is `what` that was waited for. */
  decided(what: Pending): void {
    if (!this.#pending.includes(what)) return;
    const rest = this.#pending.filter((other) => other !== what);
    this.#pending = rest.length === 0 ? NONE : rest;
    if (!this.deciding) this.read();
  }

  publishing(): void {
    const { maxMediaBytes, maxCommandBytes } = this.#options;
    this.inbound.setLimits({ maxMediaBytes, maxCommandBytes });
  }

  changed(): void {
    this.media.forget();
  }

  closed(): boolean {
    return this.phase === "closed";
  }

  #connect(command: Command): void {
    // A client that connects with the id 0, or none, still has to be told.
    this.#connectId = command.transactionId || 1;
    const reading = readConnect(command);
    if ("mistake" in reading) {
      this.#refuseConnect(reading.code, reading.mistake);
      return this.fail(new ProtocolError("command", reading.mistake));
    }
    this.origin = reading.origin;
    this.#objectEncoding = reading.request.objectEncoding;
    this.capabilities = reading.request.capabilities;
    this.ask("connect");
    this.#handler.onConnect(reading.request);
  }

  #refuseConnect(code: "Rejected" | "InvalidApp", why: string): void {
    this.replies.error(0, this.#connectId, `NetConnection.Connect.${code}`, why);
  }

  /** Lets the client in: windows, chunk size, StreamBegin 0, then the result. */
  acceptConnect(): void {
    if (!this.#pending.includes("connect")) return;
    this.phase = "connected";
    const { windowAckSize, chunkSize } = this.#options;
    announce.connectAccepted(this.replies, windowAckSize, chunkSize, this.#encrypted);
    this.replies.connectResult(this.#connectId, this.#objectEncoding, this.capabilities);
    this.decided("connect");
  }

  /** Turns the client away and ends the session. */
  rejectConnect(why: string): void {
    if (!this.#pending.includes("connect")) return;
    this.#refuseConnect("Rejected", why);
    this.end();
  }

  // Commands

  pauseStream(stream: NetStream, paused: boolean, time?: number): void {
    const changed = stream.paused !== paused;
    stream.paused = paused;
    announce.playPaused(this.replies, stream);
    if (changed) this.#handler.onPause(stream, paused, time);
  }

  seek(stream: NetStream, to?: number): void {
    this.#handler.onSeek(stream, to);
  }

  streamLength(request: StreamLengthRequest): void {
    if (this.#handler.onStreamLength !== undefined) this.#handler.onStreamLength(request);
    else this.replies.result(request.messageStreamId, request.transactionId, 0);
  }

  receiveChanged(stream: NetStream): void {
    this.#handler.onReceive(stream);
  }

  call(call: RemoteCall): void {
    this.#handler.onCall(call);
  }

  answered(transactionId: number, ok: boolean, value: AmfValue): void {
    this.#handler.onAnswer(transactionId, ok, value);
  }

  refused(): void {
    this.#handler.onRefused?.();
  }

  close(): void {
    this.end();
  }

  // The end

  /** Ends the session because of what the peer did, or did not do in time. */
  fail(error: ProtocolError): void {
    if (this.phase === "connected" && error.code === "timeout") {
      this.replies.status(0, "NetConnection.Connect.IdleTimeOut", error.message);
    }
    this.end(error);
  }

  /** Ends the session. */
  end(error?: ProtocolError): void {
    if (this.phase === "closed") return;
    this.phase = "closed";
    this.error = error;
    this.#pending = NONE;
    this.inbound.close();
    const faults: unknown[] = [];
    const attempt = (step: () => void) => {
      try {
        step();
      } catch (fault) {
        faults.push(fault);
      }
    };
    // Whatever goes wrong with one of them, nothing of a session that is over stays behind.
    for (const stream of [...this.streams.byId.values()]) {
      stream.asked = undefined;
      attempt(() => this.requests.end(stream, false));
    }
    this.streams.clear();
    attempt(() => this.#handler.onEnd(error));
    if (faults.length > 0) throw faults[0];
  }
}
