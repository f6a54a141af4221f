/**
 * An RTMP client for load: the library's session on a socket that is as cheap as it gets. It reads
 * messages only as long as it is interested in them; from then on it counts bytes, which costs little
 * more than taking them from the kernel.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { joined } from "../../src/core/bytes/join.ts";
import type { ProtocolError } from "../../src/core/errors.ts";
import { encodeMessage } from "../../src/core/rtmp/chunk/stateless_encoder.ts";
import { HANDSHAKE_RANDOM_LENGTH } from "../../src/core/rtmp/handshake/constants.ts";
import { encodeAcknowledgement } from "../../src/core/rtmp/message/control.ts";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import {
  ClientSession,
  type ClientSessionHandler,
  type ClientStream,
  type ServerRefusal,
  type ServerStatus,
} from "../../src/core/rtmp/session/client/mod.ts";
import { CHUNK_SIZE } from "./media.ts";

/** Where to connect to, always on this machine. */
export interface Target {
  readonly port: number;
  readonly app: string;
}

/** One buffer for all: what is read is dealt with before the next read. */
const readBuffer = new Uint8Array(256 * 1024);

/** Nobody guards anything with these. */
const random = crypto.getRandomValues(new Uint8Array(HANDSHAKE_RANDOM_LENGTH));

/** Bytes between acknowledgements once they are only counted. */
const ACK_WINDOW = 2_500_000;

/** A connection that gets itself a message stream; what that does is up to `onCreated`. */
export abstract class LoadClient implements ClientSessionHandler {
  /** Bytes received so far. */
  bytes = 0;
  /** Whether the connection is gone. */
  closed = false;
  /** Why the server would not, if it said so. */
  refusal: string | undefined;
  protected readonly socket: Socket;
  /** Gone once bytes are only counted. */
  protected session: ClientSession | undefined;
  #acknowledged = 0;
  /** What the session sends while it reads: one write, as a program that knows its ways makes. */
  #replies: Uint8Array[] | undefined;

  constructor({ port, app }: Target) {
    const tcUrl = `rtmp://127.0.0.1:${port}/${app}`;
    this.session = new ClientSession({
      random,
      now: 0,
      // Nothing of Enhanced RTMP: what is measured is the same for every server.
      connect: { app, tcUrl, flashVer: "FMLE/3.0", fourCcs: [] },
      chunkSize: CHUNK_SIZE,
      lendPayloads: true,
    }, this);
    this.socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#onBytes(length);
          return true;
        },
      },
    });
    this.socket.on("connect", () => this.session?.start());
    this.socket.on("error", () => {}); // `close` follows.
    this.socket.on("close", () => {
      this.closed = true;
      this.onClose();
    });
  }

  /** From now on bytes are only counted. */
  protected stopReading(): void {
    this.#acknowledged = this.bytes;
    this.session = undefined;
  }

  /** Takes nothing more from the kernel, as a player on a stalled line. */
  pause(): void {
    this.socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.socket.resume();
  }

  /** Leaves. */
  close(): void {
    this.socket.destroy();
  }

  #onBytes(length: number): void {
    this.bytes += length;
    if (this.session !== undefined) return this.#read(this.session, length);
    if (this.bytes - this.#acknowledged < ACK_WINDOW) return;
    this.#acknowledged = this.bytes;
    const body = encodeAcknowledgement(this.bytes);
    this.socket.write(encodeMessage(MessageType.Acknowledgement, 0, 0, body, 2, CHUNK_SIZE));
  }

  #read(session: ClientSession, length: number): void {
    const replies: Uint8Array[] = this.#replies = [];
    session.receive(readBuffer.subarray(0, length));
    this.#replies = undefined;
    if (replies.length > 0) this.socket.write(joined(replies));
  }

  /** The connection is gone. */
  protected onClose(): void {}

  // What the session tells

  send(bytes: Uint8Array): void {
    if (this.#replies === undefined) this.socket.write(bytes);
    else this.#replies.push(bytes);
  }

  onConnect(): void {
    this.session!.createStream();
  }

  abstract onCreated(stream: ClientStream): void;

  onStarted(_stream: ClientStream): void {}

  onRefused(_stream: ClientStream | undefined, { code }: ServerRefusal): void {
    this.refusal = code;
  }

  onEnded(_stream: ClientStream, { code, level }: ServerStatus): void {
    if (level === "error") this.refusal = code;
  }

  onMedia(_stream: ClientStream, _type: number, _timestamp: number, _payload: Uint8Array): void {}

  onEnd(error?: ProtocolError): void {
    if (error !== undefined) this.refusal = error.message;
    this.close();
  }

  onStatus(): void {}
  onStreamNotice(): void {}
  onAnswer(): void {}
  onCall(): void {}
  onReconnectRequest(): void {}
  onSharedObject(): void {}
}
