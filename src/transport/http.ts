/**
 * HTTP on Deno and on Bun, with `node:http`. The servers of their own have no deadline for the head
 * of a request, or one that cannot be set, and no bound on connections.
 *
 * @module
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Server as NetServer, Socket } from "node:net";
import type {
  Address,
  HttpHandler,
  HttpLimits,
  HttpServer,
  HttpTls,
  PlainHandler,
  Proxies,
} from "../ports.ts";
import { exchange } from "./http_exchange.ts";
import { httpListener } from "./http_listener.ts";
import { exchangePlain } from "./http_plain.ts";
import { listenLocal, type LocalListener } from "./local_socket.ts";
import { listenNet, type NetListening, type WatchDescriptors } from "./net_listener.ts";
import { peerOf } from "./peer_of.ts";
import { secureListener } from "./tls/secure_listener.ts";
import { answerUpgrade, asksForWebSocket } from "./websocket.ts";

/** Bytes of the head of a request. */
const HEAD_BYTES = 16 * 1024;
/** Requests of one connection that may wait for their answers; clients of today send one. */
const MAX_PIPELINED = 32;
/**
 * The same of clients of RTMPT, which do not wait for answers before they send on, and how many beyond the
 * usual ones may wait in all: each is some KiB.
 */
const MAX_WAITING = 1024;
const MAX_BEYOND = 4096;
const DEFAULTS: HttpLimits = { headerMs: 10_000, connections: 1000 };

/** What a runtime needs done in a way of its own. */
export interface HttpQuirks {
  /** Makes what accepts connections for `http`; the same, if left out. */
  listener?(http: Server): NetServer;
  readonly watch?: WatchDescriptors;
}

/** An option that the types of neither runtime know yet, though both have it. */
interface UpgradeOptions {
  readonly shouldUpgradeCallback: (incoming: IncomingMessage) => boolean;
}

/** A server of HTTP, which may be handed sockets that others have accepted. */
export class NodeHttpServer implements HttpServer {
  readonly address: Address;
  readonly #http: Server;
  readonly #close: () => void;
  readonly #sockets: LocalListener[];

  constructor(address: Address, http: Server, close: () => void, sockets: LocalListener[]) {
    this.address = address;
    this.#http = http;
    this.#close = close;
    this.#sockets = sockets;
  }

  async alsoAt(path: string, mode: number): Promise<void> {
    this.#sockets.push(await listenLocal(path, mode, (socket) => this.accept(socket)));
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    this.#close();
    return Promise.resolve();
  }

  /** Serves a socket of which nothing has been read. */
  accept(socket: Socket): void {
    serveSocket(this.#http, socket);
  }
}

/** The connections, and how long those may stay that are not being answered. */
class Connections {
  readonly #limits: HttpLimits;
  /** Requests that wait beyond the usual ones of their connections. */
  #beyond = 0;
  readonly #all = new Map<Socket, number>();
  /**
   * What those are told that wait for answers when the connection goes: the answers that come behind
   * another one are not told so themselves by every runtime.
   */
  readonly #cuts = new Map<Socket, Set<() => void>>();
  /** Those that were taken over. */
  readonly #handed = new Set<Socket>();
  /** Those that have not sent a whole head, longest first, and what ends them. */
  readonly #waiting = new Map<Socket, ReturnType<typeof setTimeout>>();

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** Whether there is room; the one that has kept us waiting longest makes some. */
  add(socket: Socket): boolean {
    if (this.#all.size >= this.#limits.connections) {
      const [oldest] = this.#waiting.keys();
      if (oldest === undefined) return false;
      this.#remove(oldest);
      oldest.destroy();
    }
    this.#all.set(socket, 0);
    this.#wait(socket);
    socket.on("close", () => {
      this.#remove(socket);
      const cuts = this.#cuts.get(socket);
      this.#cuts.delete(socket);
      for (const cut of cuts ?? []) cut();
    });
    return true;
  }

  /** It is counted as another one from now on, as the TLS in it is. */
  leave(socket: Socket): void {
    this.#remove(socket);
  }

  /** A head is whole. Whether the request may be answered, as one of `most` that wait for that. */
  begin(socket: Socket, most: number): boolean {
    clearTimeout(this.#waiting.get(socket));
    this.#waiting.delete(socket);
    const busy = (this.#all.get(socket) ?? MAX_WAITING) + 1;
    if (busy > most) return false;
    if (busy > MAX_PIPELINED) {
      if (this.#beyond >= MAX_BEYOND) return false;
      this.#beyond++;
    }
    this.#all.set(socket, busy);
    return true;
  }

  /** Calls `cut` when the connection goes before {@link end}. */
  watch(socket: Socket, cut: () => void): void {
    const cuts = this.#cuts.get(socket);
    if (cuts === undefined) this.#cuts.set(socket, new Set([cut]));
    else cuts.add(cut);
  }

  /** An answer is over: time runs for the next request. */
  end(socket: Socket, cut: () => void): void {
    this.#cuts.get(socket)?.delete(cut);
    const busy = this.#all.get(socket);
    if (busy === undefined) return;
    this.#all.set(socket, busy - 1);
    if (busy > MAX_PIPELINED) this.#beyond--;
    if (busy === 1) this.#wait(socket);
  }

  /**
   * A connection is to be taken over: who has it bounds it, and answers no further request on it.
   * `false` when it is not for one request alone.
   */
  hand(socket: Socket): boolean {
    if (this.#all.get(socket) !== 1) return false;
    this.#remove(socket);
    this.#handed.add(socket);
    socket.on("close", () => this.#handed.delete(socket));
    return true;
  }

  destroyAll(): void {
    for (const socket of [...this.#all.keys(), ...this.#handed]) socket.destroy();
  }

  // From the start and not from the last byte: who sends slowly gains no time by it.
  #wait(socket: Socket): void {
    this.#waiting.set(socket, setTimeout(() => socket.destroy(), this.#limits.headerMs));
  }

  #remove(socket: Socket): void {
    clearTimeout(this.#waiting.get(socket));
    this.#waiting.delete(socket);
    this.#beyond -= Math.max(0, (this.#all.get(socket) ?? 0) - MAX_PIPELINED);
    this.#all.delete(socket);
  }
}

/** Serves HTTP. @throws {ListenError} */
export async function serveHttp(
  address: Address,
  handler: HttpHandler,
  limits: HttpLimits = DEFAULTS,
  quirks: HttpQuirks = {},
  plain?: PlainHandler,
  tls?: HttpTls,
  proxies?: Proxies,
): Promise<HttpServer> {
  const connections = new Connections(limits);
  // An answer may take as long as it likes, and the heads have a deadline of ours.
  const answer = (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    onUpgrade?: () => void,
  ): void => {
    const { socket } = incoming;
    const gone = new AbortController();
    const cut = () => gone.abort();
    connections.watch(socket, cut);
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      connections.end(socket, cut);
      if (!outgoing.writableFinished) cut();
    };
    // Whichever comes first: the client may ask again once it has its answer.
    outgoing.on("finish", end);
    outgoing.on("close", end);
    const remote = peerOf(socket);
    void exchange(
      incoming,
      outgoing,
      handler,
      remote,
      gone.signal,
      () => connections.hand(socket),
      onUpgrade,
    );
  };
  const options: ServerOptions & UpgradeOptions = {
    headersTimeout: 0,
    requestTimeout: 0,
    keepAliveTimeout: limits.headerMs,
    maxHeaderSize: HEAD_BYTES,
    // All else that there is to upgrade to is passed over, as if there were no listener for it.
    shouldUpgradeCallback: asksForWebSocket,
  };
  const http = createServer(options, (incoming, outgoing) => {
    const most = incoming.method === "POST" ? MAX_WAITING : MAX_PIPELINED;
    if (!connections.begin(incoming.socket, most)) return void incoming.socket.destroy();
    if (plain !== undefined && exchangePlain(incoming, outgoing, plain, connections)) return;
    answer(incoming, outgoing);
  });
  http.on("upgrade", (incoming: IncomingMessage, socket: Socket, early: Uint8Array) => {
    // Nothing may come before it is answered, nor may others wait for answers.
    if (early.length > 0 || !connections.begin(socket, 1)) return void socket.destroy();
    const { outgoing, release } = answerUpgrade(incoming);
    if (outgoing !== undefined) answer(incoming, outgoing, release);
  });
  const descriptors: Partial<Pick<NetListening, "check">> = {};
  http.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    descriptors.check?.();
    if (!connections.add(socket)) socket.destroy();
  });

  const serve = (socket: Socket) => serveSocket(http, socket);
  const secure = tls && secureListener(tls, connections, serve);
  const listener = secure !== undefined || proxies !== undefined
    ? httpListener(secure?.accept ?? serve, connections, proxies)
    : quirks.listener?.(http) ?? http;
  const sockets: LocalListener[] = [];
  const { watch } = quirks;
  const listening = await listenNet(
    listener,
    address,
    // What makes one listener deaf makes all of them so.
    watch && ((at, renew) =>
      watch(at, () => {
        renew();
        for (const socket of sockets) socket.renew();
      })),
  );
  // Deno closes each connection behind its first answer where the server itself does not listen.
  if (listener !== http) Object.defineProperty(http, "listening", { value: true, writable: true });
  descriptors.check = () => listening.check();
  const close = () => {
    listening.close();
    secure?.close();
    connections.destroyAll();
    if (listener !== http) {
      Object.defineProperty(http, "listening", { value: false, writable: true });
      http.close();
    }
  };
  return new NodeHttpServer(listening.address, http, close, sockets);
}

/** Serves a socket that was accepted by another server. */
function serveSocket(http: Server, socket: Socket): void {
  http.emit("connection", socket);
  // It was stopped when its first bytes were looked at.
  socket.resume();
}
