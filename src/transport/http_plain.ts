/**
 * HTTP requests that are answered with bytes that are there already, without a `Request`, a promise or
 * a stream: what is sent to many costs each of them little more than the writing.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { HttpBytes, PlainHandler, PlainRequest } from "../ports.ts";

/** A client that takes nothing of its answer for so long (ms) is given up. */
export const STALL_MS = 30_000;

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
  readonly method: "GET" | "HEAD";
  readonly target: string;
  readonly #raw: readonly string[];

  constructor(method: "GET" | "HEAD", target: string, raw: readonly string[]) {
    this.method = method;
    this.target = target;
    this.#raw = raw;
  }

  header(name: string): string | undefined {
    const raw = this.#raw;
    for (let index = 0; index + 1 < raw.length; index += 2) {
      const one = raw[index]!;
      if (one.length === name.length && one.toLowerCase() === name) return raw[index + 1];
    }
    return undefined;
  }
}

/** The request, if it is a plain one: anything odd about it is for others to refuse. */
function plainOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): Plain | undefined {
  if ((method !== "GET" && method !== "HEAD") || httpVersion !== "1.1") return undefined;
  if (url === undefined || !url.startsWith("/")) return undefined;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    switch (name.length) {
      case 4:
        if (name.toLowerCase() === "host") hosts++;
        break;
      case 14:
        if (name.toLowerCase() === "content-length") return undefined;
        break;
      case 17:
        if (name.toLowerCase() === "transfer-encoding") return undefined;
    }
  }
  return hosts === 1 ? new Plain(method, url, rawHeaders) : undefined;
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
  leave = handler(request, (answer) => {
    if (over) return;
    over = true;
    outgoing.on("finish", done);
    sendBytes(answer, outgoing, request.method === "HEAD");
  });
  if (leave === false) return false;
  outgoing.on("error", () => {});
  // One that is answered already needs nobody to watch it.
  if (!over) count.watch(socket, cut);
  return true;
}

/** Sends bytes that are there. They are held for a client that is slow, as long as it takes some. */
export function sendBytes(
  { status, headers, chunks, size }: HttpBytes,
  outgoing: ServerResponse,
  bare: boolean,
): void {
  if (outgoing.destroyed) return;
  let known = flat.get(headers);
  if (known === undefined) {
    known = Object.entries(headers).flat();
    flat.set(headers, known);
  }
  outgoing.writeHead(status, [...known, "Content-Length", String(size)]);
  if (bare || chunks.length === 0) return void outgoing.end();
  const last = chunks.length - 1;
  for (let index = 0; index < last; index++) outgoing.write(chunks[index]);
  outgoing.end(chunks[last]);
  if (outgoing.writableFinished) return;
  watchStall(outgoing);
}

/** Gives up a client that takes nothing for {@link STALL_MS}. */
function watchStall(outgoing: ServerResponse): void {
  const { socket } = outgoing;
  let seen = -1;
  const look = () => {
    const written = (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0);
    if (written === seen) return void outgoing.destroy();
    seen = written;
    timer = setTimeout(look, STALL_MS);
  };
  let timer = setTimeout(look, STALL_MS);
  const done = () => clearTimeout(timer);
  outgoing.on("finish", done);
  outgoing.on("close", done);
}
