/**
 * The client's side of one RTMP connection: handshake, chunk stream, control messages, commands and
 * streams that publish or play. Bytes in; events and bytes out. No socket, no clock, no randomness of
 * its own.
 *
 * @module
 */
import { type AmfValue, encodeAmf0 } from "../../../amf/mod.ts";
import { ProtocolError, UsageError } from "../../../errors.ts";
import { encodeWindowAckSize } from "../../message/control.ts";
import { MessageType } from "../../message/types.ts";
import { UserControlEvent } from "../../message/user_control.ts";
import { NetStreams } from "../net_streams.ts";
import { PeerControl } from "../peer_control.ts";
import { Replies } from "../replies.ts";
import { type Answered, AnswerReader } from "./answers.ts";
import { clientDispatcher } from "./client_dispatcher.ts";
import { ClientInbound } from "./client_inbound.ts";
import type { ClientStream } from "./client_stream.ts";
import { ClientStreams } from "./client_streams.ts";
import { connectObject } from "./connect_command.ts";
import type { ClientSessionHandler, ServerCall } from "./events.ts";
import {
  type ClientSessionOptions,
  DEFAULT_SIZES,
  MAX_EARLY_BYTES,
  type SessionSizes,
} from "./options.ts";
import { encodeMedia } from "./encode_media.ts";
import { type ClientPlayOptions, playArguments } from "./play_options.ts";
import { Transactions } from "./transactions.ts";

/** How far a session has come. */
export type ClientSessionPhase = "handshake" | "connect" | "connected" | "closed";

/** The client's side of one RTMP connection. */
export class ClientSession {
  readonly #options: Required<SessionSizes> & ClientSessionOptions;
  readonly #handler: ClientSessionHandler;
  readonly #replies: Replies;
  readonly #inbound: ClientInbound;
  readonly #control: PeerControl;
  readonly #answers: AnswerReader;
  readonly #transactions: Transactions<Answered>;
  readonly #streams: ClientStreams;
  #phase: ClientSessionPhase = "handshake";
  #error: ProtocolError | undefined;

  /**
   * Says nothing until it is begun; `handler` is told what comes of it.
   *
   * @throws {UsageError} if there are too few random bytes for the handshake
   */
  constructor(options: ClientSessionOptions, handler: ClientSessionHandler) {
    const { windowAckSize, maxMediaBytes, maxCommandBytes } = this.#options = {
      ...DEFAULT_SIZES,
      ...options,
    };
    this.#handler = handler;
    this.#replies = new Replies({
      send: (bytes) => {
        if (this.#phase !== "closed") handler.send(bytes);
      },
    });
    this.#control = new PeerControl(this.#replies, new NetStreams(0), windowAckSize);
    this.#transactions = new Transactions(this.#options.maxTransactions);
    this.#streams = new ClientStreams(handler, this.#options.maxStreams);
    const answers = this.#answers = new AnswerReader(this.#transactions, this.#streams, handler, {
      onConnected: () => this.#connected(),
      deleteStream: (stream) => this.#command(0, "deleteStream", stream.id),
      call: (call) => handler.onCall(call),
      close: (error) => this.#end(error),
      isConnected: () => this.#phase === "connected",
    }, options.amf);
    this.#inbound = new ClientInbound(
      { random: options.random, now: options.now, digestBase: options.digestBase },
      {
        ...options.chunks,
        maxMediaBytes: Math.min(maxMediaBytes, MAX_EARLY_BYTES),
        maxCommandBytes: Math.min(maxCommandBytes, MAX_EARLY_BYTES),
        lendPayloads: options.lendPayloads ?? false,
      },
      {
        send: (bytes) => handler.send(bytes),
        onHandshake: () => this.#connect(),
        onMessage: clientDispatcher(this.#streams, answers, this.#control, (type, payload) => {
          if (this.#phase === "connected") handler.onSharedObject(type, payload);
        }),
      },
      options.assembly,
    );
  }

  /** How far it has come. */
  get phase(): ClientSessionPhase {
    return this.#phase;
  }

  /** What the server did wrong, when that ended the session. */
  get error(): ProtocolError | undefined {
    return this.#error;
  }

  /** The streams that have an id, by it. */
  get streams(): ReadonlyMap<number, ClientStream> {
    return this.#streams.byId;
  }

  /** Bytes received so far. */
  get bytesIn(): number {
    return this.#control.acknowledger.received;
  }

  /** Messages that were passed over: of types that nobody knows, such as 7, or odd, but harmless. */
  get oddMessages(): number {
    return this.#control.oddMessages;
  }

  /** Messages that were dropped: of no stream that plays, answers nobody waits for, unreadable. */
  get strayMessages(): number {
    return this.#streams.strayMessages + this.#answers.strayMessages;
  }

  /** Bytes that were received and not read yet, because of {@link stop}. */
  get heldBytes(): number {
    return this.#inbound.held;
  }

  /** Size of the chunks that the server is sent, bytes. */
  get chunkSize(): number {
    return this.#replies.chunkSize;
  }

  // What the server sends

  /** Begins, with C0 and C1. Must be called once, before `receive`. */
  start(): void {
    this.#inbound.start();
  }

  /**
   * Takes bytes from the server, which may be cut anywhere and may be reused afterwards. What the
   * server does wrong ends the session; nothing is thrown but what the handler throws.
   */
  receive(input: Uint8Array): void {
    if (this.#phase === "closed") return;
    this.#control.acknowledger.add(input.length);
    this.#read(input);
  }

  /** Reads nothing behind the current message until {@link readOn}: the owner has enough. */
  stop(): void {
    this.#inbound.stop();
  }

  /** Goes on after {@link stop}, at once with what was kept. */
  readOn(): void {
    if (this.#phase !== "closed") this.#read();
  }

  #read(input?: Uint8Array): void {
    try {
      if (input === undefined) this.#inbound.resume();
      else this.#inbound.receive(input);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#end(error);
    }
    if (this.#phase === "connected") this.#control.acknowledge();
  }

  #connect(): void {
    this.#phase = "connect";
    const { connect } = this.#options;
    const id = this.#transactions.open({ what: "connect" });
    const object = connectObject(connect);
    this.#replies.command(0, "connect", id, object, ...connect.args ?? []);
  }

  #connected(): void {
    this.#phase = "connected";
    const { windowAckSize, chunkSize } = this.#options;
    this.#replies.control(MessageType.WindowAckSize, encodeWindowAckSize(windowAckSize));
    this.#replies.setChunkSize(chunkSize);
  }

  // Commands

  #command(messageStreamId: number, name: string, ...values: AmfValue[]): void {
    this.#replies.command(messageStreamId, name, this.#transactions.next(), null, ...values);
  }

  /** @throws {UsageError} unless the server let us in */
  #mustBeConnected(): void {
    if (this.#phase !== "connected") throw new UsageError("Cannot do that unless connected");
  }

  /** @throws {UsageError} unless the stream is in one of these states */
  #mustBe(stream: ClientStream, ...states: ClientStream["state"][]): void {
    this.#mustBeConnected();
    if (!states.includes(stream.state)) {
      throw new UsageError(`Cannot do that with a stream that is ${stream.state}`);
    }
  }

  /**
   * Asks for a stream; `onCreated` says when it can be used. With `announced`, the server is told
   * before, as encoders do, to free this name and to expect it to be published.
   *
   * @throws {UsageError} when not connected, or when there are too many streams or requests
   */
  createStream(announced?: string): ClientStream {
    this.#mustBeConnected();
    const stream = this.#streams.open();
    if (announced !== undefined) {
      stream.announced = announced;
      this.#command(0, "releaseStream", announced);
      this.#command(0, "FCPublish", announced);
    }
    const id = this.#transactions.open({ what: "stream", stream });
    this.#replies.command(0, "createStream", id, null);
    return stream;
  }

  /** Tells the server that this will be played: some content networks want that first. */
  announcePlay(name: string): void {
    this.#mustBeConnected();
    this.#command(0, "FCSubscribe", name);
  }

  /**
   * Asks to publish; `onStarted` or `onRefused` is the answer.
   *
   * @throws {UsageError} unless the stream is idle
   */
  publish(stream: ClientStream, name: string, type: "live" | "record" | "append" = "live"): void {
    this.#mustBe(stream, "idle");
    stream.requestId = this.#transactions.open({ what: "request", stream });
    stream.name = name;
    stream.apply("publish");
    this.#replies.command(stream.id, "publish", stream.requestId, null, name, type);
  }

  /**
   * Asks to play; `onStarted` or `onRefused` is the answer.
   *
   * @throws {UsageError} unless the stream is idle
   */
  play(stream: ClientStream, name: string, options: ClientPlayOptions = {}): void {
    this.#mustBe(stream, "idle");
    const { bufferMs } = options;
    stream.requestId = this.#transactions.open({ what: "request", stream });
    stream.name = name;
    stream.apply("play");
    const { maxMediaBytes, maxCommandBytes } = this.#options;
    this.#inbound.setLimits({ maxMediaBytes, maxCommandBytes });
    if (bufferMs !== undefined) {
      const event = UserControlEvent.SetBufferLength;
      this.#replies.userControl({ event, streamId: stream.id, bufferMs });
    }
    this.#replies.command(
      stream.id,
      "play",
      stream.requestId,
      null,
      name,
      ...playArguments(options),
    );
  }

  /** Stops what a stream does; it may be used again. */
  closeStream(stream: ClientStream): void {
    if (this.#phase !== "connected" || stream.id === 0) return;
    this.#stop(stream);
    if (stream.apply("stop")) this.#replies.command(stream.id, "closeStream", 0, null);
  }

  /** Gives a stream up, whatever it does. */
  deleteStream(stream: ClientStream): void {
    const { id } = stream;
    this.#stop(stream);
    if (!stream.apply("delete")) return;
    this.#streams.remove(stream);
    // Without an id it is deleted as soon as it has one.
    if (id !== 0 && this.#phase === "connected") this.#command(0, "deleteStream", id);
  }

  #stop(stream: ClientStream): void {
    this.#transactions.take(stream.requestId);
    stream.requestId = 0;
    const { announced } = stream;
    stream.announced = undefined;
    if (announced !== undefined && this.#phase === "connected") {
      this.#command(0, "FCUnpublish", announced);
    }
  }

  /** Asks the server to stop sending, or to go on, at `position` (ms) of a recording. */
  pause(stream: ClientStream, paused: boolean, position = 0): void {
    this.#mustBe(stream, "playing");
    this.#command(stream.id, "pause", paused, position);
  }

  /** Asks for another `position` (ms) of a recording. */
  seek(stream: ClientStream, position: number): void {
    this.#mustBe(stream, "playing");
    this.#command(stream.id, "seek", position);
  }

  /** Says whether sound, or pictures, are wanted. */
  receiveMedia(stream: ClientStream, kind: "Audio" | "Video", wanted: boolean): void {
    this.#mustBe(stream, "idle", "play-pending", "playing");
    this.#command(stream.id, `receive${kind}`, wanted);
  }

  /** Sends any other command about a stream, `play2` for instance; nobody waits for its answer. */
  command(stream: ClientStream, name: string, ...args: AmfValue[]): void {
    this.#mustBe(stream, "idle", "publishing", "play-pending", "playing");
    this.#command(stream.id, name, ...args);
  }

  // Media

  /**
   * Sends an audio (8), video (9) or data (18) message. Metadata is sent in the form that servers
   * store. `timestamp` in ms modulo 2^32; `payload` is copied.
   *
   * @throws {UsageError} unless the stream is publishing, or when the payload is too long
   */
  sendMedia(stream: ClientStream, type: 8 | 9 | 18, timestamp: number, payload: Uint8Array): void {
    this.#mustBe(stream, "publishing");
    this.#handler.send(encodeMedia(stream.id, type, timestamp, payload, this.#replies.chunkSize));
  }

  /** Sends bytes that are chunks of {@link chunkSize} already, or anything else, as they are. */
  sendEncoded(bytes: Uint8Array): void {
    if (this.#phase === "connected") this.#handler.send(bytes);
  }

  /** Sends a shared object message. */
  sendSharedObject(type: 16 | 19, payload: Uint8Array): void {
    if (this.#phase === "connected") this.#replies.sharedObject(type, payload);
  }

  // Calls

  /**
   * Calls a method of the server; `onAnswer` has the answer, if there is one. Returns the
   * transaction id.
   *
   * @throws {UsageError} when not connected, when too many requests wait, or for what is no AMF value
   */
  call(method: string, args: readonly AmfValue[]): number {
    this.#mustBeConnected();
    // Before it waits for an answer: this may throw.
    encodeAmf0(...args);
    const id = this.#transactions.open({ what: "call" });
    this.#replies.command(0, method, id, null, ...args);
    return id;
  }

  /** Waits no longer for the answer to a call. */
  forget(transactionId: number): void {
    this.#transactions.take(transactionId);
  }

  /** `_result` of a call of the server; nothing when it wants none. */
  answerCall({ messageStreamId, transactionId }: ServerCall, value: AmfValue): void {
    this.#replies.result(messageStreamId, transactionId, value);
  }

  /** `_error` of a call of the server; nothing when it wants none. */
  failCall({ messageStreamId, transactionId }: ServerCall, why: string): void {
    this.#replies.error(messageStreamId, transactionId, "NetConnection.Call.Failed", why);
  }

  // The end

  /** Asks the server for a sign of life. `now` in ms. */
  ping(now: number): void {
    if (this.#phase !== "connected") return;
    const time = Math.floor(now) % 2 ** 32;
    this.#replies.userControl({ event: UserControlEvent.PingRequest, time });
  }

  /** Ends the session without a word. */
  close(): void {
    this.#end();
  }

  #end(error?: ProtocolError): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#error = error;
    this.#inbound.close();
    this.#transactions.clear();
    this.#streams.clear();
    this.#handler.onEnd(error);
  }
}
