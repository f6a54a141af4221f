/**
 * The part of `Bun` that Sluice uses, declared here so that the tree type-checks without Bun's own
 * types (the Deno check) and so that a reader sees at a glance what is needed of the runtime.
 *
 * @module
 */

/** A TCP socket carrying `Data` of its owner. */
export interface BunSocket<Data> {
  data: Data;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Bytes taken; fewer than given means "wait for drain", -1 that the socket is closed. */
  write(bytes: Uint8Array): number;
  setNoDelay(noDelay?: boolean): boolean;
  pause(): void;
  resume(): void;
  end(): void;
  /** Closes our end alone. */
  shutdown(): void;
  terminate(): void;
}

/** Callbacks shared by every socket of a listener. */
export interface BunSocketHandler<Data> {
  binaryType: "uint8array";
  open(socket: BunSocket<Data>): void;
  data(socket: BunSocket<Data>, bytes: Uint8Array): void;
  drain(socket: BunSocket<Data>): void;
  close(socket: BunSocket<Data>, error?: unknown): void;
  error(socket: BunSocket<Data>, error: unknown): void;
}

/** Callbacks of a socket that connects. */
export interface BunConnectHandler<Data> extends BunSocketHandler<Data> {
  connectError(socket: BunSocket<Data>, error: unknown): void;
}

/** A TCP listener. */
export interface BunListener {
  readonly hostname: string;
  readonly port: number;
  stop(closeActiveConnections?: boolean): void;
}

/** A socket of UDP. */
export interface BunUdpSocket {
  readonly hostname: string;
  readonly port: number;
  /** `false` when the kernel has no room. */
  send(bytes: Uint8Array, port: number, hostname: string): boolean;
  close(): void;
}

/** `globalThis.Bun`, as far as it is used. */
export interface BunApi {
  readonly version: string;
  readonly stdout: unknown;
  /** Collects garbage; synchronously if `force`. Returns the size of the heap. */
  gc(force: boolean): number;
  write(destination: unknown, bytes: Uint8Array): Promise<number>;
  listen<Data>(options: {
    hostname: string;
    port: number;
    socket: BunSocketHandler<Data>;
  }): BunListener;
  udpSocket(options: {
    hostname: string;
    port: number;
    socket: {
      binaryType: "uint8array";
      data(socket: BunUdpSocket, bytes: Uint8Array, port: number, hostname: string): void;
      error(error: unknown): void;
    };
  }): Promise<BunUdpSocket>;
  connect<Data>(options: {
    hostname: string;
    port: number;
    socket: BunConnectHandler<Data>;
  }): Promise<BunSocket<Data>>;
  /** Takes part in how modules are found. */
  plugin(options: {
    name: string;
    setup(build: {
      module(
        specifier: string,
        make: () => { exports: Readonly<Record<string, unknown>>; loader: "object" },
      ): void;
    }): void;
  }): void;
}

/** The running Bun. */
export const bun: BunApi = (globalThis as unknown as { Bun: BunApi }).Bun;
