/**
 * What is behind a client: its connection, its session, and what both report.
 *
 * @module
 */
import { type AmfValue, fromPlain } from "../core/amf/mod.ts";
import { ProtocolError } from "../core/errors.ts";
import {
  ClientSession,
  type ClientSessionHandler,
  type ClientStream,
  type ConnectAnswer,
  type ServerCall,
  type ServerRefusal,
  type ServerStatus,
} from "../core/rtmp/session/client/mod.ts";
import type { RtmpUrl } from "../core/rtmp/url.ts";
import type { Connection, ConnectionHandler, Timer } from "../ports.ts";
import { VERSION } from "../version.ts";
import { Calls } from "./calls.ts";
import { ClosedError, RefusedError } from "./errors.ts";
import { ReconnectEvent, StatusEvent } from "./events.ts";
import { Link, MAX_WAITING_REPLIES } from "./link.ts";
import {
  type ClientRuntime,
  type ConnectOptions,
  DEFAULT_TIMES,
  type RequestOptions,
} from "./options.ts";
import { Request } from "./request.ts";
import type { StreamUse } from "./stream_use.ts";

/** Random bytes of a handshake. */
const RANDOM_BYTES = 3072;
/** `flashVer`; servers that tell encoders from players take those of FMLE for encoders. */
const FLASH_VER = `FMLE/3.0 (compatible; Sluice/${VERSION})`;

/** The inside of a client. */
export class ClientCore implements ConnectionHandler, ClientSessionHandler {
  readonly session: ClientSession;
  readonly link: Link;
  readonly calls: Calls;
  /** The answer to connect. */
  readonly connected: Promise<ConnectAnswer>;
  /** Resolves when the connection is gone: with what ended it, if that was not `close`. */
  readonly closed: Promise<Error | undefined>;
  readonly times: typeof DEFAULT_TIMES;
  readonly #clock: ClientRuntime["clock"];
  readonly #connection: Connection;
  readonly #events: EventTarget;
  readonly #signal: AbortSignal | undefined;
  readonly #connect: Request<ConnectAnswer>;
  readonly #resolveClosed: (error: Error | undefined) => void;
  readonly #streams = new Set<ClientStream>();
  /** Who has as much as it may hold, so that nothing is read. */
  readonly #full = new Set<object>();
  /** Whether the connection is gone, and what is to be said of that once all has been read. */
  #gone = false;
  #lost: Error | undefined;
  #over = false;
  #error: Error | undefined;
  #closing: Timer | undefined;
  #idle: Timer | undefined;

  constructor(
    runtime: ClientRuntime,
    connection: Connection,
    url: RtmpUrl,
    options: ConnectOptions,
    events: EventTarget,
  ) {
    const { signal, flashVer = FLASH_VER, pageUrl, swfUrl, fourCcs, properties = {} } = options;
    const times = this.times = { ...DEFAULT_TIMES };
    for (const key of Object.keys(times) as (keyof typeof times)[]) {
      times[key] = options[key] ?? times[key];
    }
    const clock = this.#clock = runtime.clock;
    this.#connection = connection;
    this.#events = events;
    this.#signal = signal;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    const more: Record<string, AmfValue> = {};
    for (const [key, value] of Object.entries(properties)) more[key] = fromPlain(value);
    const { app, tcUrl } = url;
    const { chunkSize, maxMessageBytes, followsReconnect = false } = options;
    this.session = new ClientSession({
      random: runtime.randomBytes(RANDOM_BYTES),
      now: clock.now(),
      connect: { app, tcUrl, flashVer, pageUrl, swfUrl, fourCcs, followsReconnect, more },
      ...(chunkSize === undefined ? {} : { chunkSize }),
      ...(maxMessageBytes === undefined ? {} : { maxMediaBytes: maxMessageBytes }),
    }, this);
    this.link = new Link(connection, () => {
      const why = `The server leaves more than ${MAX_WAITING_REPLIES} bytes of replies unread`;
      this.finish(new ProtocolError("limit", why));
    });
    this.calls = new Calls(this.session, clock, options.onCall);
    const giveUp = () => this.finish(new ClosedError("The server did not let us in"));
    this.#connect = new Request("connect", clock, times.connectTimeoutMs, undefined, giveUp);
    this.connected = this.#connect.answer;
    signal?.addEventListener("abort", this.#onAbort);
    connection.start(this);
    this.session.start();
    if (options.idleTimeoutMs !== undefined) this.#watch(options.idleTimeoutMs, 0);
    if (signal?.aborted) this.#onAbort();
  }

  /** Looks twice within `idleMs` whether anything came; `seen` bytes had, at the last look. */
  #watch(idleMs: number, seen: number, pinged = false): void {
    this.#idle = this.#clock.after(idleMs / 2, () => {
      const { bytesIn } = this.session;
      // Who is not read cannot send.
      if (bytesIn !== seen || this.#full.size > 0) return this.#watch(idleMs, bytesIn);
      if (pinged) return this.finish(new ClosedError(`The server sent nothing for ${idleMs} ms`));
      this.session.ping(this.#clock.now());
      this.#watch(idleMs, bytesIn, true);
    });
  }

  readonly #onAbort = (): void => this.finish(this.#signal!.reason);

  /**
   * Asks for a stream, and for what `use` makes of it.
   *
   * @throws {UsageError} when there are too many streams or requests
   * @throws {ClosedError} when the connection is over
   */
  open<T>(
    name: string,
    { signal, timeoutMs = this.times.requestTimeoutMs }: RequestOptions,
    announced: string | undefined,
    use: (stream: ClientStream, request: Request<T>) => StreamUse,
  ): Promise<T> {
    signal?.throwIfAborted();
    this.mustBeOpen();
    for (const stream of this.#streams) {
      if (stream.state === "deleted") this.#streams.delete(stream);
    }
    const stream = this.session.createStream(announced);
    const giveUp = () => this.session.deleteStream(stream);
    const request = new Request<T>(name, this.#clock, timeoutMs, signal, giveUp);
    stream.attachment = use(stream, request);
    this.#streams.add(stream);
    return request.answer;
  }

  /** @throws {ClosedError} when the connection is over */
  mustBeOpen(): void {
    if (this.#over) throw new ClosedError("The client is closed", "", { cause: this.#error });
  }

  // How fast to read

  /** Takes nothing more from the server until {@link room} was called for all of these. */
  full(who: object): void {
    this.#full.add(who);
    this.session.stop();
    if (!this.#gone) this.#connection.pause();
  }

  /** `who` has room again. */
  room(who: object): void {
    if (!this.#full.delete(who) || this.#full.size > 0) return;
    this.session.readOn();
    if (this.#full.size > 0) return;
    if (this.#gone) this.finish(this.#lost);
    else this.#connection.resume();
  }

  // The connection

  onData(bytes: Uint8Array): void {
    this.session.receive(bytes);
  }

  onWritable(): void {
    this.link.onWritable();
  }

  onClose(cause?: Error): void {
    this.#gone = true;
    this.#closing?.cancel();
    this.link.close();
    if (!this.#over) {
      this.#lost = new ClosedError("The server closed the connection", "", { cause });
      // What came before the end is still to be read.
      if (this.session.heldBytes === 0) this.finish(this.#lost);
    }
    this.#resolveClosed(this.#over ? this.#error : this.#lost);
  }

  // The session

  send(bytes: Uint8Array): void {
    this.link.send(bytes);
  }

  onConnect(answer: ConnectAnswer): void {
    this.#connect.succeed(answer);
  }

  onCreated(stream: ClientStream): void {
    useOf(stream).onCreated();
  }

  onStarted(stream: ClientStream): void {
    useOf(stream).onStarted();
  }

  onRefused(stream: ClientStream | undefined, refusal: ServerRefusal): void {
    if (stream === undefined) this.#connect.fail(new RefusedError("connect", refusal));
    else useOf(stream).onRefused(refusal);
  }

  onEnded(stream: ClientStream, status: ServerStatus): void {
    useOf(stream).onEnded(status);
  }

  onMedia(stream: ClientStream, type: number, timestamp: number, payload: Uint8Array): void {
    useOf(stream).onMedia(type, timestamp, payload);
  }

  onStatus(stream: ClientStream | undefined, status: ServerStatus): void {
    this.#events.dispatchEvent(new StatusEvent(status, stream?.name));
  }

  onReconnectRequest(tcUrl: string | undefined): void {
    this.#events.dispatchEvent(new ReconnectEvent(tcUrl));
  }

  onAnswer(transactionId: number, ok: boolean, value: AmfValue): void {
    this.calls.onAnswer(transactionId, ok, value);
  }

  onCall(call: ServerCall): void {
    this.calls.onCall(call);
  }

  onStreamNotice(): void {}
  onSharedObject(): void {}

  onEnd(error?: ProtocolError): void {
    this.finish(error ?? new ClosedError("The server closed the session"));
  }

  /** Ends everything: without an `error` because the client wants to. */
  finish(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#idle?.cancel();
    // The server is told what is over, as encoders do.
    if (error === undefined) {
      for (const stream of this.session.streams.values()) this.session.deleteStream(stream);
    }
    this.session.close();
    const why = error ?? new ClosedError("The client was closed");
    for (const stream of this.#streams) useOf(stream).onLost(error);
    this.#streams.clear();
    this.#full.clear();
    this.#connect.fail(why);
    this.calls.close(why);
    if (this.#gone) return;
    if (error !== undefined) return this.link.destroy();
    this.#connection.resume();
    this.#closing = this.#clock.after(this.times.closeTimeoutMs, () => this.link.destroy());
    this.link.end();
  }
}

function useOf(stream: ClientStream): StreamUse {
  return stream.attachment as StreamUse;
}
