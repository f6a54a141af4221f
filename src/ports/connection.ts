/**
 * Connections, and what listens for them, as types only.
 *
 * @module
 */

/** One end of a socket. */
export interface Address {
  /** IP address in text form, without brackets: `127.0.0.1`, `::1`. */
  readonly hostname: string;
  /** Port, 0..65535. */
  readonly port: number;
}

/** What a byte connection tells its owner. No callback may throw. */
export interface ConnectionHandler {
  /** Bytes arrived. The view is valid only during the call: copy what must be kept. */
  onData(bytes: Uint8Array): void;
  /** A write that returned `false` has now been taken in full; the next write may follow. */
  onWritable(): void;
  /** The connection is gone; called exactly once, after `end`, `destroy`, FIN or a fault. */
  onClose(error?: Error): void;
}

/**
 * A byte connection with one write in flight at most. The transport holds no queue of its own:
 * whoever writes owns the queue and so its bound.
 */
export interface Connection {
  readonly remote: Address;
  readonly local: Address;
  /** Bytes the kernel has taken so far; grows while a large write is in flight. */
  readonly bytesWritten: number;
  /** Starts delivery. Must be called once, in the turn in which the connection was handed over. */
  start(handler: ConnectionHandler): void;
  /**
   * Writes `bytes`, which must stay unchanged until taken. Returns `true` when the kernel took
   * them all, `false` when the rest is in flight: wait for `onWritable` before the next write.
   */
  write(bytes: Uint8Array): boolean;
  /** Stops reading, so that the peer feels back-pressure. One more `onData` may still come. */
  pause(): void;
  /** Reads again after `pause`. */
  resume(): void;
  /** Closes once the write in flight, if any, is taken. */
  end(): void;
  /** Closes at once and discards what is in flight. */
  destroy(): void;
}

/** A listening socket. */
export interface Listener {
  readonly address: Address;
  /** Stops accepting. Connections already handed over stay open. */
  close(): void;
}

/** A listening HTTP server. */
export interface HttpServer {
  readonly address: Address;
  /**
   * Serves at a socket of the file system too, with these rights (`0o600`), without TLS and without headers of
   * balancers. Its clients come from this machine, port 0. @throws {ListenError}
   */
  alsoAt(path: string, mode: number): Promise<void>;
  /** Stops accepting and closes every connection. */
  close(): Promise<void>;
}
