/**
 * An RTMP client for load. It reads messages only as long as it is interested in them; from then on
 * it counts bytes, which costs little more than taking them from the kernel.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import {
  amfObject,
  type AmfValue,
  asRecord,
  decodeAmf0,
  encodeAmf0,
} from "../../src/core/amf/mod.ts";
import { ProtocolError } from "../../src/core/errors.ts";
import { ChunkDecoder } from "../../src/core/rtmp/chunk/decoder.ts";
import { encodeMessage } from "../../src/core/rtmp/chunk/encoder.ts";
import { HANDSHAKE_RANDOM_LENGTH } from "../../src/core/rtmp/handshake/constants.ts";
import { ClientHandshake } from "../../src/core/rtmp/handshake/client.ts";
import {
  decodeWindowAckSize,
  encodeAcknowledgement,
  encodeSetChunkSize,
} from "../../src/core/rtmp/message/control.ts";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import { decodeUserControl, encodeUserControl } from "../../src/core/rtmp/message/user_control.ts";

/** Where to connect to, always on this machine. */
export interface Target {
  readonly port: number;
  readonly app: string;
}

/** One buffer for all: what is read is dealt with before the next read. */
const readBuffer = new Uint8Array(256 * 1024);

/** Nobody guards anything with these. */
const random = crypto.getRandomValues(new Uint8Array(HANDSHAKE_RANDOM_LENGTH));

/** Bytes between acknowledgements while the server has not said how many. */
const ACK_WINDOW = 2_500_000;

/** A connection that gets itself a message stream. */
export abstract class LoadClient {
  /** Bytes received so far. */
  bytes = 0;
  /** Whether the connection is gone. */
  closed = false;
  /** Why the server would not, if it said so. */
  refusal: string | undefined;
  /** Id of the message stream; 0 before there is one. */
  streamId = 0;
  protected readonly socket: Socket;
  readonly #app: string;
  readonly #port: number;
  #handshake: ClientHandshake | undefined = new ClientHandshake({ random, now: 0 });
  #decoder: ChunkDecoder | undefined = new ChunkDecoder();
  #chunkSize = 128;
  #ackWindow = ACK_WINDOW;
  #acknowledged = 0;

  constructor({ port, app }: Target) {
    this.#app = app;
    this.#port = port;
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
    this.socket.on("connect", () => this.#handshake!.start((bytes) => this.socket.write(bytes)));
    this.socket.on("error", () => {}); // `close` follows.
    this.socket.on("close", () => {
      this.closed = true;
      this.onClose();
    });
  }

  /** The message stream is there. */
  protected abstract onStream(): void;

  /** The server reports about the stream, with a code such as `NetStream.Play.Start`. */
  protected onStatus(_code: string, _isError: boolean): void {}

  /** A video message came. */
  protected onVideo(_payload: Uint8Array): void {}

  /** The connection is gone. */
  protected onClose(): void {}

  /** From now on bytes are only counted. */
  protected stopReading(): void {
    this.#decoder = undefined;
  }

  /** Sends a command on the message stream. */
  protected command(name: string, ...values: AmfValue[]): void {
    this.#send(MessageType.CommandAmf0, this.streamId, 3, encodeAmf0(name, ...values));
  }

  /** Announces a chunk size and uses it. */
  protected setChunkSize(size: number): void {
    this.#send(MessageType.SetChunkSize, 0, 2, encodeSetChunkSize(size));
    this.#chunkSize = size;
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

  #send(type: number, streamId: number, chunkStreamId: number, payload: Uint8Array): void {
    this.socket.write(encodeMessage(type, streamId, 0, payload, chunkStreamId, this.#chunkSize));
  }

  #onBytes(length: number): void {
    this.bytes += length;
    if (this.bytes - this.#acknowledged >= this.#ackWindow) {
      this.#acknowledged = this.bytes;
      this.#send(MessageType.Acknowledgement, 0, 2, encodeAcknowledgement(this.bytes));
    }
    if (this.#decoder === undefined) return;
    try {
      this.#read(readBuffer.subarray(0, length));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.refusal = error.message;
      this.close();
    }
  }

  #read(bytes: Uint8Array): void {
    let at = 0;
    if (this.#handshake !== undefined) {
      at = this.#handshake.receive(bytes, 0, (reply) => this.socket.write(reply));
      if (!this.#handshake.done) return;
      this.#handshake = undefined;
      const tcUrl = `rtmp://127.0.0.1:${this.#port}/${this.#app}`;
      const command = amfObject({ app: this.#app, flashVer: "FMLE/3.0", tcUrl });
      this.command("connect", 1, command);
    }
    this.#decoder?.decode(bytes, at, {
      onMessage: (type, _streamId, _timestamp, payload) => {
        this.#onMessage(type, payload);
        return this.#decoder !== undefined;
      },
    });
  }

  #onMessage(type: number, payload: Uint8Array): void {
    switch (type) {
      case MessageType.Video:
        return this.onVideo(payload);
      case MessageType.CommandAmf0:
        return this.#onCommand(decodeAmf0(payload));
      case MessageType.WindowAckSize:
        this.#ackWindow = Math.max(1000, decodeWindowAckSize(payload));
        return;
      case MessageType.UserControl: {
        const event = decodeUserControl(payload);
        if (event?.event !== 6) return;
        return this.#send(type, 0, 2, encodeUserControl({ event: 7, time: event.time }));
      }
    }
  }

  #onCommand([name, transaction, , value]: AmfValue[]): void {
    if (name === "_result" && transaction === 1) {
      this.command("createStream", 2, null);
    } else if (name === "_result" && transaction === 2) {
      this.streamId = Number(value);
      this.onStream();
    } else if (name === "_error" || name === "onStatus") {
      const info = asRecord(value);
      const code = String(info?.get("code") ?? name);
      const isError = name === "_error" || info?.get("level") === "error";
      if (isError) this.refusal = code;
      this.onStatus(code, isError);
    }
  }
}
