/**
 * The connection beneath an HTTP request, once whoever answers has taken it over: a socket of
 * `node:net` behind the contract of {@link Connection}.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Address, Connection, ConnectionHandler } from "../ports.ts";

const NOTHING = new Uint8Array(0);
/** How long the peer has to say goodbye once all is written (ms). */
export const FAREWELL_MS = 1000;
/** A peer from which nothing comes for so long (ms) is asked by TCP whether it is still there. */
const KEEP_ALIVE_MS = 30_000;

/** A socket that was taken over. What its peer still sends is dropped: HTTP has no more to say. */
export class HttpConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  protected readonly socket: Socket;
  readonly #secure: boolean;
  /** Bytes that the socket had been given when it was taken over. */
  readonly #before: number;
  protected handler: ConnectionHandler | undefined;
  #waiting = false;
  #closed = false;

  /** `remote` is the peer, as the request had it. */
  constructor(socket: Socket, remote: Address) {
    this.socket = socket;
    this.#secure = (socket as { readonly encrypted?: boolean }).encrypted === true;
    this.#before = socket.bytesWritten;
    this.remote = remote;
    this.local = { hostname: socket.localAddress ?? "unknown", port: socket.localPort ?? 0 };
    socket.setNoDelay(true);
    socket.setTimeout(0);
    // One that is gone without a word, and is sent nothing meanwhile, would stay for ever.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten - this.#before - this.socket.writableLength;
  }

  start(handler: ConnectionHandler): void {
    this.handler = handler;
    this.socket.on("close", () => this.#onClose());
    this.listen();
    if (this.socket.destroyed) queueMicrotask(() => this.#onClose());
  }

  /** Listens to what the peer sends. */
  protected listen(): void {
    // Who stops sending a request stops listening to the answer, as everywhere in `node:http`.
    this.socket.on("end", () => this.socket.destroy());
  }

  pause(): void {}

  resume(): void {}

  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.socket.destroyed) return true;
    if (this.#secure) {
      // It is never taken at once in TLS, where an empty write is an error on one runtime.
      this.#waiting = true;
      this.socket.write(bytes, this.#onTaken);
      return false;
    }
    this.socket.write(bytes);
    if (this.socket.writableLength === 0) return true;
    // It says so itself only above its high-water mark, and an empty write costs nothing here: it is
    // made for a peer that is behind, and not for every write.
    this.#waiting = true;
    this.socket.write(NOTHING, this.#onTaken);
    return false;
  }

  readonly #onTaken = (error?: Error | null): void => {
    if (!this.#waiting) return;
    this.#waiting = false;
    if (!this.#closed && !error) this.handler?.onWritable();
  };

  end(): void {
    if (this.#closed) return;
    this.socket.end();
    this.expectEnd();
  }

  /** Cuts the peer off unless it says goodbye in time. */
  protected expectEnd(): void {
    const timer = setTimeout(() => this.socket.destroy(), FAREWELL_MS);
    this.socket.on("close", () => clearTimeout(timer));
  }

  destroy(): void {
    if (!this.#closed) this.socket.destroy();
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.handler?.onClose();
  }
}
