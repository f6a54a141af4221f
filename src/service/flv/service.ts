/**
 * Live streams as FLV behind HTTP: `GET /{app}/{name}.flv`, and a WebSocket at the same path. Plugins decide as they do for RTMP, and the
 * hub serves these players as any others.
 *
 * @module
 */
import type { Address, HttpAbout, HttpAnswer, Timer } from "../../ports.ts";
import type { Service } from "../surroundings.ts";
import { preflight, wrongMethod } from "../media_origins.ts";
import type { FlvContext, FlvSurroundings } from "./context.ts";
import { FlvEncoders } from "./frame_encoder.ts";
import { refusal } from "./refusal.ts";
import { readFlvRequest } from "./request.ts";
import { FlvSession } from "./session.ts";

/** How often players are looked at that take nothing (ms). */
const TICK_MS = 1000;

/** All clients of one server that watch FLV behind HTTP. */
export class FlvService implements Service {
  /** By id, those included that wait for a decision or for their stream. */
  readonly sessions = new Map<string, FlvSession>();
  readonly #context: FlvContext;
  #timer: Timer | undefined;
  #stopping = false;
  /** Those that wait for a decision or for their stream on connections of the HTTP server, the oldest first. */
  readonly #unanswered = new Set<FlvSession>();
  #onEmpty: (() => void) | undefined;

  constructor(surroundings: FlvSurroundings) {
    this.#context = {
      ...surroundings,
      encoders: new FlvEncoders(),
      onGone: (session) => {
        surroundings.admission.leave(session);
        this.sessions.delete(session.id);
        if (this.sessions.size === 0) this.#onEmpty?.();
      },
    };
  }

  /** Answers a request for a stream; `undefined` when it is for something else. */
  handle(request: Request, remote: Address, about: HttpAbout): Promise<HttpAnswer> | undefined {
    const asked = readFlvRequest(request);
    if (asked === undefined) return undefined;
    const { origins, admission, runtime } = this.#context;
    const headers = origins.headers(request);
    if (headers === undefined) return Promise.resolve(refusal("refused"));
    const { path, query } = asked;
    switch (request.method) {
      case "GET":
      case "HEAD":
        break;
      case "OPTIONS":
        return Promise.resolve(preflight(headers));
      default:
        return Promise.resolve(wrongMethod(headers));
    }
    if (path === undefined) return Promise.resolve(refusal("bad-name", headers));
    if (this.#stopping) return Promise.resolve(refusal("stopping", headers));
    const group = admission.groupOf(remote);
    if (admission.full || admission.crowded(group) || !this.#makeRoom()) {
      return Promise.resolve(refusal("crowded", headers));
    }
    const session = new FlvSession(this.#context, request, remote, about, headers, path, query);
    admission.enter(session, group);
    this.sessions.set(session.id, session);
    this.#timer ??= runtime.clock.after(TICK_MS, this.#tick);
    this.#unanswered.add(session);
    return session.answer().finally(() => this.#unanswered.delete(session));
  }

  /**
   * Whether one more may wait. Anybody can wait for a name that nobody has: who has done so longest goes,
   * and keeps nobody from a stream that is there.
   */
  #makeRoom(): boolean {
    if (this.#unanswered.size < this.#context.config.maxUnanswered) return true;
    for (const session of this.#unanswered) {
      if (!session.waiting) continue;
      this.#unanswered.delete(session);
      session.evict();
      return true;
    }
    return false;
  }

  readonly #tick = (): void => {
    const { clock } = this.#context.runtime;
    this.#timer = undefined;
    const now = clock.now();
    for (const session of [...this.sessions.values()]) session.watch(now);
    if (this.sessions.size > 0) this.#timer = clock.after(TICK_MS, this.#tick);
  };

  /**
   * Takes nobody any more, and resolves once every client is gone, at the latest after `limitMs`, when
   * those that are left are cut off. The hub has ended its players.
   */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    // A plugin may take its time, and nobody waits for what it decides.
    for (const session of [...this.sessions.values()]) {
      if (session.deciding) session.end("shutdown");
    }
    if (this.sessions.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onEmpty = resolve;
      const timer = this.#context.runtime.clock.after(limitMs, resolve);
      await promise;
      timer.cancel();
    }
    for (const session of [...this.sessions.values()]) session.end("shutdown");
    this.#timer?.cancel();
  }
}
