/**
 * The owner of a `ClientSession`, which writes down what it is told as short lines, and a scripted
 * server at the other end.
 *
 * @module
 */
import { amfObject, type AmfValue, encodeAmf0 } from "../../../../../src/core/amf/mod.ts";
import type { ProtocolError } from "../../../../../src/core/errors.ts";
import { ChunkDecoder } from "../../../../../src/core/rtmp/chunk/decoder.ts";
import { encodeMessage } from "../../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { MessageType, type RtmpMessage } from "../../../../../src/core/rtmp/message/types.ts";
import {
  ClientSession,
  type ClientSessionHandler,
  type ClientSessionOptions,
  type ClientStream,
  type ConnectAnswer,
  type ServerCall,
  type ServerRefusal,
  type ServerStatus,
} from "../../../../../src/core/rtmp/session/client/mod.ts";
import { hex, line, RANDOM } from "../../../../support/scripted_client.ts";

/** C0 and C1, then C2: what a client sends before its first message. */
const HANDSHAKE_BYTES = 1 + 1536 + 1536;

/** Options of a session, unless a test has others. */
export const OPTIONS: ClientSessionOptions = {
  random: RANDOM,
  now: 0,
  connect: { app: "live", tcUrl: "rtmp://host:1935/live", flashVer: "test" },
};

/** The owner of a session. */
export class Owner implements ClientSessionHandler {
  readonly session: ClientSession;
  /** What it was told, oldest first. */
  events: string[] = [];
  error: ProtocolError | undefined;
  answer: ConnectAnswer | undefined;
  refusal: ServerRefusal | undefined;
  calls: ServerCall[] = [];
  /** What is done when something happens. */
  react: { connected?(): void; created?(stream: ClientStream): void; media?(): void } = {};
  /** Payloads of the media, by reference. */
  payloads: Uint8Array[] = [];
  readonly #sent: Uint8Array[] = [];
  readonly #decoder = new ChunkDecoder();
  #skip = HANDSHAKE_BYTES;

  constructor(options: Partial<ClientSessionOptions> = {}) {
    this.session = new ClientSession({ ...OPTIONS, ...options }, this);
    this.session.start();
  }

  /** What was told since the last call. */
  takeEvents(): string[] {
    return this.events.splice(0);
  }

  /** What the session sent since the last call, behind the handshake, as lines. */
  takeSent(): string[] {
    return this.takeMessages().map(line);
  }

  /** What the session sent since the last call, behind the handshake. */
  takeMessages(): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    for (let bytes of this.#sent.splice(0)) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
      this.#decoder.decode(bytes, 0, {
        onMessage(type, messageStreamId, timestamp, payload) {
          messages.push({ type, messageStreamId, timestamp, payload });
          return true;
        },
      });
    }
    return messages;
  }

  /** Bytes sent since the last call. */
  takeBytes(): Uint8Array[] {
    return this.#sent.splice(0);
  }

  // The server

  /** S0, S1 and S2 of the simple handshake. */
  shake(): this {
    const bytes = new Uint8Array(HANDSHAKE_BYTES);
    bytes[0] = 3;
    this.session.receive(bytes);
    return this;
  }

  /** A message of the server. */
  message(type: number, messageStreamId: number, payload: Uint8Array, timestamp = 0): this {
    this.session.receive(encodeMessage(type, messageStreamId, timestamp, payload, 3, 128));
    return this;
  }

  /** A command of the server. */
  command(messageStreamId: number, name: string, id: number, ...values: AmfValue[]): this {
    return this.message(MessageType.CommandAmf0, messageStreamId, encodeAmf0(name, id, ...values));
  }

  /** An `onStatus` of the server. */
  status(messageStreamId: number, level: string, code: string, more = {}): this {
    const info = amfObject({ level, code, description: `${code}!`, ...more });
    return this.command(messageStreamId, "onStatus", 0, null, info);
  }

  /** Connected; what was told and sent so far is forgotten. */
  connected(): this {
    this.shake();
    const info = { level: "status", code: "NetConnection.Connect.Success" };
    this.command(0, "_result", 1, amfObject({ fmsVer: "FMS/1" }), amfObject(info));
    this.takeEvents();
    this.takeSent();
    return this;
  }

  /** Connected, with a stream of this id. */
  withStream(id = 1): ClientStream {
    this.connected();
    const stream = this.session.createStream();
    this.command(0, "_result", 2, null, id);
    this.takeEvents();
    this.takeSent();
    return stream;
  }

  /** Connected, with a stream that plays. */
  playing(): ClientStream {
    const stream = this.withStream();
    this.session.play(stream, "test");
    this.status(1, "status", "NetStream.Play.Start");
    this.takeEvents();
    this.takeSent();
    return stream;
  }

  /** Connected, with a stream that publishes. */
  publishing(): ClientStream {
    const stream = this.withStream();
    this.session.publish(stream, "test");
    this.status(1, "status", "NetStream.Publish.Start");
    this.takeEvents();
    this.takeSent();
    return stream;
  }

  // What the session tells

  send(bytes: Uint8Array): void {
    this.#sent.push(bytes);
  }
  onConnect(answer: ConnectAnswer): void {
    this.answer = answer;
    this.events.push(`connect ${answer.code}`);
    this.react.connected?.();
  }
  onCreated(stream: ClientStream): void {
    this.events.push(`created ${stream.id}`);
    this.react.created?.(stream);
  }
  onStarted(stream: ClientStream, status: ServerStatus | undefined): void {
    this.events.push(`started ${stream.id} ${status?.code ?? "by media"}`);
  }
  onRefused(stream: ClientStream | undefined, refusal: ServerRefusal): void {
    this.refusal = refusal;
    this.events.push(`refused ${stream?.id ?? "connect"} ${refusal.code}`);
  }
  onEnded(stream: ClientStream, status: ServerStatus): void {
    this.events.push(`ended ${stream.id} ${status.code}`);
  }
  onMedia(stream: ClientStream, type: number, timestamp: number, payload: Uint8Array): void {
    this.payloads.push(payload);
    this.events.push(`media ${stream.id} ${type} at ${timestamp}: ${hex(payload)}`);
    this.react.media?.();
  }
  onStatus(stream: ClientStream | undefined, { level, code }: ServerStatus): void {
    this.events.push(`status ${stream?.id ?? "-"} ${level}:${code}`);
  }
  onStreamNotice(stream: ClientStream, event: number): void {
    this.events.push(`notice ${stream.id} ${event}`);
  }
  onAnswer(transactionId: number, ok: boolean, value: AmfValue): void {
    this.events.push(`${ok ? "result" : "error"} ${transactionId} ${String(value)}`);
  }
  onCall(call: ServerCall): void {
    this.calls.push(call);
    this.events.push(`call ${call.method} ${call.args.map(String).join(" ")}`.trimEnd());
  }
  onReconnectRequest(tcUrl: string | undefined): void {
    this.events.push(`reconnect ${tcUrl}`);
  }
  onSharedObject(type: number, payload: Uint8Array): void {
    this.events.push(`shared object ${type}: ${hex(payload)}`);
  }
  onEnd(error?: ProtocolError): void {
    this.error = error;
    this.events.push(error === undefined ? "end" : `end: ${error.code}`);
  }
}

/** Replays what nginx-rtmp sent to `name`, to a client that asks for the same. */
export function replay(name: string, segments: readonly Uint8Array[]): Owner {
  const publishes = name.includes("publish");
  // FFmpeg and librtmp announce what they publish before they create their stream.
  const announces = publishes && !name.includes("rtmp2sink");
  const owner: Owner = new Owner();
  owner.react = {
    connected: () => void owner.session.createStream(announces ? "test" : undefined),
    created: (stream) => {
      if (publishes) owner.session.publish(stream, "test");
      else owner.session.play(stream, "src");
    },
  };
  for (const segment of segments) {
    owner.session.receive(segment);
    segment.fill(0xee);
  }
  return owner;
}
