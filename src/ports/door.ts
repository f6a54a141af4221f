/**
 * Listeners that speak TLS, or tell what comes by its first bytes, as types only.
 *
 * @module
 */
import type { Address, Connection, HttpServer } from "./connection.ts";
import type { Proxies } from "./proxies.ts";

/** A version of TLS. */
export type TlsVersion = "1.2" | "1.3";

/** A certificate and its key, which belong together, as PEM. */
export interface TlsPair {
  /** The certificate of the server, then those it leans on. */
  readonly cert: string;
  readonly key: string;
  /** Names of hosts that it is for, in lower case; `*.` stands for one more label. */
  readonly names: readonly string[];
}

/** What a listener proves itself with, and its clients against. */
export interface TlsMaterial {
  /** At least one. The first is for clients that ask for no name, or for none that there is. */
  readonly pairs: readonly TlsPair[];
  /** Clients must have a certificate that one of these has signed, in PEM; any may come without. */
  readonly clientCa?: string | undefined;
}

/** What a listener proves itself with now. */
export interface TlsSource {
  readonly current: TlsMaterial;
  /** Calls `call` when that is another one. @returns what ends it */
  watch(call: () => void): () => void;
}

/** How a listener speaks TLS. */
export interface TlsOptions {
  readonly source: TlsSource;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** Longest time from accepting a connection until the handshake is over (ms). */
  readonly handshakeMs: number;
}

/** Who has connected, and has not shown yet what it speaks, or has not finished its TLS handshake. */
export interface Visitor {
  readonly remote: Address;
  /** Whether it has sent anything. */
  readonly spoke: boolean;
  /** Closes it at once. */
  destroy(): void;
}

/** What the owner of a {@link Runtime.listenDoor} is told. No callback may throw. */
export interface DoorHandler {
  /** Somebody has connected: whether it may stay. */
  onVisitor(visitor: Visitor): boolean;
  /** A visitor is gone: it went, was too slow, could not agree on TLS, or is at HTTP now. */
  onLeft(visitor: Visitor): void;
  /** A visitor speaks RTMP: it is one no more. `secure`: over TLS. */
  onConnection(connection: Connection, visitor: Visitor, secure: boolean): void;
}

/** What a door lets in. */
export interface DoorOptions {
  /** Without it there is no TLS. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Tells RTMP, TLS and HTTP apart by the first bytes, in TLS as well; `http` has what is HTTP, once it
   * is there. Without, all that comes is TLS, and RTMP in it.
   */
  readonly any?: { readonly http: () => HttpServer | undefined; readonly firstMs: number };
  /** Balancers that say ahead of all else who their clients are. */
  readonly proxies?: Proxies | undefined;
}
