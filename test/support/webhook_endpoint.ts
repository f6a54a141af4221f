/**
 * An endpoint that webhooks are sent to, which does with them what a test says.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { SOON_MS, within } from "./deadline.ts";

/** A request as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Answers a request. */
export type Behave = (
  received: Received,
  response: ServerResponse,
  request: IncomingMessage,
) => void;

/** An HTTP server on a port of this machine. Use it with `await using`. */
export class Endpoint implements AsyncDisposable {
  /** All that came, in order. */
  readonly received: Received[] = [];
  /** Requests that were answered at once, at most. */
  most = 0;
  /** What is done with the next one. */
  behave: Behave;
  #now = 0;
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(server: Server, behave: Behave) {
    this.#server = server;
    this.behave = behave;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.most = Math.max(this.most, ++this.#now);
      response.on("close", () => this.#now--);
      const chunks: Uint8Array[] = [];
      request.on("error", () => {});
      request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      request.on("end", () => {
        const body = new TextDecoder().decode(concat(chunks));
        const received = { path: request.url ?? "", headers: request.headers, body };
        this.received.push(received);
        this.behave(received, response, request);
        for (const look of [...this.#waiting]) look();
      });
    });
  }

  /** Listens on a port below those that the kernel gives out by itself, or on this one. */
  static async start(behave: Behave = answer(204), port?: number): Promise<Endpoint> {
    for (;;) {
      const server = createServer();
      const endpoint = new Endpoint(server, behave);
      const on = port ?? 20_000 + Math.floor(Math.random() * 12_000);
      const listens = await new Promise<boolean>((resolve, reject) => {
        server.once("error", (error) => port === undefined ? resolve(false) : reject(error));
        server.listen(on, "127.0.0.1", () => resolve(true));
      });
      if (listens) return endpoint;
    }
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Its address, with a path. */
  url(path = "/"): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Resolves once `met` of what came. */
  until(met: (received: readonly Received[]) => boolean): Promise<void> {
    let watch = () => {};
    const came = new Promise<void>((resolve) => {
      const look = () => {
        if (!met(this.received)) return;
        this.#waiting.delete(look);
        resolve();
      };
      watch = look;
      this.#waiting.add(look);
      look();
    });
    const describe = () => this.received.map(({ path, body }) => `${path} ${body}`).join("\n");
    return within(came, `requests that fit ${met}`, SOON_MS, describe)
      .finally(() => this.#waiting.delete(watch));
  }

  /** Goes away, with whoever is connected. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Answers with a status, a body and headers. */
export function answer(
  status: number,
  body: string | object = "",
  headers: Readonly<Record<string, string>> = {},
): Behave {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (_, response) => {
    response.writeHead(status, headers);
    response.end(text);
  };
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
