/**
 * A scripted client at the other end of a `ServerSession`, without a socket, and the owner of that
 * session. What the server sends and what its owner is told are written down as short lines.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  amfObject,
  type AmfValue,
  asRecord,
  decodeAmf0,
  encodeAmf0,
} from "../../src/core/amf/mod.ts";
import type { ProtocolError } from "../../src/core/errors.ts";
import { ChunkEncoder } from "../../src/core/rtmp/chunk/chunk_encoder.ts";
import { ChunkDecoder } from "../../src/core/rtmp/chunk/decoder.ts";
import { ClientHandshake } from "../../src/core/rtmp/handshake/client.ts";
import { MessageType, type RtmpMessage } from "../../src/core/rtmp/message/types.ts";
import { decodeUserControl } from "../../src/core/rtmp/message/user_control.ts";
import {
  type ConnectRequest,
  type NetStream,
  type PlayRequest,
  type PublishRequest,
  ServerSession,
  type ServerSessionOptions,
  type SessionHandler,
} from "../../src/core/rtmp/session/mod.ts";
import { chunkStreamIdFor } from "../../src/core/rtmp/streams.ts";

const RANDOM = Uint8Array.from({ length: 3072 }, (_, index) => index * 31);

/** What an owner does about a request: lets it in, or leaves the decision to the test. */
export type Answer = "accept" | "hold";

/** A session's options, unless the test has others. */
export const OPTIONS: ServerSessionOptions = {
  random: RANDOM,
  chunkSize: 4096,
  windowAckSize: 2_500_000,
  maxNetStreams: 4,
  maxMediaBytes: 8 * 1024 * 1024,
  maxCommandBytes: 1024 * 1024,
};

/** Hex digits of `bytes`. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A value as a line has it: an information object is its level and code. */
function shown(value: AmfValue): string {
  const record = asRecord(value);
  if (record === undefined) return typeof value === "string" ? value : String(value);
  const { level, code, ...more } = Object.fromEntries(record);
  delete more.description;
  const rest = Object.entries(more).map(([key, member]) => `${key}=${shown(member)}`).join(" ");
  const head = code === undefined ? "" : `${level}:${code}`;
  return rest === "" ? head : `${head}{${rest}}`;
}

const USER_CONTROL = [
  ...["streamBegin", "streamEof", "streamDry", "setBufferLength", "streamIsRecorded", "5"],
  ...["pingRequest", "pingResponse"],
];

/** A message of the server as a line; message stream id first where it carries one. */
export function line({ type, messageStreamId, timestamp, payload }: RtmpMessage): string {
  const u32 = () => new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  if (type < MessageType.Audio) assert.equal(messageStreamId, 0, "control is on message stream 0");
  switch (type) {
    case MessageType.SetChunkSize:
      return `setChunkSize ${u32()}`;
    case MessageType.Acknowledgement:
      return `acknowledgement ${u32()}`;
    case MessageType.WindowAckSize:
      return `windowAckSize ${u32()}`;
    case MessageType.SetPeerBandwidth:
      return `peerBandwidth ${u32()} ${["hard", "soft", "dynamic"][payload[4]!]}`;
    case MessageType.UserControl: {
      const message = decodeUserControl(payload)!;
      const number = "streamId" in message ? message.streamId : "time" in message && message.time;
      return `${USER_CONTROL[message.event]} ${number}`;
    }
    case MessageType.CommandAmf0:
    case MessageType.DataAmf0: {
      const what = type === MessageType.DataAmf0 ? "data " : "";
      return `${messageStreamId} ${what}${decodeAmf0(payload).map(shown).join(" ")}`;
    }
    default:
      return `${messageStreamId} type ${type} at ${timestamp}: ${hex(payload)}`;
  }
}

/** The client, and the owner of the session it speaks to. */
export class SessionPeer implements SessionHandler {
  readonly session: ServerSession;
  /** What the owner was told, oldest first. */
  events: string[] = [];
  /** The server's messages, oldest first. */
  messages: RtmpMessage[] = [];
  answers: { connect: Answer; publish: Answer; play: Answer };
  /** Whether a play starts as soon as it is accepted. */
  startsPlays = true;
  /** The last requests. */
  connectRequest: ConnectRequest | undefined;
  publishRequest: PublishRequest | undefined;
  playRequest: PlayRequest | undefined;
  /** NetStreams that wait for a decision, oldest first. */
  held: NetStream[] = [];
  error: ProtocolError | undefined;
  /** Set to write down the bytes of the client, rather than hand them to the session. */
  recorded: Uint8Array[] | undefined;

  readonly #encoder = new ChunkEncoder();
  readonly #decoder = new ChunkDecoder();
  readonly #handshake = new ClientHandshake({ random: RANDOM, now: 0 });
  readonly #outbox: Uint8Array[] = [];
  #writing = false;
  #taken = 0;

  constructor(options: Partial<ServerSessionOptions> = {}, answer: Answer = "accept") {
    this.answers = { connect: answer, publish: answer, play: answer };
    this.session = new ServerSession({ ...OPTIONS, ...options }, this, 0);
  }

  // The client

  /** Bytes to the server. */
  write(bytes: Uint8Array): void {
    (this.recorded ?? this.#outbox).push(bytes.slice());
    // An answer to what the session just sent goes to it after that, not inside.
    if (this.#writing) return;
    this.#writing = true;
    for (let next = this.#outbox.shift(); next !== undefined; next = this.#outbox.shift()) {
      this.session.receive(next);
      next.fill(0xee);
    }
    this.#writing = false;
  }

  /** Shakes hands. */
  shake(): this {
    this.#handshake.start((bytes) => this.write(bytes));
    return this;
  }

  /** A message to the server. */
  message(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    const message = { type, messageStreamId, timestamp, payload };
    this.write(this.#encoder.encode(message, chunkStreamIdFor(message)));
  }

  /** A command to the server. */
  command(messageStreamId: number, name: string, id: AmfValue, ...values: AmfValue[]): void {
    this.message(MessageType.CommandAmf0, messageStreamId, 0, encodeAmf0(name, id, ...values));
  }

  /** Shakes hands and connects to `app`; forgets the replies. */
  connected(app = "live"): this {
    this.shake();
    this.connect(app);
    this.take();
    this.events = [];
    return this;
  }

  /** Connects to `app`. */
  connect(app = "live", more: Record<string, AmfValue> = {}): void {
    this.command(0, "connect", 1, amfObject({ app, tcUrl: `rtmp://host/${app}`, ...more }));
  }

  /** Connected, and with NetStreams 1 to `count`. */
  withStreams(count = 1): this {
    this.connected();
    for (let id = 2; id < 2 + count; id++) this.command(0, "createStream", id, null);
    this.take();
    return this;
  }

  /** Connected, with one NetStream that publishes `live/test`. */
  publishing(): this {
    this.withStreams();
    this.command(1, "publish", 0, null, "test", "live");
    this.take();
    this.events = [];
    return this;
  }

  /** Connected, with one NetStream that plays `live/test`. */
  playing(): this {
    this.withStreams();
    this.command(1, "play", 0, null, "test");
    this.take();
    this.events = [];
    return this;
  }

  /** What the server sent since the last call, as lines. */
  take(): string[] {
    const fresh = this.messages.slice(this.#taken);
    this.#taken = this.messages.length;
    return fresh.map(line);
  }

  /** What the owner was told since the last call. */
  takeEvents(): string[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  // The owner of the session

  send(bytes: Uint8Array): void {
    let offset = 0;
    if (!this.#handshake.done) {
      offset = this.#handshake.receive(bytes, 0, (c2) => this.write(c2));
    }
    this.#decoder.decode(bytes, offset, {
      onMessage: (type, messageStreamId, timestamp, payload) => {
        this.messages.push({ type, messageStreamId, timestamp, payload });
        return true;
      },
    });
  }

  onConnect(request: ConnectRequest): void {
    this.connectRequest = request;
    this.events.push(`connect ${request.app}`);
    if (this.answers.connect === "accept") this.session.acceptConnect();
  }

  onPublish(stream: NetStream, request: PublishRequest): void {
    this.publishRequest = request;
    this.events.push(
      `publish ${stream.id} ${request.path.app}/${request.path.name} ${request.type}`,
    );
    if (this.answers.publish === "accept") this.session.acceptPublish(stream);
    else this.held.push(stream);
  }

  onPlay(stream: NetStream, request: PlayRequest): void {
    this.playRequest = request;
    this.events.push(`play ${stream.id} ${request.path.app}/${request.path.name} ${request.start}`);
    if (this.answers.play === "hold") this.held.push(stream);
    else {
      if (this.startsPlays) this.session.startPlay(stream);
      this.session.acceptPlay(stream);
    }
  }

  onMedia(stream: NetStream, kind: number, timestamp: number, payload: Uint8Array): void {
    this.events.push(`media ${stream.id} ${kind} at ${timestamp}: ${hex(payload)}`);
  }

  onSetData(stream: NetStream, handler: string, timestamp: number, payload: Uint8Array): void {
    this.events.push(`set ${stream.id} ${handler} at ${timestamp}: ${hex(payload)}`);
  }

  onClearData(stream: NetStream, handler: string): void {
    this.events.push(`clear ${stream.id} ${handler}`);
  }

  onUnpublish(stream: NetStream): void {
    this.events.push(`unpublish ${stream.id} ${stream.path?.name}`);
  }

  onStop(stream: NetStream): void {
    this.events.push(`stop ${stream.id} ${stream.path?.name}`);
  }

  onPause(stream: NetStream, paused: boolean): void {
    this.events.push(`${paused ? "pause" : "resume"} ${stream.id}`);
  }

  onReceive(stream: NetStream): void {
    const { id, receiveAudio, receiveVideo } = stream;
    this.events.push(`receive ${id} audio ${receiveAudio} video ${receiveVideo}`);
  }

  onEnd(error?: ProtocolError): void {
    this.error = error;
    this.events.push(error === undefined ? "end" : `end: ${error.code}`);
  }
}
