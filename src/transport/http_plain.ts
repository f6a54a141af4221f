/**
 * HTTP requests that are answered with bytes that are there already, without a `Request`, a promise or
 * a stream: what is sent to many costs each of them little more than the writing.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { HttpBytes, type PlainHandler, type PlainRequest } from "../ports.ts";

/** A client that takes nothing of its answer for so long (ms) is given up. */
export const STALL_MS = 30_000;

/** Who reads more slowly than this cannot watch anything: 64 kbit a second. */
const SLOWEST_BYTES_PER_MS = 8;

/** Bytes of a body that needs no `Request`. */
const BODY_BYTES = 64 * 1024;
/** Longest time for one (ms). */
const BODY_MS = 10_000;

/** What is answered where a handler throws. */
const FAULT = new HttpBytes(500, {}, [], 0);

/** What keeps count of the requests of a connection. */
export interface RequestCount {
  /** Calls `cut` when the connection goes before {@link end}. */
  watch(socket: Socket, cut: () => void): void;
  /** An answer is over. */
  end(socket: Socket, cut: () => void): void;
}

/** The headers of an answer as they are written, by the object that they come in. */
const flat = new WeakMap<Readonly<Record<string, string>>, readonly string[]>();

class Plain implements PlainRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly target: string;
  readonly #incoming: IncomingMessage;

  constructor(method: "GET" | "HEAD" | "POST", target: string, incoming: IncomingMessage) {
    this.method = method;
    this.target = target;
    this.#incoming = incoming;
  }

  header(name: string): string | undefined {
    const raw = this.#incoming.rawHeaders;
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const one = raw[index]!;
      if (one.length === name.length && one.toLowerCase() === name) return raw[index + 1];
    }
    return undefined;
  }

  body(take: (bytes: Uint8Array | undefined) => void): void {
    const incoming = this.#incoming;
    const parts: Uint8Array[] = [];
    let open = true;
    const settle = (bytes: Uint8Array | undefined) => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      take(bytes);
    };
    const cut = () => settle(undefined);
    const timer = setTimeout(cut, BODY_MS);
    incoming.on("data", (bytes: Uint8Array) => void (open && parts.push(bytes)));
    incoming.on("end", () => settle(new Uint8Array(Buffer.concat(parts))));
    incoming.on("error", cut);
    incoming.on("close", cut);
  }
}

/** The request, if it is a plain one: anything odd about it is for others to refuse. */
function plainOf(incoming: IncomingMessage): Plain | undefined {
  const { method, url, httpVersion, rawHeaders } = incoming;
  const posts = method === "POST";
  if ((method !== "GET" && method !== "HEAD" && !posts) || httpVersion !== "1.1") return undefined;
  if (url === undefined || !url.startsWith("/")) return undefined;
  let hosts = 0;
  let lengths = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === "host") hosts++;
        break;
      case 6:
        // Some wait to be told to go on before they send a body.
        if (posts && name.toLowerCase() === "expect") return undefined;
        break;
      case 14:
        if (name.toLowerCase() !== "content-length") break;
        if (!posts || !isSmall(rawHeaders[index + 1]!)) return undefined;
        lengths++;
        break;
      case 17:
        if (name.toLowerCase() === "transfer-encoding") return undefined;
    }
  }
  if (hosts !== 1 || lengths !== (posts ? 1 : 0)) return undefined;
  return new Plain(method, url, incoming);
}

/** Whether a length in a header is that of a small body. */
function isSmall(length: string): boolean {
  return /^\d{1,5}$/.test(length) && Number(length) <= BODY_BYTES;
}

/** Lets `handler` answer a request. @returns whether it does */
export function exchangePlain(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: PlainHandler,
  count: RequestCount,
): boolean {
  const request = plainOf(incoming);
  if (request === undefined) return false;
  const { socket } = incoming;
  let over = false;
  let leave: (() => void) | false = false;
  const cut = () => {
    if (over) return;
    over = true;
    if (leave !== false) leave();
  };
  const done = () => {
    over = true;
    count.end(socket, cut);
  };
  const answer = (bytes: HttpBytes) => {
    if (over) return;
    over = true;
    outgoing.on("finish", done);
    try {
      sendBytes(bytes, incoming, outgoing);
    } catch {
      // Whoever calls serves others in the same turn.
      socket.destroy();
    }
  };
  outgoing.on("error", () => {});
  try {
    leave = handler(request, answer);
  } catch {
    answer(FAULT);
    return true;
  }
  if (leave === false) return false;
  // One that is answered already needs nobody to watch it.
  if (!over) count.watch(socket, cut);
  return true;
}

/**
 * Sends bytes that are there. They are held for a client that is slow, as long as it takes some, and takes
 * all of them in time.
 */
export function sendBytes(
  { status, headers, chunks, size }: HttpBytes,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  if (outgoing.destroyed) return;
  let known = flat.get(headers);
  if (known === undefined) {
    known = Object.entries(headers).flat();
    flat.set(headers, known);
  }
  outgoing.writeHead(status, [...known, "Content-Length", String(size)]);
  if (incoming.method === "HEAD" || chunks.length === 0) return void outgoing.end();
  const last = chunks.length - 1;
  for (let index = 0; index < last; index++) outgoing.write(chunks[index]);
  outgoing.end(chunks[last]);
  if (outgoing.writableFinished) return;
  watchStall(incoming.socket, outgoing, size);
}

/**
 * How long a client may take for an answer of `size` bytes (ms). They are held for it meanwhile, though
 * what they are of may have gone long ago.
 */
export function longestAnswer(size: number): number {
  return 4 * STALL_MS + size / SLOWEST_BYTES_PER_MS;
}

/** Gives up a client that takes nothing for {@link STALL_MS}, or too long for all. */
function watchStall(socket: Socket, outgoing: ServerResponse, size: number): void {
  let seen = -1;
  let left = Math.ceil(longestAnswer(size) / STALL_MS);
  const look = () => {
    const written = socket.bytesWritten - socket.writableLength;
    // An answer that is behind others has no socket of its own to destroy.
    if (written === seen || --left === 0) return void socket.destroy();
    seen = written;
    timer = setTimeout(look, STALL_MS);
  };
  let timer = setTimeout(look, STALL_MS);
  const done = () => clearTimeout(timer);
  outgoing.on("finish", done);
  outgoing.on("close", done);
}
