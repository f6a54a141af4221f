/**
 * One HTTP request of `node:http`, answered by a handler that knows `Request` and `Response`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Address, HttpHandler } from "../ports.ts";

/** Bytes of a body that may wait for their reader. */
const BODY_QUEUE = 64 * 1024;
/** A client that takes nothing of its answer for so long (ms) is given up. */
const STALL_MS = 30_000;

/** Answers a request, or ends its connection; never throws. */
export async function exchange(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: HttpHandler,
  remote: Address,
): Promise<void> {
  outgoing.on("error", () => {});
  try {
    const gone = new AbortController();
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) gone.abort();
    });
    const request = toRequest(incoming, gone.signal);
    if (request === undefined) return void outgoing.writeHead(400).end();
    await send(await handler(request, remote), outgoing, incoming.method === "HEAD");
  } catch {
    // Half an answer cannot be taken back: all that is left is to say that it is no whole one.
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500).end();
  }
}

/** The request; `undefined` when it is none, such as one with a `Host` that is no host. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "", rawHeaders, socket } = incoming;
  const target = incoming.url ?? "";
  // `Request` refuses it on one runtime only.
  if (method === "TRACE") return undefined;
  try {
    const headers = new Headers();
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
    }
    // HTTP 1.0 need not name a host.
    const host = headers.get("Host") ?? `localhost:${socket.localPort}`;
    if (/[^\w.:[\]~%!$&'()*+;=-]/.test(host)) return undefined;
    const url = /^https?:\/\//i.test(target)
      ? target
      : `http://${host}${target.startsWith("/") ? target : `/${target}`}`;
    const length = headers.get("Content-Length");
    const empty = method === "GET" || method === "HEAD" || length === "0" ||
      (length === null && !headers.has("Transfer-Encoding"));
    const body = empty ? null : bodyOf(incoming);
    return new Request(url, { method, headers, body, signal, duplex: "half" } as RequestInit);
  } catch {
    return undefined;
  }
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
