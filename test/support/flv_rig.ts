/**
 * Players of FLV behind HTTP on the service of a rig, without a port.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Plugin } from "../../src/plugin/mod.ts";
import { type HttpAbout, type HttpAnswer, HttpTakeover } from "../../src/ports.ts";
import { Admission, type Evictable } from "../../src/service/admission.ts";
import { FlvService } from "../../src/service/flv/mod.ts";
import { MediaOrigins } from "../../src/service/media_origins.ts";
import { FlvReader } from "./flv_reader.ts";
import { MemoryConnection } from "./memory_connection.ts";
import { Rig, type SETTINGS } from "./rtmp_service.ts";

/** A client of HTTP 1.0, which gets tags as they are. */
const BARE: HttpAbout = { chunks: false, webSocket: false };

const PEER = { hostname: "192.0.2.7", port: 5000 };

/** A rig whose streams can also be had as FLV. */
export class FlvRig extends Rig {
  readonly flv: FlvService;
  readonly admission: Admission<Evictable>;

  constructor(
    settings: Partial<typeof SETTINGS> & { readonly origins?: MediaOrigins } = {},
    ...plugins: Plugin[]
  ) {
    super(settings, ...plugins);
    this.admission = new Admission(this.settings);
    let ids = 0;
    this.flv = new FlvService({
      config: {
        playerStallMs: this.settings.playerStallMs,
        maxUnanswered: 3,
      },
      runtime: { clock: this.clock, randomBytes: (length) => new Uint8Array(length).fill(++ids) },
      hub: this.hub,
      plugins: this.runner,
      faults: this.counted,
      admission: this.admission,
      origins: settings.origins ?? new MediaOrigins(["*"], "127.0.0.1"),
    });
  }

  /** Asks for a path; the answer comes when it is decided. */
  ask(path: string, init: RequestInit = {}, about: HttpAbout = BARE): FlvAsk {
    return new FlvAsk(this, new Request(`http://127.0.0.1:8080${path}`, init), about);
  }

  /** A player of a stream that is live. */
  async flvPlayer(
    path = "/live/test.flv",
    headers: Record<string, string> = {},
  ): Promise<FlvClient> {
    return await this.ask(path, { headers }).opened();
  }
}

/** A request, and what it is answered with. */
export class FlvAsk {
  answer: HttpAnswer | undefined;
  readonly #answered: Promise<HttpAnswer>;

  constructor(rig: FlvRig, request: Request, about: HttpAbout) {
    const answered = rig.flv.handle(request, PEER, about);
    assert.ok(answered !== undefined, "it is a request for FLV");
    this.#answered = answered.then((answer) => this.answer = answer);
  }

  /** The answer that refuses. */
  async refused(): Promise<{ status: number; code: string; message: string }> {
    const answer = await this.#answered;
    assert.ok(answer instanceof Response, "it is refused");
    const { error } = await answer.json() as { error: { code: string; message: string } };
    return { status: answer.status, ...error };
  }

  /** The answer, when it is a response. */
  async response(): Promise<Response> {
    const answer = await this.#answered;
    assert.ok(answer instanceof Response);
    return answer;
  }

  /** The player, when it is let in. */
  async opened(): Promise<FlvClient> {
    const answer = await this.#answered;
    assert.ok(answer instanceof HttpTakeover, "it is let in");
    return new FlvClient(answer);
  }
}

/** A player. */
export class FlvClient {
  readonly reader = new FlvReader();
  readonly connection: MemoryConnection;

  constructor(answer: HttpTakeover) {
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["Content-Type"], "video/x-flv");
    this.connection = new MemoryConnection((bytes) => this.reader.add(bytes));
    answer.take(this.connection);
  }
}
