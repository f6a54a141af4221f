/**
 * TCP on Deno with its public API: `Deno.Conn` behind the {@link Connection} contract. Serves where
 * `tcp_handle.ts` cannot.
 *
 * @module
 */
import type { Address, Connection, ConnectionHandler, Listener } from "../../ports.ts";
import { toListenError } from "../listen_error.ts";
import { linger } from "../linger.ts";
import { deno, type DenoTcpConn, type DenoTcpListener, unrefTimer } from "./api.ts";

/** A read buffer starts at this size, because most peers are players, who say little. */
const MIN_READ_BYTES = 2 * 1024;
/** A peer whose reads fill the buffer gets a larger one, up to this. */
const MAX_READ_BYTES = 64 * 1024;
/** After `accept` failed (no file descriptor left, for instance) it is tried again this much later. */
const ACCEPT_RETRY_MS = 100;

/** A connection on a `Deno.Conn`. */
export class DenoConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  bytesWritten = 0;
  readonly #conn: DenoTcpConn;
  #handler: ConnectionHandler | undefined;
  #readBuffer = new Uint8Array(MIN_READ_BYTES);
  #reading = false;
  #paused = false;
  /** The rest of the write in flight. */
  #inFlight: Uint8Array | undefined;
  #ending = false;
  #closed = false;
  #stopLingering: (() => void) | undefined;

  constructor(conn: DenoTcpConn) {
    this.#conn = conn;
    this.remote = { hostname: conn.remoteAddr.hostname, port: conn.remoteAddr.port };
    this.local = { hostname: conn.localAddr.hostname, port: conn.localAddr.port };
    try {
      conn.setNoDelay(true);
    } catch {
      // The peer may be gone already; the first read says so.
    }
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#read();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#read();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true;
    this.#inFlight = bytes;
    this.#conn.write(bytes).then(this.#onWritten, this.#onFault);
    return false;
  }

  end(): void {
    if (this.#inFlight === undefined) this.#finish();
    else this.#ending = true;
  }

  /**
   * Says goodbye and waits for the peer's, for a while: closing at once would make the kernel discard
   * what the peer has not read yet when there is something of the peer's that we have not read.
   */
  #finish(): void {
    if (this.#closed) return;
    this.#conn.closeWrite().catch(this.#onFault);
    this.#stopLingering = linger(() => this.destroy(), unrefTimer);
    this.resume();
  }

  destroy(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopLingering?.();
    this.#inFlight = undefined;
    try {
      this.#conn.close();
    } catch {
      // Already closed by the runtime.
    }
    // Never inside the caller's own call: the caller may be half-way through a loop over sessions.
    queueMicrotask(() => this.#handler?.onClose(error));
  }

  // The callbacks are bound once, so that a read or a write costs a promise and no closure.

  #read(): void {
    if (this.#reading || this.#paused || this.#closed) return;
    this.#reading = true;
    this.#conn.read(this.#readBuffer).then(this.#onRead, this.#onFault);
  }

  readonly #onRead = (count: number | null): void => {
    this.#reading = false;
    if (this.#closed) return;
    if (count === null) return this.destroy();
    const buffer = this.#readBuffer;
    this.#handler!.onData(buffer.subarray(0, count));
    if (count === buffer.length && count < MAX_READ_BYTES) {
      this.#readBuffer = new Uint8Array(count * 2);
    }
    this.#read();
  };

  readonly #onWritten = (count: number): void => {
    const bytes = this.#inFlight;
    if (this.#closed || bytes === undefined) return;
    this.bytesWritten += count;
    if (count < bytes.length) {
      this.#inFlight = bytes.subarray(count);
      this.#conn.write(this.#inFlight).then(this.#onWritten, this.#onFault);
      return;
    }
    this.#inFlight = undefined;
    if (this.#ending) this.#finish();
    else this.#handler!.onWritable();
  };

  readonly #onFault = (error: unknown): void => {
    this.#reading = false;
    this.destroy(error instanceof Error ? error : new Error(String(error)));
  };
}

/** Listens for TCP connections with `Deno.listen`. @throws {ListenError} */
export function listenConn(
  address: Address,
  onConnection: (connection: Connection) => void,
  onExhausted: () => void = () => {},
): Promise<Listener> {
  let listener: DenoTcpListener;
  try {
    listener = deno.listen({ hostname: address.hostname, port: address.port });
  } catch (error) {
    return Promise.reject(toListenError(error, address));
  }
  let open = true;
  const accept = async () => {
    while (open) {
      try {
        onConnection(new DenoConnection(await listener.accept()));
      } catch {
        if (!open) break;
        // Nearly always for want of a file descriptor; what else it may be is no worse for it.
        onExhausted();
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
      }
    }
  };
  accept();
  return Promise.resolve({
    address: { hostname: listener.addr.hostname, port: listener.addr.port },
    close() {
      open = false;
      listener.close();
    },
  });
}
