/**
 * A scripted client at the other end of a `ServerSession`, and the owner of that session. What the
 * owner is told is written down as short lines.
 *
 * @module
 */
import type { AmfValue } from "../../src/core/amf/mod.ts";
import type { ProtocolError } from "../../src/core/errors.ts";
import {
  type ConnectRequest,
  type NetStream,
  type PlayRequest,
  type PublishRequest,
  type RemoteCall,
  ServerSession,
  type ServerSessionOptions,
  type SessionHandler,
} from "../../src/core/rtmp/session/mod.ts";
import { hex, RANDOM, ScriptedClient } from "./scripted_client.ts";

export { hex };

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
  fmt3AfterFmt0: "timestamp",
};

/** The client, and the owner of the session it speaks to. */
export class SessionPeer extends ScriptedClient implements SessionHandler {
  readonly session: ServerSession;
  /** What the owner was told, oldest first. */
  events: string[] = [];
  answers: { connect: Answer; publish: Answer; play: Answer; call: Answer };
  /** Whether a play starts as soon as it is accepted. */
  startsPlays = true;
  /** The last requests. */
  connectRequest: ConnectRequest | undefined;
  publishRequest: PublishRequest | undefined;
  playRequest: PlayRequest | undefined;
  /** NetStreams that wait for a decision, oldest first. */
  held: NetStream[] = [];
  /** Calls that wait for an answer, oldest first. */
  calls: RemoteCall[] = [];
  error: ProtocolError | undefined;
  /** Set to write down the bytes of the client, rather than hand them to the session. */
  recorded: Uint8Array[] | undefined;

  constructor(options: Partial<ServerSessionOptions> = {}, answer: Answer = "accept") {
    super((bytes) => this.session.receive(bytes));
    this.answers = { connect: answer, publish: answer, play: answer, call: answer };
    this.session = new ServerSession({ ...OPTIONS, ...options }, this, 0);
  }

  override write(bytes: Uint8Array): void {
    if (this.recorded === undefined) super.write(bytes);
    else this.recorded.push(bytes.slice());
  }

  /** Shakes hands and connects to `app`; forgets the replies. */
  connected(app = "live"): this {
    this.shake();
    this.connect(app);
    this.take();
    this.events = [];
    return this;
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

  /** What the owner was told since the last call. */
  takeEvents(): string[] {
    const { events } = this;
    this.events = [];
    return events;
  }

  // The owner of the session

  send(bytes: Uint8Array): void {
    this.read(bytes);
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
    else this.session.acceptPlay(stream, undefined, this.startsPlays);
  }

  onSwitch(stream: NetStream, request: PlayRequest): void {
    this.playRequest = request;
    this.events.push(`switch ${stream.id} to ${request.path.app}/${request.path.name}`);
    if (this.answers.play === "hold") this.held.push(stream);
    else this.session.acceptSwitch(stream);
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

  onSeek(stream: NetStream): void {
    this.events.push(`seek ${stream.id}`);
  }

  onReceive(stream: NetStream): void {
    const { id, receiveAudio, receiveVideo } = stream;
    this.events.push(`receive ${id} audio ${receiveAudio} video ${receiveVideo}`);
  }

  onCall(call: RemoteCall): void {
    this.events.push(`call ${call.method.slice(0, 64)} ${call.args.length}`);
    if (this.answers.call === "hold") this.calls.push(call);
    else this.session.failCall(call, "There is no such method.");
  }

  onAnswer(transactionId: number, ok: boolean, value: AmfValue): void {
    this.events.push(`${ok ? "result" : "error"} ${transactionId} ${String(value)}`);
  }

  onSharedObject(type: 16 | 19, payload: Uint8Array): void {
    this.events.push(`shared object ${type}: ${hex(payload)}`);
  }

  onEnd(error?: ProtocolError): void {
    this.error = error;
    this.events.push(error === undefined ? "end" : `end: ${error.code}`);
  }
}
