/**
 * One HTTP request of `node:http`, answered by a handler that knows `Request` and `Response`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Address,
  type HttpAbout,
  HttpBytes,
  type HttpHandler,
  HttpTakeover,
  WebSocketTakeover,
} from "../ports.ts";
import { sendBytes, STALL_MS } from "./http_plain.ts";
import { HttpConnection } from "./http_connection.ts";
import { acceptWebSocket } from "./websocket.ts";

/** Bytes of a body that may wait for their reader. */
const BODY_QUEUE = 64 * 1024;

/**
 * Answers a request, or ends its connection; never throws. `gone` is aborted when nobody waits for the
 * answer any more. `onTaken` is told that the connection is
 * to be taken over, so that no further request comes on it; `false` when others wait for answers on it.
 * `onUpgrade`: the request asks to become a WebSocket, and who watches its connection may leave it now.
 */
export async function exchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: HttpHandler,
  remote: Address,
  gone: AbortSignal,
  onTaken: () => boolean,
  onUpgrade?: () => void,
): Promise<void> {
  outgoing.on("error", () => {});
  let takeover: HttpTakeover | WebSocketTakeover | undefined;
  try {
    const request = toRequest(incoming, gone);
    if (request === undefined) return refuse(outgoing);
    const about: HttpAbout = {
      chunks: incoming.httpVersion === "1.1",
      webSocket: onUpgrade !== undefined,
    };
    const answer = await handler(request, remote, about);
    if (answer instanceof HttpTakeover || answer instanceof WebSocketTakeover) {
      takeover = answer;
      if (answer instanceof WebSocketTakeover && !about.webSocket) {
        answer.gone();
        outgoing.writeHead(426, { Connection: "close", Upgrade: "websocket" }).end();
      } else if (!mayTakeOver(incoming, outgoing, onTaken)) answer.gone();
      else {
        onUpgrade?.();
        if (answer instanceof HttpTakeover) takeOver(answer, incoming, outgoing, remote);
        else acceptWebSocket(incoming, outgoing, answer, remote);
      }
      takeover = undefined;
    } else if (answer instanceof HttpBytes) {
      sendBytes(answer, incoming, outgoing);
    } else await send(answer, outgoing, incoming.method === "HEAD");
  } catch {
    // Whoever was to have the connection still waits for it.
    takeover?.gone();
    // Half an answer cannot be taken back: all that is left is to say that it is no whole one.
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500).end();
  }
}

/** Answers what is no request, and hears no more of its kind. */
function refuse(outgoing: ServerResponse): void {
  const error = { code: "bad-request", message: "This is no proper HTTP request" };
  const text = JSON.stringify({ error });
  outgoing.writeHead(400, {
    "Connection": "close",
    "Content-Type": "application/json",
    "Content-Length": text.length,
    "X-Content-Type-Options": "nosniff",
  }).end(text);
}

/** Whether the connection is there, and for this answer alone. */
function mayTakeOver(
  { socket }: IncomingMessage,
  outgoing: ServerResponse,
  onTaken: () => boolean,
): boolean {
  if (outgoing.destroyed || socket.destroyed) return false;
  if (onTaken()) return true;
  // What is written past `node:http` would come ahead of answers that are due before, or behind.
  socket.destroy();
  return false;
}

/** Sends the head of an answer, and hands the connection over to who gives it. */
function takeOver(
  { status, headers, take }: HttpTakeover,
  { socket }: IncomingMessage,
  outgoing: ServerResponse,
  remote: Address,
): void {
  // Who takes it over makes chunks of its own, or the body ends with the connection.
  outgoing.useChunkedEncodingByDefault = false;
  outgoing.shouldKeepAlive = false;
  outgoing.writeHead(status, { ...headers, Connection: "close" });
  outgoing.flushHeaders();
  take(new HttpConnection(socket, remote));
}

/** The request; `undefined` when it is none, such as one without a `Host`, or with one that is none. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "", rawHeaders } = incoming;
  // `Request` refuses it on one runtime only.
  if (method === "TRACE") return undefined;
  try {
    const headers = new Headers();
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
    }
    const url = urlOf(incoming);
    if (url === undefined) return undefined;
    // What was asked for by its whole URL goes by that, whatever the header says [RFC 9112 §3.2.2].
    if (url.absolute) headers.set("Host", new URL(url.href).host);
    const length = headers.get("Content-Length");
    const empty = method === "GET" || method === "HEAD" || length === "0" ||
      (length === null && !headers.has("Transfer-Encoding"));
    const body = empty ? null : bodyOf(incoming);
    const init = { method, headers, body, signal, duplex: "half" } as RequestInit;
    return new Request(url.href, init);
  } catch {
    return undefined;
  }
}

/**
 * The URL of a request. Runtimes differ in what they let through: HTTP 1.1 wants exactly one `Host`,
 * and 1.0 none [RFC 9112 §3.2].
 */
function urlOf(incoming: IncomingMessage): { href: string; absolute: boolean } | undefined {
  const { httpVersion, rawHeaders, socket, url: target = "" } = incoming;
  const hosts = rawHeaders.filter((_, index) =>
    index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === "host"
  );
  if (hosts.length > 1 || (hosts.length === 0 && httpVersion !== "1.0")) return undefined;
  if (httpVersion !== "1.0" && httpVersion !== "1.1") return undefined;
  const host = hosts[0]?.trim() ?? `localhost:${socket.localPort}`;
  if (host === "" || /[^\w.:[\]~%!$&'()*+;=-]/.test(host)) return undefined;
  const scheme = (socket as { readonly encrypted?: boolean }).encrypted === true ? "https" : "http";
  if (!URL.canParse(`${scheme}://${host}/`)) return undefined;
  if (/^https?:/i.test(target)) {
    // An authority that is there, and holds no password.
    return /^https?:\/\/[^/?#@]+(?:[/?#]|$)/i.test(target)
      ? { href: target, absolute: true }
      : undefined;
  }
  const path = target.startsWith("/") ? target : `/${target}`;
  return { href: `${scheme}://${host}${path}`, absolute: false };
}

/** The body, read from the socket no faster than it is read here. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let open = true;
  const settle = (act: () => void) => {
    if (open) act();
    open = false;
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on("data", (bytes: Uint8Array) => {
        if (!open) return;
        controller.enqueue(new Uint8Array(bytes));
        if (controller.desiredSize! <= 0) incoming.pause();
      });
      incoming.on("end", () => settle(() => controller.close()));
      const cut = () => settle(() => controller.error(new Error("The body was cut short")));
      incoming.on("error", cut);
      incoming.on("close", cut);
      incoming.pause();
    },
    pull: () => void incoming.resume(),
    // What is left of it is read and dropped, so that the client sees its answer.
    cancel() {
      open = false;
      incoming.resume();
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: BODY_QUEUE }));
}

/** Sends an answer no faster than it is taken. @throws {Error} whatever its body throws */
async function send(response: Response, outgoing: ServerResponse, bare: boolean): Promise<void> {
  const reader = response.body?.getReader();
  const cancel = () => void reader?.cancel().catch(() => {});
  if (outgoing.destroyed) return cancel();
  outgoing.on("close", cancel);
  outgoing.statusCode = response.status;
  if (response.statusText !== "") outgoing.statusMessage = response.statusText;
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  if (cookies.length > 0) outgoing.setHeader("Set-Cookie", cookies);
  if (reader === undefined || bare) {
    cancel();
    outgoing.end();
    return;
  }
  // They are of use before the body is, which may take its time.
  outgoing.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (outgoing.destroyed) return;
    if (done) break;
    if (!outgoing.write(value)) await taken(outgoing, "drain");
  }
  const finished = taken(outgoing, "finish");
  outgoing.end();
  await finished;
}

/** Waits until the client took what was written, is gone, or has taken nothing for too long. */
function taken(outgoing: ServerResponse, event: "drain" | "finish"): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => outgoing.destroy(), STALL_MS);
    const done = () => {
      clearTimeout(timer);
      outgoing.off(event, done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on(event, done);
    outgoing.on("close", done);
  });
}
