/**
 * One connection to another server, on which one stream is published or played.
 *
 * @module
 */
import type { ProtocolError } from "../../core/errors.ts";
import {
  ClientSession,
  type ClientSessionHandler,
  type ClientStream,
  type ConnectAnswer,
  type ServerRefusal,
  type ServerStatus,
} from "../../core/rtmp/session/client/mod.ts";
import { PLAY_WAITS } from "../../core/rtmp/session/status.ts";
import type { RtmpUrl } from "../../core/rtmp/url.ts";
import type { Connection, ConnectionHandler, Timer } from "../../ports.ts";
import { VERSION } from "../../version.ts";
import { ConnectionWriter } from "../rtmp/connection_writer.ts";
import { failureOf } from "./failure.ts";
import { ReadShare, type ShareReader } from "./read_share.ts";
import type { LinkOwner, OpenLink } from "./upstream_ports.ts";
import { VIA_MEMBER } from "./via.ts";

/** Random bytes of a handshake. */
const RANDOM_BYTES = 3072;
/** `flashVer`; servers that tell encoders from players take those of FMLE for encoders. */
const FLASH_VER = `FMLE/3.0 (compatible; Sluice/${VERSION})`;

/** How long a goodbye may take (ms). */
const LEAVE_MS = 2000;

/** One connection. */
export class UpstreamLink
  implements OpenLink, ConnectionHandler, ClientSessionHandler, ShareReader {
  readonly connection: Connection;
  readonly session: ClientSession;
  readonly writer: ConnectionWriter;
  readonly #upstream: LinkOwner;
  readonly #reads: ReadShare;
  readonly #name: string;
  #answer: ConnectAnswer | undefined;
  #stream: ClientStream | undefined;
  #leaving: Timer | undefined;
  #over = false;
  #gone = false;

  constructor(upstream: LinkOwner, connection: Connection, url: RtmpUrl, auth: string | undefined) {
    const { environment: { runtime, chunkSize, maxMessageBytes }, request } = upstream;
    this.#upstream = upstream;
    this.#name = url.name;
    this.connection = connection;
    this.#reads = new ReadShare(runtime.clock, upstream.environment.turns, connection, this);
    this.writer = new ConnectionWriter(connection, {
      onOverflow: () =>
        upstream.fail({ kind: "stalled", message: "The server does not read our answers" }),
      onFault: (error) => upstream.fault(error),
    });
    const behind = auth === undefined ? "" : (url.app.includes("?") ? "&" : "?") + auth;
    this.session = new ClientSession({
      random: runtime.randomBytes(RANDOM_BYTES),
      now: runtime.clock.now(),
      chunkSize,
      maxMediaBytes: maxMessageBytes,
      lendPayloads: true,
      connect: {
        app: url.app + behind,
        tcUrl: url.tcUrl + behind,
        flashVer: FLASH_VER,
        followsReconnect: true,
        more: {
          ...(request.via.length === 0 ? {} : { [VIA_MEMBER]: request.via.join(",") }),
          ...request.more,
        },
      },
    }, this);
  }

  /** Begins to speak. */
  start(): void {
    this.connection.start(this);
    this.session.start();
    this.writer.pump();
  }

  /** The stream that it publishes or plays. */
  get stream(): ClientStream | undefined {
    return this.#stream;
  }

  /** Whether the connection is gone. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Says that the stream is over, and goes. */
  leave(): void {
    if (this.#over) return;
    try {
      if (this.#stream !== undefined) this.session.deleteStream(this.#stream);
      this.#over = true;
      this.writer.end();
      // One that reads nothing would never let us go.
      this.#leaving = this.#upstream.environment.runtime.clock.after(LEAVE_MS, () => this.drop());
    } catch (error) {
      this.#upstream.environment.onFault(error);
      this.drop();
    }
  }

  /** Goes at once. */
  drop(): void {
    this.#over = true;
    this.#leaving?.cancel();
    this.#reads.stop();
    this.writer.close();
    this.connection.destroy();
  }

  // The connection

  onData(bytes: Uint8Array): void {
    this.#reads.onData(bytes);
  }

  take(bytes: Uint8Array): void {
    if (!this.#over) this.#attempt(() => this.session.receive(bytes));
  }

  taken(): void {
    if (this.#over) return;
    this.#attempt(() => {
      this.#upstream.owner.onTurn?.();
      this.writer.pump();
    });
  }

  onWritable(): void {
    if (this.#over) this.writer.onWritable();
    else this.#attempt(() => this.writer.onWritable());
  }

  onClose(error?: Error): void {
    this.#gone = true;
    this.#leaving?.cancel();
    this.#reads.stop();
    this.writer.close();
    if (this.#over) return;
    const why = error === undefined ? "" : `: ${this.#upstream.clean(error.message)}`;
    // So do servers that speak something else at their port, such as TLS.
    const when = this.session.bytesIn > 0
      ? ""
      : " without a word: check the port, and whether it is of rtmp:// or rtmps://";
    this.#upstream.fail({
      kind: "closed",
      message: `The server closed the connection${when}${why}`,
    });
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#upstream.fault(error);
    }
  }

  // The session

  send(bytes: Uint8Array): void {
    this.writer.send(bytes);
  }

  onConnect(answer: ConnectAnswer): void {
    this.#answer = answer;
    const isPublish = this.#upstream.request.what === "publish";
    this.#stream = this.session.createStream(isPublish ? this.#name : undefined);
  }

  onCreated(stream: ClientStream): void {
    if (this.#upstream.request.what === "publish") this.session.publish(stream, this.#name);
    else this.session.play(stream, this.#name, { start: -1, bufferMs: 1000 });
  }

  onStarted(stream: ClientStream): void {
    if (!this.#upstream.over) this.#upstream.started(this, stream, this.#answer!);
  }

  onRefused(stream: ClientStream | undefined, refusal: ServerRefusal): void {
    // Of a connect the session ends by itself, which is not news then.
    if (stream === undefined) this.#over = true;
    this.#upstream.refused(refusal, stream === undefined);
  }

  onEnded(_stream: ClientStream, { code }: ServerStatus): void {
    const said = this.#upstream.clean(code);
    this.#upstream.fail({ kind: "ended", message: `The server ended the stream: ${said}` });
  }

  onMedia(_stream: ClientStream, type: number, timestamp: number, payload: Uint8Array): void {
    if (!this.#upstream.over) this.#upstream.owner.onMedia?.(type, timestamp, payload);
  }

  onStatus(_stream: ClientStream | undefined, { code }: ServerStatus): void {
    if (code === PLAY_WAITS && !this.#upstream.over) this.#upstream.owner.onWaiting?.();
  }

  onStreamNotice(): void {}

  onAnswer(): void {}

  onCall(call: Parameters<ClientSessionHandler["onCall"]>[0]): void {
    this.session.failCall(call, "There is no such method.");
  }

  onReconnectRequest(tcUrl: string | undefined): void {
    if (!this.#upstream.over) this.#upstream.reconnect(tcUrl);
  }

  onSharedObject(): void {}

  onEnd(error?: ProtocolError): void {
    if (this.#over) return;
    this.#upstream.fail(
      error === undefined
        ? { kind: "closed", message: "The server closed the session" }
        : failureOf(error),
    );
  }
}
