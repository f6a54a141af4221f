/**
 * One RTMP client: joins its connection, the protocol session, the plugins and the hub.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { AmfValue } from "../../core/amf/mod.ts";
import type { Rc4 } from "../../core/crypto/rc4.ts";
import type { AssemblyHolder } from "../../core/rtmp/chunk/assembly_budget.ts";
import { ProtocolError } from "../../core/errors.ts";
import {
  type ConnectRequest,
  type NetStream,
  type PlayRequest,
  type PublishRequest,
  type RemoteCall,
  ServerSession,
  type SessionHandler,
  type StreamLengthRequest,
} from "../../core/rtmp/session/mod.ts";
import type { Mentions } from "../../text.ts";
import type { LiveStream } from "../../hub/mod.ts";
import type { ConnectContext, Decision, EndReason } from "../../plugin/mod.ts";
import type { Connection } from "../../ports.ts";
import { formatAddress } from "../address.ts";
import type { Evictable, Progress } from "../admission.ts";
import type { LiveSession, SessionDescription } from "../sessions.ts";
import { AppAccess } from "./app_access.ts";
import { Calling } from "./calling.ts";
import { Connecting } from "./connecting.ts";
import type { RtmpContext } from "./context.ts";
import { type Arrival, describeSession, protocolOf } from "./describe.ts";
import { FAREWELL_MS, PLAYED_MS, REFUSED_MS, SessionDeadlines } from "./deadlines.ts";
import { sessionOptions } from "./limits.ts";
import { ConnectionWriter } from "./connection_writer.ts";
import { Playing } from "./playing.ts";
import { Publishing } from "./publishing.ts";
import { Reading, type ReadSession } from "./reading.ts";
import type { SessionHost } from "./session_host.ts";
import { SessionEnd } from "./session_end.ts";
import { SharedObjectUse } from "./shared_object_use.ts";

const log = getLogger(["sluice", "rtmp"]);

/** One RTMP client. */
export class RtmpSession
  implements SessionHandler, SessionHost, ReadSession, Evictable, LiveSession {
  readonly id: string;
  readonly context: RtmpContext;
  readonly core: ServerSession;
  readonly connection: Connection;
  readonly secure: boolean;
  readonly tunnelled: boolean;
  readonly inFlows: boolean;
  readonly writer: ConnectionWriter;
  /** Milliseconds since 1970. */
  readonly since: number;
  publicApp = "";
  /** Whether it speaks RTMPE. */
  encrypted = false;
  readonly deadlines: SessionDeadlines;
  now: number;
  heardAt: number;
  readonly #reading: Reading;
  /** Memory for what is not yet read. */
  readonly #assembly: AssemblyHolder;
  readonly #publishing = new Publishing(this);
  readonly #playing = new Playing(this);
  readonly apps: AppAccess = new AppAccess(this);
  /** Made when they are needed: few clients ever do. */
  #objects: SharedObjectUse | undefined;
  #calls: Calling | undefined;
  readonly startedAt: number;
  readonly #end = new SessionEnd(this);
  readonly #connecting = new Connecting(this);

  constructor(context: RtmpContext, connection: Connection, id: string, by: Arrival) {
    const { config, runtime } = context;
    this.id = id;
    this.connection = connection;
    this.secure = by.secure;
    this.tunnelled = by.tunnelled;
    this.inFlows = by.inFlows ?? false;
    this.context = context;
    this.now = this.heardAt = this.startedAt = runtime.clock.now();
    this.since = runtime.clock.wall();
    this.writer = new ConnectionWriter(connection, this.#end);
    this.#assembly = context.assembly.holder(() => this.#end.exhausted());
    const options = sessionOptions(
      config,
      this.#assembly,
      context.handshakeRandom,
      context.encrypts,
      this.inFlows,
    );
    this.core = new ServerSession(options, this, this.now);
    this.deadlines = new SessionDeadlines(config, this, this.now);
    this.#reading = new Reading(this);
    connection.start(this.#reading);
  }

  /** `address:port` of the peer. */
  get address(): string {
    return formatAddress(this.connection.remote);
  }

  /** What the client calls itself. */
  get client(): string {
    return this.#connecting.client;
  }

  get via(): readonly string[] {
    return this.#connecting.via;
  }

  get isNode(): boolean {
    return this.#connecting.isNode;
  }

  describe(): SessionDescription {
    return describeSession(this);
  }

  /** Properties that every log line about this session carries. */
  who(): Record<string, unknown> {
    const who = { session: this.id, peer: this.address };
    const protocol = protocolOf(this);
    return protocol === "rtmp" ? who : { ...who, protocol };
  }

  get endReason(): EndReason {
    return this.#end.reason;
  }

  get progress(): Progress {
    return this.#connecting.progress;
  }

  get connected(): ConnectRequest {
    return this.#connecting.request!;
  }

  get said(): Mentions | undefined {
    return this.#connecting.said;
  }

  get busy(): boolean {
    return this.#objects !== undefined && this.#objects.count > 0;
  }

  /** Remote calls, in both directions. */
  get calls(): Calling {
    return this.#calls ??= new Calling(this);
  }

  served(): void {
    this.#assembly.letIn();
    this.context.onServed(this);
  }

  newTurn(): void {
    this.now = this.context.runtime.clock.now();
  }

  // The end

  get ended(): boolean {
    return this.#end.over;
  }

  end(reason: EndReason): void {
    this.#end.soon(reason);
  }

  onRefused(): void {
    this.deadlines.left("refused", this.now, REFUSED_MS);
  }

  played(reason: EndReason): void {
    this.deadlines.left(reason, this.now, PLAYED_MS);
  }

  onLeft(reason: EndReason): void {
    this.#end.now(reason);
  }

  /** Ends the session in this turn, which must be nobody else's. */
  endNow(reason: EndReason): void {
    this.#end.now(reason);
  }

  fault(error: unknown): void {
    this.#end.fault(error);
  }

  attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#end.fault(error);
    }
  }

  /**
   * Asks the client to connect again, to `url` if there is one. Returns `false` if it did not announce
   * that it follows.
   */
  askToReconnect(url?: string): boolean {
    let asked = false;
    this.attempt(() => {
      if (!this.core.askToReconnect(url)) return;
      asked = true;
      this.newTurn();
      log.info("asked to reconnect", this.who());
      this.writer.pump();
    });
    return asked;
  }

  /** Asks for a sign of life; see {@link SessionDeadlines.probe}. */
  probe(now: number): Promise<void> {
    let answer = Promise.resolve();
    this.attempt(() => void (answer = this.deadlines.probe(now)));
    return answer;
  }

  onDeadline(reason: "timeout" | "stalled", message: string): void {
    this.#end.now(reason, new ProtocolError("timeout", message));
    if (reason === "stalled") this.connection.destroy();
  }

  /** Ends the session at once: others need its place. */
  evict(message: string): void {
    this.#end.now("timeout", new ProtocolError("limit", message));
    this.connection.destroy();
  }

  onEnd(error?: ProtocolError): void {
    if (error !== undefined) {
      const level = this.#connecting.admitted ? "warn" : "info";
      const properties = { ...this.who(), error: error.message };
      this.context.endings.say(level, "closing the connection", properties, this.now);
    }
    // Who stops the server says how long everybody may take.
    const shutdown = this.endReason === "shutdown";
    const { openingTimeoutMs } = this.context.config;
    this.deadlines.ended(this.now, shutdown ? openingTimeoutMs : FAREWELL_MS);
    this.attempt(() => this.#objects?.close());
    this.attempt(() => this.#calls?.close());
    this.writer.end();
  }

  /** The connection is gone. */
  onGone(): void {
    this.newTurn();
    this.#reading.stop();
    this.context.pumps.remove(this.writer);
    this.attempt(() => this.writer.close());
    // Unless it was ended before, and the connection was closed for that.
    if (this.core.phase !== "closed") this.#end.because("disconnected");
    this.#end.finish();
    const reason = this.endReason;
    this.#connecting.onGone(reason);
    log.debug("disconnected", { ...this.who(), reason, odd: this.core.oddMessages });
    this.#assembly.close();
    this.context.onGone(this.id);
  }

  pushed(stream: LiveStream): void {
    this.#reading.pushed(stream);
  }

  whenDecided<T = Decision>(decision: T | Promise<T>, act: (decision: T) => void): void {
    this.#reading.whenDecided(decision, act);
  }

  connectContext(query: URLSearchParams, app: string): ConnectContext {
    return this.#connecting.contextOf(query, app);
  }

  // The protocol session

  onSpent(overdraft: number): number {
    return this.#reading.more(overdraft);
  }

  send(bytes: Uint8Array): void {
    this.writer.send(bytes);
  }

  onEncrypted(cipher: Rc4, length: number): void {
    this.writer.encrypt(cipher, length);
    this.encrypted = true;
  }

  onConnect(request: ConnectRequest): void {
    this.#connecting.onConnect(request, () => this.#end.because("refused"));
  }

  onPublish(netStream: NetStream, request: PublishRequest): void {
    this.#publishing.onPublish(netStream, request);
  }

  onMedia(netStream: NetStream, kind: number, timestamp: number, payload: Uint8Array): void {
    this.#publishing.onMedia(netStream, kind, timestamp, payload);
  }

  onSetData(netStream: NetStream, handler: string, timestamp: number, payload: Uint8Array): void {
    this.#publishing.onSetData(netStream, handler, timestamp, payload);
  }

  onClearData(netStream: NetStream, handler: string): void {
    this.#publishing.onClearData(netStream, handler);
  }

  onUnpublish(netStream: NetStream): void {
    this.#publishing.onUnpublish(netStream);
  }

  onPlay(netStream: NetStream, request: PlayRequest): void {
    this.#playing.onPlay(netStream, request);
  }

  onSwitch(netStream: NetStream, request: PlayRequest): void {
    this.#playing.onSwitch(netStream, request);
  }

  onStop(netStream: NetStream): void {
    this.#playing.onStop(netStream);
  }

  onCall(call: RemoteCall): void {
    this.calls.onCall(call);
  }

  onAnswer(transactionId: number, ok: boolean, value: AmfValue): void {
    this.#calls?.onAnswer(transactionId, ok, value);
  }

  onSharedObject(type: 16 | 19, payload: Uint8Array): void {
    if (this.context.sharedObjects === undefined) return;
    this.#objects ??= new SharedObjectUse(this, this.context.sharedObjects);
    this.#objects.onMessage(type, payload);
  }

  onPause(netStream: NetStream, paused: boolean, time?: number): void {
    this.#playing.onPause(netStream, paused, time);
  }

  onSeek(netStream: NetStream, to?: number): void {
    this.#playing.onSeek(netStream, to);
  }

  onStreamLength(request: StreamLengthRequest): void {
    this.#playing.recorded.onStreamLength(request);
  }

  onReceive(netStream: NetStream): void {
    this.#playing.onReceive(netStream);
  }
}
