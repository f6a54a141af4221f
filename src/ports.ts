/**
 * What the rest of Sluice needs from a machine, as types only. `src/transport/` implements them
 * for Deno and for Bun; tests implement them in memory.
 *
 * @module
 */

import type { Ciphers } from "./ports/ciphers.ts";
import type { Address, Connection, HttpServer, Listener } from "./ports/connection.ts";
import type { DatagramHandler, DatagramSocket } from "./ports/datagram.ts";
import type { DoorHandler, DoorOptions, TlsOptions } from "./ports/door.ts";
import type { Proxies } from "./ports/proxies.ts";

export type {
  Address,
  Connection,
  ConnectionHandler,
  HttpServer,
  Listener,
} from "./ports/connection.ts";
export type { Bus, BusEntry, BusStore } from "./ports/bus.ts";
export type { BlockCipher, Ciphers, MessageCode } from "./ports/ciphers.ts";
export type { DatagramHandler, DatagramSocket } from "./ports/datagram.ts";
export type {
  DoorHandler,
  DoorOptions,
  TlsMaterial,
  TlsOptions,
  TlsPair,
  TlsSource,
  TlsVersion,
  Visitor,
} from "./ports/door.ts";
export type { HeaderReader, Proxies } from "./ports/proxies.ts";

/** Bounds of an HTTP server. */
export interface HttpLimits {
  /**
   * Longest time until the head of a request is whole (ms), from the start of the connection or the
   * end of the answer before.
   */
  readonly headerMs: number;
  /** Connections at once. */
  readonly connections: number;
}

/** How an HTTP server speaks TLS. */
export interface HttpTls extends TlsOptions {
  /** Answers without TLS too, on the same port. */
  readonly plainToo: boolean;
}

/**
 * An answer that has no end of its own: its head goes out, and then whoever answers writes to the
 * connection as to any other, without a stream or a promise in between.
 */
export class HttpTakeover {
  /** Status of the head, such as 200. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Called once with the connection, whose head has been written; it must start it in that turn. Never
   * called when the peer is gone by then: {@link gone} is.
   */
  readonly take: (connection: Connection) => void;
  /** The peer went before the connection could be handed over. */
  readonly gone: () => void;

  constructor(
    status: number,
    headers: Readonly<Record<string, string>>,
    take: (connection: Connection) => void,
    gone: () => void,
  ) {
    this.status = status;
    this.headers = headers;
    this.take = take;
    this.gone = gone;
  }
}

/**
 * An answer whose bytes are there already: they are written as they are, without a stream in between,
 * and may be those of many answers at once. They must not change.
 */
export class HttpBytes {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In order. */
  readonly chunks: readonly Uint8Array[];
  /** Bytes of all of them. */
  readonly size: number;

  constructor(
    status: number,
    headers: Readonly<Record<string, string>>,
    chunks: readonly Uint8Array[],
    size: number,
  ) {
    this.status = status;
    this.headers = headers;
    this.chunks = chunks;
    this.size = size;
  }
}

/**
 * A WebSocket whose opening handshake is over [RFC 6455]. What is written are bytes of whole frames, so
 * that one frame serves any number of peers; `onData` is told whole messages. Pings are answered, and
 * peers that break the protocol or send too much are cut off, without its owner.
 */
export interface WebSocketConnection extends Connection {
  /**
   * Says goodbye behind all that was written, and is gone once the peer has done so too, or a second
   * later. Nothing is written any more. `end()` does the same with 1000.
   *
   * @param code one of RFC 6455 §7.4
   * @param reason at most 123 bytes
   */
  close(code: number, reason?: string): void;
}

/** An answer to {@link HttpAbout.webSocket}: the request becomes a WebSocket. */
export class WebSocketTakeover {
  /**
   * Called once with the connection, behind the handshake; it must start it in that turn. Never called
   * when the peer is gone by then: {@link gone} is.
   */
  readonly take: (connection: WebSocketConnection) => void;
  /** The peer went before the connection could be handed over. */
  readonly gone: () => void;

  constructor(take: (connection: WebSocketConnection) => void, gone: () => void) {
    this.take = take;
    this.gone = gone;
  }
}

/** What a request is answered with. */
export type HttpAnswer = Response | HttpBytes | HttpTakeover | WebSocketTakeover;

/** What is known of a request, beyond what `Request` says. */
export interface HttpAbout {
  /** Whether its client reads bodies in chunks, as those of HTTP 1.1 do and those of 1.0 do not. */
  readonly chunks: boolean;
  /** Whether it asks to become a WebSocket: then the answer may be a {@link WebSocketTakeover}. */
  readonly webSocket: boolean;
}

/** Answers one HTTP request of the peer at `remote`. */
export type HttpHandler = (
  request: Request,
  remote: Address,
  about: HttpAbout,
) => HttpAnswer | Promise<HttpAnswer>;

/** A request as it came. */
export interface PlainRequest {
  /** `POST` only with a body of a length that is known, and small. */
  readonly method: "GET" | "HEAD" | "POST";
  /** Path and query. */
  readonly target: string;
  /** The first header of this name, which is in lower case. */
  header(name: string): string | undefined;
  /** Reads the body of a `POST`; `take` is called in a later turn, with `undefined` when it does not come. */
  body(take: (bytes: Uint8Array | undefined) => void): void;
}

/**
 * Answers requests that need no `Request`: there are many of them, and making one costs more than
 * answering it. `answer` is to be called once, now or later, unless the client goes first: then what is
 * returned is called. `false`: the request is for somebody else.
 */
export type PlainHandler = (
  request: PlainRequest,
  answer: (bytes: HttpBytes) => void,
) => (() => void) | false;

/** Why a port could not be listened on; the transport maps runtime errors to it. */
export class ListenError extends Error {
  /** Name of the class. */
  override readonly name = "ListenError";

  /** Where, and why not. */
  constructor(
    /** `in-use`, `not-permitted`, `bad-address` or `other`. */
    readonly reason: "in-use" | "not-permitted" | "bad-address" | "other",
    readonly address: Address,
    options?: ErrorOptions,
  ) {
    super(`Cannot listen on ${placeOf(address)}: ${reason}`, options);
  }
}

/** Where somebody listens, for people: `host:port`, or `unix:path`. */
export function placeOf({ hostname, port }: Address): string {
  return hostname.startsWith("unix:") ? hostname : `${hostname}:${port}`;
}

/** Where to connect to. */
export interface DialTarget {
  /** Name of a host, or its IP address without brackets. */
  readonly hostname: string;
  /** Port, 1..65535. */
  readonly port: number;
}

/** How long to try to connect. */
export interface DialOptions {
  /** Longest time until the connection stands, the look-up of the name included (ms); 10 s. */
  readonly timeoutMs?: number;
  /** Gives up at once when it is aborted. */
  readonly signal?: AbortSignal;
}

/** How to connect by TLS. */
export interface DialTlsOptions extends DialOptions {
  /** The name that the certificate must be for; that of the target if left out. */
  readonly serverName?: string | undefined;
  /** Certificates (PEM) that are trusted in place of those of the machine. */
  readonly ca?: string | undefined;
  /** Certificates (PEM) that are trusted beside those that the runtime knows. */
  readonly alsoTrust?: string | undefined;
}

/** Why a connection could not be made; `other`: see the cause of the error. */
export type DialProblem =
  | "refused"
  | "unreachable"
  | "not-found"
  | "not-permitted"
  | "timeout"
  | "aborted"
  | "untrusted"
  | "no-tls"
  | "hung-up"
  | "other";

/** What to do about it. */
const DIAL_CURES: Readonly<Record<DialProblem, string>> = {
  "refused": "nothing listens there: check the port, and that the server runs",
  "unreachable": "no way leads there: check the address and the network",
  "not-found": "there is no host of that name: check its spelling and the name server",
  "not-permitted": "it is not permitted: on Deno, allow it with --allow-net",
  "timeout": "no answer came in time: check the address, and firewalls on the way",
  "aborted": "it was called off",
  "untrusted":
    "its certificate is not trusted, or is not for this name: check the name, the date and" +
    " who signed it",
  "no-tls": "it does not speak TLS there: check the port and the scheme",
  "hung-up":
    "it hung up in the handshake of TLS: check that it speaks TLS at this port, and what its log says",
  "other": "see the cause",
};

/** Why a connection could not be made; the transport maps runtime errors to it. */
export class DialError extends Error {
  /** Name of the class. */
  override readonly name = "DialError";

  /** Where to, and why not. */
  constructor(
    /** What the machine or the network said. */
    readonly reason: DialProblem,
    readonly target: DialTarget,
    options?: ErrorOptions,
  ) {
    const { hostname, port } = target;
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    super(`Cannot connect to ${host}:${port}: ${DIAL_CURES[reason]}`, options);
  }
}

/** A timer that can be stopped. */
export interface Timer {
  cancel(): void;
}

/** Time, as the services see it. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary start. */
  now(): number;
  /** Milliseconds since 1970, for people. */
  wall(): number;
  /** Calls `callback` once after `ms`; does not keep the process alive by itself. */
  after(ms: number, callback: () => void): Timer;
}

/** A file that is written while other work goes on. */
export interface WritableFile {
  /**
   * Writes some of `bytes`, which must stay unchanged meanwhile, at `position`. Not called again before it
   * settles. @returns how many it was
   */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Cuts it off, so that it is `size` bytes long. */
  truncate(size: number): Promise<void>;
  /** Resolves once what was written is on the disk. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Everything a server takes from its machine. */
export interface Runtime {
  /** `deno` or `bun`. */
  readonly name: string;
  /** Version of the runtime, as it prints it. */
  readonly version: string;
  readonly clock: Clock;
  /**
   * Whether an environment variable may be read, or all of them, without asking anybody: on a
   * terminal Deno stops at a question. Everything may, if left out.
   */
  mayReadEnv?(name?: string): boolean;
  /** Cryptographically strong random bytes. */
  randomBytes(length: number): Uint8Array;
  /**
   * Memory for this process, in bytes: of its control group, or of the machine. `undefined` where it
   * may not know. Never asks anybody for the right to.
   */
  memory?(): number | undefined;
  /**
   * Gives back memory that is not used any more, where the runtime would keep it. Stops the thread for up
   * to some 60 ms. Rejects, if at all, where the runtime does not let it.
   */
  collect?(): Promise<void>;
  /**
   * Has modules that are loaded later, wherever they are, import `exports` under a bare name. Left out where the
   * configuration of the program does that.
   */
  provideModule?(name: string, exports: Readonly<Record<string, unknown>>): void;
  /**
   * What to import a file by once more, whose text has changed since, where that is not its URL with the version for
   * its query.
   */
  specifierOf?(file: URL, version: number): string;
  /**
   * Writes some of `bytes`, which must stay unchanged meanwhile, to the standard output, and says
   * how many it was. A reader that has stopped holds up this promise and nothing else. Rejects when
   * nobody reads any more, or the disk is full.
   */
  writeOut(bytes: Uint8Array): Promise<number>;
  /**
   * Opens a file to be written, and makes it, with these rights, where `mode` is given: then it must not be there
   * yet. Left out where `node:fs` does the same. A disk that stalls holds up its promises and nothing else.
   */
  openFile?(path: string, mode?: number): Promise<WritableFile>;
  /**
   * Listens for TCP. `onExhausted` is told, as often as it is so, that the process has no file
   * descriptor left: what closes connections then keeps the listener alive. @throws {ListenError}
   */
  listenTcp(
    address: Address,
    onConnection: (connection: Connection) => void,
    onExhausted?: () => void,
  ): Promise<Listener>;
  /**
   * Listens for RTMP in TLS, or for whatever comes. `onExhausted` as above. @throws {ListenError}
   */
  listenDoor(
    address: Address,
    options: DoorOptions,
    handler: DoorHandler,
    onExhausted?: () => void,
  ): Promise<Listener>;
  /** Takes datagrams by UDP. @throws {ListenError} */
  listenUdp(address: Address, onDatagram: DatagramHandler): Promise<DatagramSocket>;
  /** Its ciphers. Left out where those of `src/core/crypto` are faster. */
  ciphers?(): Promise<Ciphers>;
  /**
   * Connects by TCP. The connection is to be started in the turn in which the promise resolves, and
   * is then the same as one that was accepted. @throws {DialError}
   */
  dialTcp(target: DialTarget, options?: DialOptions): Promise<Connection>;
  /**
   * Connects by TLS, 1.2 at least, with a certificate that is trusted and for the name of the target; else as
   * {@link dialTcp}. @throws {DialError}
   */
  dialTls(target: DialTarget, options?: DialTlsOptions): Promise<Connection>;
  /** The IP addresses of a host, in the order in which to try them; one that is an address itself. @throws {DialError} */
  lookup(hostname: string): Promise<readonly string[]>;
  /**
   * Serves HTTP; 10 s and 1000 connections if left out. `plain` is asked first. @throws {ListenError}
   */
  serveHttp(
    address: Address,
    handler: HttpHandler,
    limits?: HttpLimits,
    plain?: PlainHandler,
    tls?: HttpTls,
    proxies?: Proxies,
  ): Promise<HttpServer>;
}
