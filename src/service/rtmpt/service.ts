/**
 * RTMPT: RTMP inside requests of HTTP, for clients behind walls that let nothing else through. Each
 * session is a connection like any other to the service of RTMP.
 *
 * @module
 */
import { readTunnelPath } from "../../core/rtmp/tunnel/request.ts";
import { hex } from "../../core/bytes/hex.ts";
import type { Address, Clock, HttpAnswer, PlainHandler, Timer } from "../../ports.ts";
import { HttpBytes } from "../../ports.ts";
import type { Service, Surroundings } from "../surroundings.ts";
import { type Carried, Tunnel } from "./tunnel.ts";

/** Bytes of one request. */
const REQUEST_BYTES = 1024 * 1024;
/** Longest time for the body of a request (ms). */
const BODY_MS = 10_000;
/** How long a session may go without a request (ms). */
const SILENT_MS = 30_000;
/** How often it looks for those that did (ms). */
const LOOK_MS = 5000;
/**
 * Least time between two answers that carry something to a client that only asks (ms): each costs more than
 * what it carries, which matters once there are {@link MANY} sessions.
 */
const MERGE_MS = 100;
const MERGE_MANY_MS = 333;
const MANY = 50;
/** Bytes of the secret of a session. */
const SECRET_BYTES = 16;

/** librtmp looks for names of headers in just this spelling. */
const HEADERS = {
  "Content-Type": "application/x-fcs",
  "Cache-Control": "no-cache",
  "Connection": "Keep-Alive",
};

/** What the service is made with. */
export interface TunnelSurroundings extends Pick<Surroundings, "hub"> {
  readonly runtime: Surroundings["runtime"] & { readonly clock: Clock };
  /** Takes the connection of a new session, and may close it at once. */
  readonly accept: (tunnel: Tunnel, secure: boolean) => void;
}

/** Answers requests of RTMPT. */
export class TunnelService implements Service {
  readonly #surroundings: TunnelSurroundings;
  /** By their secrets. */
  readonly #tunnels = new Map<string, Tunnel>();
  /** Bytes of their requests that wait for others. */
  readonly #early = { bytes: 0 };
  #timer: Timer | undefined;

  constructor(surroundings: TunnelSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Sessions that there are. */
  get size(): number {
    return this.#tunnels.size;
  }

  /** Ends those that are gone, for as long as there are any. */
  #look(): void {
    const { clock } = this.#surroundings.runtime;
    this.#timer ??= clock.after(LOOK_MS, () => {
      this.#timer = undefined;
      const now = clock.now();
      for (const tunnel of [...this.#tunnels.values()]) {
        if (now - tunnel.heardAt > SILENT_MS) tunnel.destroy();
      }
      if (this.#tunnels.size > 0) this.#look();
    });
  }

  /** Answers a request of RTMPT; `undefined` for any other. */
  handle(request: Request, remote: Address): HttpAnswer | Promise<HttpAnswer> | undefined {
    if (request.method !== "POST") return undefined;
    const asked = readTunnelPath(new URL(request.url).pathname);
    if (asked === undefined) return undefined;
    if (asked.kind === "ident") return status(404);
    // No client of RTMPT is a web page, and none has a say in what a server on its visitor's machine does.
    if (request.headers.has("Origin")) return status(403);
    const length = Number(request.headers.get("Content-Length") ?? NaN);
    if (!Number.isInteger(length)) return status(411);
    if (length > REQUEST_BYTES) return status(413);
    if (asked.kind === "open") return this.#open(remote, request.url.startsWith("https:"));
    const tunnel = this.#tunnels.get(asked.id);
    if (tunnel === undefined) return status(404);
    return this.#carry(request, tunnel, asked);
  }

  /** Answers what comes again and again in a session, which no page may ask for. */
  readonly plain: PlainHandler = (request, answer) => {
    if (request.method !== "POST" || request.header("origin") !== undefined) return false;
    const asked = readTunnelPath(request.target);
    if (asked === undefined || asked.kind === "open" || asked.kind === "ident") return false;
    const tunnel = this.#tunnels.get(asked.id);
    if (tunnel === undefined) return false;
    request.body((body) => {
      if (body === undefined) return answer(status(408));
      const { kind, sequence } = asked;
      tunnel.carry({ kind, sequence, body, answer: (said) => answer(answerOf(said)) });
    });
    return () => {};
  };

  #open(remote: Address, secure: boolean): HttpBytes {
    const { runtime, hub, accept } = this.#surroundings;
    const id = hex(runtime.randomBytes(SECRET_BYTES));
    const local = { hostname: "", port: 0 };
    const { memory } = hub.registry;
    const mergeMs = () => this.#tunnels.size < MANY ? MERGE_MS : MERGE_MANY_MS;
    const tunnel = new Tunnel(runtime.clock, memory, remote, local, mergeMs, () => {
      this.#tunnels.delete(id);
    }, this.#early);
    this.#tunnels.set(id, tunnel);
    this.#look();
    accept(tunnel, secure);
    if (tunnel.closed) return status(503);
    // librtmp drops the last byte.
    return bytes(new TextEncoder().encode(`${id}\n`));
  }

  async #carry(
    request: Request,
    tunnel: Tunnel,
    asked: Pick<Carried, "kind" | "sequence">,
  ): Promise<HttpBytes> {
    const body = await this.#bodyOf(request);
    if (body === undefined) return status(408);
    return await new Promise((resolve) => {
      tunnel.carry({
        kind: asked.kind,
        sequence: asked.sequence,
        body,
        answer: (body) => resolve(answerOf(body)),
      });
    });
  }

  /** The body, whose length was looked at; `undefined` when it does not come. */
  async #bodyOf(request: Request): Promise<Uint8Array | undefined> {
    const { clock } = this.#surroundings.runtime;
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = clock.after(BODY_MS, () => resolve(undefined));
    try {
      const whole = request.arrayBuffer().then((buffer) => new Uint8Array(buffer));
      return await Promise.race([whole, late]);
    } catch {
      return undefined; // The client went away.
    } finally {
      timer.cancel();
    }
  }

  /** Ends all that are there. */
  stop(): void {
    this.#timer?.cancel();
    for (const tunnel of [...this.#tunnels.values()]) tunnel.destroy();
  }
}

/** What a request of a session is answered. */
function answerOf(body: Uint8Array | undefined): HttpBytes {
  return body === undefined ? status(404) : bytes(body);
}

function bytes(body: Uint8Array): HttpBytes {
  return new HttpBytes(200, HEADERS, [body], body.length);
}

const NO_BODY = new Uint8Array(0);

function status(code: number): HttpBytes {
  return new HttpBytes(code, HEADERS, [NO_BODY], 0);
}
