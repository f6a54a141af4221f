/**
 * A socket of `node:net` or `node:tls` behind the contract of {@link Connection}.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Address, Connection, ConnectionHandler } from "../../ports.ts";
import { linger } from "../linger.ts";
import { peerOf } from "../peer_of.ts";
import { ReadCoalescer } from "../read_coalescer.ts";

/**
 * Bytes that the socket is handed at once: in TLS all of them are encrypted then, and held until the
 * kernel has taken them.
 */
const SLICE_BYTES = 64 * 1024;

const reads = new ReadCoalescer();

/** A connection on a socket that was accepted, and whose TLS handshake is over if it has one. */
export class SocketConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  bytesWritten = 0;
  readonly #socket: Socket;
  #handler: ConnectionHandler | undefined;
  /** The rest of the write in flight: what the socket has, and what is behind it. */
  #inFlight: Uint8Array | undefined;
  #slice = 0;
  #paused = false;
  #gone = false;
  #ending = false;
  #closed = false;
  #stopLingering: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.remote = peerOf(socket);
    this.local = { hostname: socket.localAddress ?? "unknown", port: socket.localPort ?? 0 };
    socket.setNoDelay(true);
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    const socket = this.#socket;
    socket.on("data", (bytes: Uint8Array) => {
      reads.read();
      if (!this.#closed) handler.onData(bytes);
    });
    socket.on("end", this.#onGone);
    socket.on("close", this.#onGone);
    // It was stopped when its first bytes were looked at.
    socket.resume();
    if (socket.destroyed) queueMicrotask(() => this.#onClose());
  }

  pause(): void {
    this.#paused = true;
    if (!this.#closed) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#gone) this.destroy();
    else if (!this.#closed) this.#socket.resume();
  }

  /**
   * The peer is gone. Who does not listen is told when it does again, as what it was given before may be
   * still to be looked at; on other connections the end is not even read until then.
   */
  readonly #onGone = (): void => {
    if (this.#paused) this.#gone = true;
    else this.destroy();
  };

  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#socket.destroyed) return true;
    this.#inFlight = bytes;
    this.#hand(bytes);
    return false;
  }

  /** Hands over the next slice. */
  #hand(bytes: Uint8Array): void {
    const slice = bytes.length <= SLICE_BYTES ? bytes : bytes.subarray(0, SLICE_BYTES);
    this.#slice = slice.length;
    this.#socket.write(slice, this.#onTaken);
  }

  readonly #onTaken = (error?: Error | null): void => {
    const bytes = this.#inFlight;
    if (this.#closed || bytes === undefined || error) return;
    this.bytesWritten += this.#slice;
    if (this.#slice < bytes.length) {
      this.#inFlight = bytes.subarray(this.#slice);
      return this.#hand(this.#inFlight);
    }
    this.#inFlight = undefined;
    if (this.#ending) this.#finish();
    else this.#handler?.onWritable();
  };

  end(): void {
    if (this.#closed) return;
    if (this.#inFlight === undefined) this.#finish();
    else this.#ending = true;
  }

  /** Says goodbye, and waits for the peer's, for a while. */
  #finish(): void {
    this.#socket.end();
    this.#stopLingering = linger(() => this.destroy(), () => {});
    this.resume();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#socket.destroy();
    this.#onClose();
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopLingering?.();
    this.#inFlight = undefined;
    // Never inside the caller's own call: the caller may be half-way through a loop over sessions.
    queueMicrotask(() => this.#handler?.onClose());
  }
}
