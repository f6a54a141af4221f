/**
 * A socket of `node:net` or `node:tls` behind the contract of {@link Connection}.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Address, Connection, ConnectionHandler } from "../ports.ts";
import { linger } from "./linger.ts";

/** A peer from which nothing comes for so long (ms) is asked by TCP whether it is still there. */
const KEEP_ALIVE_MS = 30_000;

/** A connection on such a socket, which nobody has read from yet. */
export class SocketConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  readonly #socket: Socket;
  #handler: ConnectionHandler | undefined;
  /** Writes that were not told to be taken. */
  #underWay = 0;
  #waiting = false;
  #closed = false;
  #error: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remote = addressOf(socket.remoteAddress, socket.remotePort);
    this.local = addressOf(socket.localAddress, socket.localPort);
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // Whatever comes before it is started is kept: it is an error nobody else listens to.
    socket.on("error", (error) => this.#error ??= error);
  }

  get bytesWritten(): number {
    return Math.max(0, this.#socket.bytesWritten - this.#socket.writableLength);
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    socket.on("close", () => this.#onClose());
    socket.on("end", () => socket.destroy());
    socket.on("data", (bytes: Uint8Array) => {
      if (!this.#closed) handler.onData(bytes);
    });
    if (socket.destroyed) queueMicrotask(() => this.#onClose());
  }

  pause(): void {
    if (!this.#closed) this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (this.#closed || socket.destroyed || socket.writableEnded) return true;
    this.#underWay++;
    socket.write(bytes, this.#onTaken);
    if (socket.writableLength === 0) return true;
    this.#waiting = true;
    return false;
  }

  readonly #onTaken = (error?: Error | null): void => {
    if (--this.#underWay > 0 || !this.#waiting) return;
    this.#waiting = false;
    if (!this.#closed && !error) this.#handler?.onWritable();
  };

  end(): void {
    if (this.#closed) return;
    const socket = this.#socket;
    socket.end();
    const stop = linger(() => socket.destroy(), (timer) => timer.unref());
    socket.on("close", stop);
    socket.resume();
  }

  destroy(): void {
    if (!this.#closed) this.#socket.destroy();
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handler?.onClose(this.#error);
  }
}

function addressOf(hostname = "unknown", port = 0): Address {
  return { hostname: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
}
