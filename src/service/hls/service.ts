/**
 * HTTP Live Streaming: `GET /{app}/{name}/index.m3u8`. Plugins decide there, once for each viewer; the
 * playlists lead on to addresses that stand for the viewer.
 *
 * @module
 */
import type { Directives } from "../../core/hls/mod.ts";
import { NO_DIRECTIVES, parseDirectives } from "../../core/hls/mod.ts";
import { parseQuery, type StreamPath } from "../../core/rtmp/stream_name.ts";
import type { Address, HttpAnswer, Timer } from "../../ports.ts";
import { preflight, wrongMethod } from "../media_origins.ts";
import type { Service } from "../surroundings.ts";
import { type AnswerHeaders, fileAnswer } from "./answers.ts";
import type { MediaFile } from "./body.ts";
import type { HlsSurroundings } from "./context.ts";
import type { PlaylistDesk } from "./playlist_desk.ts";
import { type HlsRefusal, refusal } from "./refusal.ts";
import { type FileRequest, readHlsPath, type StreamRequest } from "./request.ts";
import { HlsSession } from "./session.ts";
import { HlsStream } from "./stream.ts";
import { WaitBudget } from "./waits.ts";

/** How often it is looked for what has waited too long (ms). */
const TICK_MS = 250;

/** How long is waited for a stream that has only begun to show what it is like (ms). */
const READY_MS = 10_000;

/** Target Durations that a reload is blocked for [RFC 8216bis §6.2.5.2]. */
const BLOCK_TARGETS = 3;

const PRIVATE_PLAYLIST = "no-store";
const PRIVATE_MEDIA = "private, max-age=3600, immutable";

/** All that watch by HLS. */
export class HlsService implements Service {
  /** By id, those included that wait for a decision. */
  readonly sessions = new Map<string, HlsSession>();
  readonly #surroundings: HlsSurroundings;
  readonly #byKey = new Map<string, HlsSession>();
  readonly #streams = new Map<string, HlsStream>();
  /** Those that are over, or that another one of their name has come for. */
  readonly #old = new Set<HlsStream>();
  readonly #waits: WaitBudget;
  #timer: Timer | undefined;
  #stopping = false;
  #unanswered = 0;

  constructor(surroundings: HlsSurroundings) {
    this.#surroundings = surroundings;
    this.#waits = new WaitBudget(surroundings.config.maxWaiting);
  }

  /** Packages every stream from its beginning, if that is what is wanted. */
  start(): void {
    const { config, hub } = this.#surroundings;
    if (config.mode === "always") hub.observe({ onLive: (live) => void this.#find(live) });
  }

  /** Streams that are packaged. */
  get streams(): number {
    return this.#streams.size + this.#old.size;
  }

  /** Answers a request of HLS; `undefined` when it is for something else. */
  handle(request: Request, remote: Address): HttpAnswer | Promise<HttpAnswer> | undefined {
    const { config, origins } = this.#surroundings;
    if (config.mode === "off") return undefined;
    const { pathname, search } = new URL(request.url);
    const asked = readHlsPath(pathname);
    if (asked === undefined) return undefined;
    const headers = origins.headers(request);
    if (headers === undefined) return refusal("refused");
    switch (request.method) {
      case "GET":
      case "HEAD":
        break;
      case "OPTIONS":
        return preflight(headers);
      default:
        return wrongMethod(headers);
    }
    return asked.kind === "stream"
      ? this.#begin(asked, request, remote, search, headers)
      : this.#serve(asked, request, search, headers);
  }

  // A viewer comes

  #begin(
    { path, base }: StreamRequest,
    request: Request,
    remote: Address,
    search: string,
    headers: AnswerHeaders,
  ): HttpAnswer | Promise<HttpAnswer> {
    const { config, admission } = this.#surroundings;
    if (path === undefined) return refusal("bad-name", headers);
    if (this.#stopping) return refusal("stopping", headers);
    const group = admission.groupOf(remote);
    if (this.#unanswered >= config.maxUnanswered || admission.full || admission.crowded(group)) {
      return refusal("crowded", headers);
    }
    const query = parseQuery(search);
    const session = new HlsSession(this.#surroundings, request, remote, path, query, (gone) => {
      admission.leave(gone);
      this.sessions.delete(gone.id);
      this.#byKey.delete(gone.key);
    });
    admission.enter(session, group);
    this.sessions.set(session.id, session);
    this.#run();
    this.#unanswered++;
    return this.#open(session, request, headers, base).finally(() => this.#unanswered--);
  }

  async #open(
    session: HlsSession,
    request: Request,
    headers: AnswerHeaders,
    _base: string,
  ): Promise<HttpAnswer> {
    const gone = () => {
      if (session.stream === undefined) session.end("disconnected");
    };
    request.signal.addEventListener("abort", gone);
    const stream = await session.decide((path) => this.#find(path));
    request.signal.removeEventListener("abort", gone);
    if (!(stream instanceof HlsStream)) return refusal(stream.why, headers, stream.reason);
    const ready = await this.#readiness(stream);
    if (ready !== true) {
      session.end("not-found");
      return refusal(ready, headers);
    }
    if (session.over) return refusal("stopping", headers);
    const { config, runtime } = this.#surroundings;
    session.askedAt = runtime.clock.now();
    if (config.addresses === "shared" || request.method === "HEAD") {
      session.end("client");
      return fileAnswer(
        stream.multivariant(""),
        headers,
        config.addresses === "viewer" ? PRIVATE_PLAYLIST : "no-cache",
      );
    }
    this.#byKey.set(session.key, session);
    return fileAnswer(stream.multivariant(`~${session.key}/`), headers, PRIVATE_PLAYLIST);
  }

  /** Waits until a stream has playlists. */
  #readiness(stream: HlsStream): true | Promise<true | HlsRefusal> {
    if (stream.isReady) return true;
    const { now } = { now: this.#surroundings.runtime.clock.now() };
    return new Promise((resolve) => {
      stream.waitUntilReady(now + READY_MS, (result) => {
        resolve(result === true ? true : result === "late" ? "unplayable" : "not-found");
      });
    });
  }

  /** The packaged stream of this path, which is begun where it is live. */
  #find(path: StreamPath): HlsStream | undefined {
    const { registry } = this.#surroundings.hub;
    const key = `${path.app}/${path.name}`;
    const known = this.#streams.get(key);
    if (known?.isLive) return known;
    const live = registry.get(path);
    if (live?.publisher === undefined) return undefined;
    if (known !== undefined) this.#old.add(known);
    const stream = new HlsStream(this.#surroundings, live, this.#waits);
    this.#streams.set(key, stream);
    this.#run();
    return stream;
  }

  // What its playlists lead it to

  #serve(
    { key, name }: FileRequest,
    request: Request,
    search: string,
    headers: AnswerHeaders,
  ): HttpAnswer | Promise<HttpAnswer> {
    const session = key === undefined ? undefined : this.#byKey.get(key);
    const stream = session?.stream;
    if (session === undefined || stream === undefined) return refusal("no-session", headers);
    const now = this.#surroundings.runtime.clock.now();
    session.askedAt = now;
    const range = request.headers.get("Range");
    const give = (file: MediaFile, cache: string) => {
      const answer = fileAnswer(file, headers, cache, range);
      session.bytesOut += answer.size;
      return answer;
    };
    const map = stream.map(name);
    if (map !== undefined) return give(map, PRIVATE_MEDIA);
    const desk = stream.desk(name);
    if (desk === undefined) return refusal("no-file", headers);
    const isList = name.endsWith(".m3u8");
    const directives = isList ? readDirectives(search) : undefined;
    if (isList && directives === undefined) return refusal("bad-request", headers);
    const found = directives === undefined ? desk.file(name) : desk.ask(directives);
    const cache = isList ? PRIVATE_PLAYLIST : PRIVATE_MEDIA;
    if (found === undefined) return refusal("no-file", headers);
    if (found === "too-far") return refusal("too-far", headers);
    if (found !== "wait") return give(found, cache);
    if (session.busy || this.#waits.full) return refusal("crowded", headers);
    return new Promise((resolve) => {
      const deadline = now + BLOCK_TARGETS * stream.targetMs;
      this.#wait(desk, directives ?? name, deadline, session, request.signal, (result) => {
        session.askedAt = this.#surroundings.runtime.clock.now();
        resolve(typeof result === "string" ? refusal(result, headers) : give(result, cache));
      });
    });
  }

  #wait(
    desk: PlaylistDesk,
    what: Directives | string,
    deadline: number,
    session: HlsSession,
    signal: AbortSignal,
    settle: (result: MediaFile | HlsRefusal) => void,
  ): void {
    const done = (result: MediaFile | HlsRefusal) => {
      signal.removeEventListener("abort", cancel);
      free();
      settle(result);
    };
    const leave = desk.wait(what, deadline, (result) => {
      done(
        typeof result !== "string" ? result : result === "late" ? "late" : "no-file",
      );
    });
    const cancel = () => {
      leave();
      done("no-session");
    };
    const free = session.waits(cancel);
    signal.addEventListener("abort", cancel);
  }

  // Time

  #run(): void {
    this.#timer ??= this.#surroundings.runtime.clock.after(TICK_MS, this.#tick);
  }

  readonly #tick = (): void => {
    const { runtime: { clock }, config } = this.#surroundings;
    this.#timer = undefined;
    const now = clock.now();
    for (const session of [...this.sessions.values()]) {
      if (session.isForgotten(now, config.sessionMs)) session.end("disconnected");
      else if (session.stream?.isClosed) session.end("unpublished");
    }
    for (const stream of [...this.#old, ...this.#streams.values()]) this.#look(stream, now);
    if (this.sessions.size + this.streams > 0) this.#run();
  };

  #look(stream: HlsStream, now: number): void {
    stream.tick(now);
    if (stream.viewers === 0 && this.#surroundings.config.mode !== "always") stream.close();
    if (!stream.isClosed) return;
    this.#old.delete(stream);
    const key = `${stream.key.app}/${stream.key.name}`;
    if (this.#streams.get(key) === stream) this.#streams.delete(key);
  }

  /** Takes nobody any more, and ends all that are there. */
  stop(): void {
    this.#stopping = true;
    for (const session of [...this.sessions.values()]) session.end("shutdown");
    for (const stream of [...this.#old, ...this.#streams.values()]) stream.close();
    this.#old.clear();
    this.#streams.clear();
    this.#timer?.cancel();
  }
}

function readDirectives(search: string): Directives | undefined {
  return search === "" ? NO_DIRECTIVES : parseDirectives(new URLSearchParams(search));
}
