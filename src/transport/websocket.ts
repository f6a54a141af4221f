/**
 * WebSockets on Deno and on Bun [RFC 6455]: `ws` reads what peers send, and shakes hands; what they are
 * sent goes past it to the socket, as frames that are made once for all of them.
 *
 * @module
 */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Address, WebSocketConnection, WebSocketTakeover } from "../ports.ts";
import { FAREWELL_MS, HttpConnection } from "./http_connection.ts";
import { WebSocketServer } from "./ws.ts";

/** Bytes of a message, of however many fragments: longer ones end the connection (1009). */
export const MAX_MESSAGE_BYTES = 16 * 1024;
/** Fragments of one message. Bun has a `ws` of its own, which knows no such bound; the one above holds. */
const MAX_FRAGMENTS = 64;
/**
 * Bytes that a peer may send at once, and per second. A viewer says next to nothing, and a byte of
 * frames costs more than one of media: in six there may be a whole one.
 */
export const BURST_BYTES = 64 * 1024;
const BYTES_PER_SECOND = 16 * 1024;

/** The version of the protocol, and what a key looks like: 16 bytes in base64 [RFC 6455 §4.1]. */
const VERSION = "13";
const KEY = /^[+/\dA-Za-z]{22}==$/;
const NOTHING = new Uint8Array(0);

/** What is used here of a peer as `ws` has it. */
interface Peer {
  readonly readyState: number;
  on(event: "error", listener: () => void): void;
  on(event: "message" | "ping", listener: (data: Uint8Array) => void): void;
  pong(data: Uint8Array, masked: boolean, onTaken: (error?: Error) => void): void;
  close(code: number, reason?: string): void;
}

/** `readyState` between the two handshakes. */
const OPEN = 1;

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: MAX_FRAGMENTS,
  // It would keep an answer to each ping for a peer that reads none of them.
  autoPong: false,
  closeTimeout: FAREWELL_MS,
});

/** Whether a request asks to become a WebSocket; what else there is to upgrade to is passed over. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

/** Why a request cannot become one, as status and headers [RFC 6455 §4.2.1, §4.4]. */
function mistakeOf(
  { method, httpVersion, headers }: IncomingMessage,
): readonly [status: number, headers: Record<string, string>] | undefined {
  if (headers["sec-websocket-version"] !== VERSION) {
    return [426, { "Sec-WebSocket-Version": VERSION }];
  }
  const key = headers["sec-websocket-key"] ?? "";
  const right = method === "GET" && httpVersion === "1.1" && KEY.test(key);
  return right ? undefined : [400, {}];
}

/**
 * What a request that asks to become a WebSocket is answered with, until it is one: the connection ends
 * behind any answer. No `outgoing` when it was answered already, because it cannot become one.
 *
 * `release` leaves the connection, which else is cut off when its peer goes or says anything.
 */
export function answerUpgrade(
  incoming: IncomingMessage,
): { readonly outgoing: ServerResponse | undefined; readonly release: () => void } {
  const { socket } = incoming;
  const outgoing = new ServerResponse(incoming);
  outgoing.assignSocket(socket);
  outgoing.shouldKeepAlive = false;
  const cut = () => void socket.destroy();
  socket.on("data", cut).on("end", cut);
  const release = () => void socket.off("data", cut).off("end", cut);
  outgoing.on("finish", () => {
    socket.end();
    const timer = setTimeout(cut, FAREWELL_MS);
    socket.on("close", () => clearTimeout(timer));
  });
  const mistake = mistakeOf(incoming);
  if (mistake === undefined) return { outgoing, release };
  outgoing.writeHead(...mistake).end();
  return { outgoing: undefined, release };
}

/** Shakes hands, and hands the connection over to who takes it. `remote` is the peer. */
export function acceptWebSocket(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { take, gone }: WebSocketTakeover,
  remote: Address,
): void {
  const { socket } = incoming;
  outgoing.detachSocket(socket);
  let taken = false;
  server.handleUpgrade(incoming, socket, NOTHING, (peer: Peer) => {
    taken = true;
    take(new UpgradedConnection(socket, remote, peer));
  });
  if (!taken) gone();
}

/** A socket that has become a WebSocket. */
class UpgradedConnection extends HttpConnection implements WebSocketConnection {
  readonly #peer: Peer;
  #allowance = BURST_BYTES;
  #countedAt = performance.now();
  /** Whether an answer to a ping is on its way, and to what there is to be one behind it. */
  #ponging = false;
  #pinged: Uint8Array | undefined;

  constructor(socket: Socket, remote: Address, peer: Peer) {
    super(socket, remote);
    this.#peer = peer;
    // It closes by itself, and says why to its peer.
    peer.on("error", () => {});
  }

  protected override listen(): void {
    this.socket.on("data", (bytes: Uint8Array) => this.#count(bytes.length));
    // It may still be owed its goodbye.
    this.socket.on("end", () => this.expectEnd());
    this.#peer.on("message", (message: Uint8Array) => this.handler?.onData(message));
    this.#peer.on("ping", (data: Uint8Array) => this.#onPing(data));
  }

  #count(bytes: number): void {
    const now = performance.now();
    const earned = (now - this.#countedAt) * BYTES_PER_SECOND / 1000;
    this.#countedAt = now;
    this.#allowance = Math.min(this.#allowance + earned, BURST_BYTES) - bytes;
    if (this.#allowance < 0) this.destroy();
  }

  /** Answers, but no more than one at a time: the latest will do [RFC 6455 §5.5.3]. */
  #onPing(data: Uint8Array): void {
    this.#pinged = data;
    if (!this.#ponging) this.#pong();
  }

  #pong(): void {
    const data = this.#pinged;
    if (data === undefined) return;
    this.#pinged = undefined;
    this.#ponging = true;
    this.#peer.pong(data, false, this.#onPonged);
  }

  readonly #onPonged = (error?: Error): void => {
    this.#ponging = false;
    if (!error) this.#pong();
  };

  override write(bytes: Uint8Array): boolean {
    // Nothing comes behind a goodbye [RFC 6455 §5.5.1].
    return this.#peer.readyState !== OPEN || super.write(bytes);
  }

  override end(): void {
    this.close(1000);
  }

  close(code: number, reason?: string): void {
    if (this.#peer.readyState !== OPEN) return;
    this.#peer.close(code, reason);
    this.expectEnd();
  }
}
