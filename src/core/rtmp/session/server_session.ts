/**
 * The server's side of one RTMP connection: handshake, chunk stream, control messages, commands and
 * NetStreams. Bytes in; events and bytes out. No socket, no clock, no randomness of its own.
 *
 * @module
 */
import { type AmfValue, asRecord, decodeCommandBody } from "../../amf/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { ChunkDecoder, type MessageSink } from "../chunk/decoder.ts";
import { ServerHandshake } from "../handshake/server.ts";
import { forEachAggregated } from "../message/aggregate.ts";
import {
  applyPeerBandwidth,
  BandwidthLimit,
  decodeSetPeerBandwidth,
  decodeWindowAckSize,
  encodeAcknowledgement,
  encodeSetPeerBandwidth,
  encodeWindowAckSize,
  type PeerBandwidth,
} from "../message/control.ts";
import { MessageType } from "../message/types.ts";
import { decodeUserControl, UserControlEvent } from "../message/user_control.ts";
import { parseApp, parseQuery } from "../stream_name.ts";
import { type Command, COMMANDS, type CommandSession } from "./commands.ts";
import { parseDataMessage } from "./data_message.ts";
import type { PlayRequest, SessionHandler } from "./events.ts";
import { NetStream } from "./net_stream.ts";
import { Replies } from "./replies.ts";

/** Configuration of a {@link ServerSession}. */
export interface ServerSessionOptions {
  /** At least 3040 strong random bytes for the handshake. */
  readonly random: Uint8Array;
  /** Outgoing chunk size, 128..65536. */
  readonly chunkSize: number;
  /** Window Acknowledgement Size and Set Peer Bandwidth sent to the client, bytes. */
  readonly windowAckSize: number;
  /** Most NetStreams of this connection. */
  readonly maxNetStreams: number;
  /** Longest audio or video message once the client may publish, bytes. */
  readonly maxMediaBytes: number;
  /** Longest command or data message, bytes. */
  readonly maxCommandBytes: number;
}

/** Longest message of any kind before a publish was accepted: commands are all that is due. */
const MAX_BYTES_BEFORE_PUBLISH = 64 * 1024;
/** A client that asks for acknowledgements more often than this is answered this often. */
const MIN_ACK_WINDOW = 32 * 1024;
/** Some publishers never announce a window, yet stall without acknowledgements. */
const DEFAULT_ACK_WINDOW = 2_500_000;

/** How far a session has come. */
export type SessionPhase = "handshake" | "connect" | "connected" | "closed";

/** The server's side of one RTMP connection. */
export class ServerSession implements CommandSession, MessageSink {
  readonly replies: Replies;
  readonly streams = new Map<number, NetStream>();
  rawApp: string | undefined;
  tcUrl = "";
  /** Media messages that belonged to no publishing NetStream. */
  strayMessages = 0;
  /** Bytes received so far. */
  bytesIn = 0;

  readonly #options: ServerSessionOptions;
  readonly #handler: SessionHandler;
  #handshake: ServerHandshake | undefined;
  readonly #decoder: ChunkDecoder;
  #phase: SessionPhase = "handshake";
  #connectId = 0;
  #objectEncoding = 0;
  /** A request waits for a decision: nothing more is read until it is there. */
  #deciding = false;
  /** What arrived behind the message that waits for a decision. */
  #backlog: Uint8Array | undefined;
  #running = false;
  #ackedBytes = 0;
  #ackEvery = DEFAULT_ACK_WINDOW / 2;
  /** The window last announced to the peer, and what it last asked for. */
  #window: number;
  #bandwidth: PeerBandwidth | undefined;
  /** The NetStream media was last for, so that a message costs no look-up. */
  #current: NetStream | undefined;

  constructor(options: ServerSessionOptions, handler: SessionHandler, now: number) {
    this.#options = options;
    this.#handler = handler;
    this.#window = options.windowAckSize;
    this.#handshake = new ServerHandshake({ random: options.random, now });
    this.#decoder = new ChunkDecoder({
      maxMediaBytes: MAX_BYTES_BEFORE_PUBLISH,
      maxCommandBytes: Math.min(options.maxCommandBytes, MAX_BYTES_BEFORE_PUBLISH),
    });
    this.replies = new Replies((bytes) => {
      if (this.#phase !== "closed") handler.send(bytes);
    });
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  /** Whether it waits for a decision; the transport may stop reading meanwhile. */
  get deciding(): boolean {
    return this.#deciding;
  }

  /** Takes bytes from the peer, which may be cut anywhere and may be reused afterwards. */
  receive(input: Uint8Array): void {
    if (this.#phase === "closed") return;
    this.bytesIn += input.length;
    if (this.#deciding) {
      const held = this.#backlog;
      if (held === undefined) {
        this.#backlog = new Uint8Array(input);
      } else {
        const joined = new Uint8Array(held.length + input.length);
        joined.set(held);
        joined.set(input, held.length);
        this.#backlog = joined;
      }
      return;
    }
    this.#run(input);
    this.#acknowledge();
  }

  #run(input: Uint8Array): void {
    this.#running = true;
    let offset = 0;
    try {
      if (this.#handshake !== undefined) {
        offset = this.#handshake.receive(input, 0, (bytes) => this.#handler.send(bytes));
        if (this.#handshake.done) {
          this.#handshake = undefined;
          this.#phase = "connect";
        }
      }
      while (offset < input.length && !this.#deciding && this.phase !== "closed") {
        offset = this.#decoder.decode(input, offset, this);
      }
    } catch (error) {
      this.fail(
        error instanceof ProtocolError
          ? error
          : new ProtocolError("command", `Internal error: ${error}`, { cause: error }),
      );
    } finally {
      this.#running = false;
    }
    if (this.#deciding && offset < input.length) this.#backlog = input.slice(offset);
  }

  #acknowledge(): void {
    if (this.bytesIn - this.#ackedBytes < this.#ackEvery || this.#phase !== "connected") return;
    this.#ackedBytes = this.bytesIn;
    this.replies.control(MessageType.Acknowledgement, encodeAcknowledgement(this.bytesIn));
  }

  // Messages

  onMessage(
    type: number,
    messageStreamId: number,
    timestamp: number,
    payload: Uint8Array,
  ): boolean {
    switch (type) {
      case MessageType.Audio:
      case MessageType.Video:
        this.#media(type, messageStreamId, timestamp, payload);
        break;
      case MessageType.Aggregate:
        forEachAggregated(payload, timestamp, messageStreamId, this.#aggregated);
        break;
      case MessageType.DataAmf0:
      case MessageType.DataAmf3:
        this.#data(type, messageStreamId, timestamp, payload);
        break;
      case MessageType.CommandAmf0:
      case MessageType.CommandAmf3:
        this.#command(type, messageStreamId, timestamp, payload);
        break;
      case MessageType.WindowAckSize:
        this.#peerWindow(payload);
        break;
      case MessageType.SetPeerBandwidth:
        this.#peerBandwidth(payload);
        break;
      case MessageType.UserControl:
        this.#userControl(payload);
        break;
        // Set Chunk Size and Abort are the decoder's; acknowledgements need no answer; shared
        // objects and what nobody knows are read past.
    }
    return !this.#deciding && this.phase !== "closed";
  }

  #publisherFor(messageStreamId: number): NetStream | undefined {
    const { streams } = this;
    let stream = streams.get(messageStreamId);
    if (stream?.state === "publishing") return stream;
    // Old encoders send media and metadata on message stream 0: unambiguous with one publisher.
    if (messageStreamId !== 0) return undefined;
    for (const candidate of streams.values()) {
      if (candidate.state !== "publishing") continue;
      if (stream?.state === "publishing") return undefined;
      stream = candidate;
    }
    return stream;
  }

  #media(kind: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    let stream = this.#current;
    if (stream?.id !== messageStreamId || stream.state !== "publishing") {
      stream = this.#publisherFor(messageStreamId);
      if (stream === undefined) {
        this.strayMessages++;
        return;
      }
      this.#current = stream;
    }
    this.#handler.onMedia(stream, kind, timestamp, payload);
  }

  #data(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    const stream = this.#publisherFor(messageStreamId);
    if (stream === undefined) {
      this.strayMessages++;
      return;
    }
    const message = parseDataMessage(type, payload);
    if (message.action === "set") {
      this.#handler.onSetData(stream, message.handler, timestamp, message.payload);
    } else if (message.action === "clear") {
      this.#handler.onClearData(stream, message.handler);
    } else {
      this.#handler.onMedia(stream, MessageType.DataAmf0, timestamp, message.payload);
    }
  }

  // An aggregate carries media and data; whatever else is packed into one is not acted upon.
  readonly #aggregated = (
    type: number,
    messageStreamId: number,
    timestamp: number,
    payload: Uint8Array,
  ): void => {
    if (type === MessageType.Audio || type === MessageType.Video) {
      this.#media(type, messageStreamId, timestamp, payload);
    } else if (type === MessageType.DataAmf0 || type === MessageType.DataAmf3) {
      this.#data(type, messageStreamId, timestamp, payload);
    }
  };

  #peerWindow(payload: Uint8Array): void {
    const window = decodeWindowAckSize(payload);
    this.#ackEvery = Math.max(MIN_ACK_WINDOW, Math.min(window, DEFAULT_ACK_WINDOW)) / 2;
  }

  /** Set Peer Bandwidth [RTMP 1.0 §5.4.5]: the answer says what window we use now. */
  #peerBandwidth(payload: Uint8Array): void {
    const asked = decodeSetPeerBandwidth(payload);
    const window = applyPeerBandwidth(this.#window, this.#bandwidth, asked);
    // A dynamic limit that is obeyed counts as hard, one that is ignored changes nothing.
    if (asked.limitType !== BandwidthLimit.Dynamic) this.#bandwidth = asked;
    if (window === this.#window || window === 0) return;
    this.#window = window;
    this.replies.control(MessageType.WindowAckSize, encodeWindowAckSize(window));
  }

  #userControl(payload: Uint8Array): void {
    const message = decodeUserControl(payload);
    if (message?.event === UserControlEvent.PingRequest) {
      this.replies.userControl({ event: UserControlEvent.PingResponse, time: message.time });
    } else if (message?.event === UserControlEvent.SetBufferLength) {
      const stream = this.streams.get(message.streamId);
      if (stream !== undefined) stream.bufferMs = message.bufferMs;
    }
  }

  // Commands

  #command(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    let values: AmfValue[];
    try {
      values = decodeCommandBody(type, payload);
    } catch (error) {
      // A body that cannot be read costs the client its answer, not its connection.
      if (this.#phase === "connected" && error instanceof ProtocolError && error.code === "amf") {
        return;
      }
      throw error;
    }
    const [name, id, ...rest] = values;
    if (typeof name !== "string") {
      if (this.#phase === "connected") return;
      throw new ProtocolError("command", "Expected connect, found a command without a name");
    }
    // Some encoders send their metadata as a command.
    if (name === "@setDataFrame" || name === "@clearDataFrame" || name === "onMetaData") {
      const dataType = type === MessageType.CommandAmf3
        ? MessageType.DataAmf3
        : MessageType.DataAmf0;
      return this.#data(dataType, messageStreamId, timestamp, payload);
    }
    const command: Command = {
      name,
      transactionId: typeof id === "number" && Number.isFinite(id) ? id : 0,
      messageStreamId,
      values: rest,
    };
    if (name === "connect") return this.#connect(command);
    if (this.#phase !== "connected") {
      throw new ProtocolError("command", `Expected connect, found ${JSON.stringify(name)}`);
    }
    // Answers to calls we did not make.
    if (name === "_result" || name === "_error") return;
    const handler = COMMANDS.get(name);
    if (handler !== undefined) return handler(this, command);
    this.replies.error(
      messageStreamId,
      command.transactionId,
      "NetConnection.Call.Failed",
      `The method ${name.slice(0, 64)} does not exist.`,
    );
  }

  #connect(command: Command): void {
    if (this.#phase === "connected") {
      this.replies.error(
        0,
        command.transactionId,
        "NetConnection.Connect.Rejected",
        "Already connected.",
      );
      return;
    }
    const properties = asRecord(command.values[0]) ?? new Map<string, AmfValue>();
    const text = (key: string) => {
      const value = properties.get(key);
      return typeof value === "string" ? value : "";
    };
    const app = properties.get("app");
    this.rawApp = typeof app === "string" ? app : undefined;
    this.tcUrl = text("tcUrl") || text("tcurl");
    this.#connectId = command.transactionId;
    this.#objectEncoding = properties.get("objectEncoding") === 3 ? 3 : 0;
    this.#deciding = true;
    const canonical = parseApp(this.rawApp, this.tcUrl);
    if (canonical === undefined) {
      return this.rejectConnect("The application name is not allowed.", "InvalidApp");
    }
    this.#handler.onConnect({
      app: canonical,
      query: parseQuery(this.rawApp, this.tcUrl),
      tcUrl: this.tcUrl,
      flashVer: text("flashVer"),
      pageUrl: text("pageUrl"),
      swfUrl: text("swfUrl"),
      objectEncoding: this.#objectEncoding,
      properties,
    });
  }

  /** Lets the client in: windows, chunk size, StreamBegin 0, then the result. */
  acceptConnect(): void {
    if (this.#phase !== "connect") return;
    this.#phase = "connected";
    const { windowAckSize, chunkSize } = this.#options;
    this.replies.control(MessageType.WindowAckSize, encodeWindowAckSize(windowAckSize));
    this.replies.control(
      MessageType.SetPeerBandwidth,
      encodeSetPeerBandwidth(windowAckSize, BandwidthLimit.Dynamic),
    );
    this.replies.setChunkSize(chunkSize);
    this.replies.userControl({ event: UserControlEvent.StreamBegin, streamId: 0 });
    this.replies.connectResult(this.#connectId, this.#objectEncoding);
    this.#decided();
  }

  /** Turns the client away and ends the session. */
  rejectConnect(description: string, code: "Rejected" | "InvalidApp" = "Rejected"): void {
    if (this.#phase !== "connect") return;
    this.replies.error(0, this.#connectId || 1, `NetConnection.Connect.${code}`, description);
    this.#end();
  }

  #decided(): void {
    this.#deciding = false;
    if (this.#running) return;
    const backlog = this.#backlog;
    this.#backlog = undefined;
    if (backlog !== undefined) {
      this.#run(backlog);
      this.#acknowledge();
    }
  }

  createStream(): NetStream | undefined {
    if (this.streams.size >= this.#options.maxNetStreams) return undefined;
    let id = 1;
    while (this.streams.has(id)) id++;
    const stream = new NetStream(id);
    this.streams.set(id, stream);
    return stream;
  }

  deleteStream(stream: NetStream): void {
    this.stopStream(stream);
    this.streams.delete(stream.id);
  }

  stopStream(stream: NetStream): void {
    const { isPublisher, isPlayer } = stream;
    if (!isPublisher && !isPlayer) return;
    // The owner still sees what the stream was, its path for instance.
    if (isPublisher) this.#handler.onUnpublish(stream);
    else this.#handler.onStop(stream);
    stream.apply("stop");
  }

  requestPublish(
    stream: NetStream,
    query: URLSearchParams,
    type: "live" | "record" | "append",
  ): void {
    this.#deciding = true;
    this.#handler.onPublish(stream, { path: stream.path!, query, type });
  }

  /** Lets a NetStream publish. */
  acceptPublish(stream: NetStream): void {
    if (stream.state !== "publish-pending") return;
    stream.apply("accept");
    this.#decoder.setLimits({
      maxMediaBytes: this.#options.maxMediaBytes,
      maxCommandBytes: this.#options.maxCommandBytes,
    });
    this.replies.userControl({ event: UserControlEvent.StreamBegin, streamId: stream.id });
    this.replies.status(stream.id, "NetStream.Publish.Start", "Publishing.");
    this.#decided();
  }

  /** Refuses a publish; the connection stays. */
  rejectPublish(stream: NetStream, code: "BadName" | "Denied" | "Rejected", why: string): void {
    if (stream.state !== "publish-pending") return;
    stream.apply("refuse");
    this.replies.status(stream.id, `NetStream.Publish.${code}`, why);
    this.#decided();
  }

  requestPlay(stream: NetStream, request: PlayRequest): void {
    this.#deciding = true;
    this.#handler.onPlay(stream, request);
  }

  /** The play is allowed; its stream may still have to begin. Other messages are read on. */
  acceptPlay(): void {
    this.#decided();
  }

  /** Media follows: StreamBegin, Play.Reset when asked for, Play.Start, sample access. */
  startPlay(stream: NetStream): void {
    if (stream.state !== "play-pending") return;
    stream.apply("accept");
    const { replies } = this;
    replies.userControl({ event: UserControlEvent.StreamBegin, streamId: stream.id });
    if (stream.transition) {
      replies.status(stream.id, "NetStream.Play.Transition", "Switched.");
    }
    if (stream.reset) replies.status(stream.id, "NetStream.Play.Reset", "Playing and resetting.");
    replies.status(stream.id, "NetStream.Play.Start", "Playing.");
    replies.data(stream.id, "|RtmpSampleAccess", true, true);
  }

  /** Refuses a play, or ends one that has not begun. */
  rejectPlay(stream: NetStream, code: "StreamNotFound" | "Failed", why: string): void {
    if (stream.state !== "play-pending") return;
    stream.apply("refuse");
    this.replies.status(stream.id, `NetStream.Play.${code}`, why);
    if (this.#deciding) this.#decided();
  }

  /** The stream being played has ended. */
  endPlay(stream: NetStream): void {
    if (stream.state !== "playing") return;
    this.replies.status(stream.id, "NetStream.Play.UnpublishNotify", "The publisher has left.");
    this.replies.userControl({ event: UserControlEvent.StreamEof, streamId: stream.id });
    this.replies.status(stream.id, "NetStream.Play.Stop", "Stopped.");
    stream.apply("stop");
  }

  /** The stream being published was taken away. */
  revokePublish(stream: NetStream, why: string): void {
    if (stream.state !== "publishing") return;
    stream.apply("stop");
    this.replies.status(stream.id, "NetStream.Publish.BadName", why);
    this.replies.status(stream.id, "NetStream.Unpublish.Success", why);
  }

  pauseStream(stream: NetStream, paused: boolean): void {
    if (stream.paused !== paused) {
      stream.paused = paused;
      this.#handler.onPause(stream, paused);
    }
    if (paused) {
      this.replies.status(stream.id, "NetStream.Pause.Notify", "Paused.");
      this.replies.userControl({ event: UserControlEvent.StreamEof, streamId: stream.id });
    } else {
      this.replies.userControl({ event: UserControlEvent.StreamBegin, streamId: stream.id });
      this.replies.status(stream.id, "NetStream.Unpause.Notify", "Playing again.");
    }
  }

  receiveChanged(stream: NetStream): void {
    this.#handler.onReceive(stream);
  }

  /** Asks the peer for a sign of life. `now` in ms. */
  ping(now: number): void {
    if (this.#phase !== "connected") return;
    this.replies.userControl({
      event: UserControlEvent.PingRequest,
      time: Math.floor(now) % 2 ** 32,
    });
  }

  /** Tells the client that the server goes away, and ends the session. */
  shutdown(): void {
    if (this.#phase === "connected") {
      this.replies.status(0, "NetConnection.Connect.AppShutdown", "The server is shutting down.");
    }
    this.#end();
  }

  /** The peer said `close`, or its connection is gone: ends every NetStream, sends nothing. */
  close(): void {
    this.#end();
  }

  /** Ends the session because of what the peer did, or did not do in time. */
  fail(error: ProtocolError): void {
    this.#end(error);
  }

  #end(error?: ProtocolError): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#deciding = false;
    this.#backlog = undefined;
    for (const stream of this.streams.values()) this.stopStream(stream);
    this.streams.clear();
    this.#handler.onEnd(error);
  }
}
