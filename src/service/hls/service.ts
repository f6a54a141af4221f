/**
 * HTTP Live Streaming: `GET /{app}/{name}/index.m3u8`. Plugins decide there, once for each viewer; the
 * playlists lead on to addresses that stand for the viewer.
 *
 * @module
 */
import { parseQuery, type StreamPath } from "../../core/rtmp/stream_name.ts";
import type { Address, HttpAnswer, HttpBytes, PlainHandler, Timer } from "../../ports.ts";
import { type AnswerHeaders, preflight, wrongMethod } from "../media_origins.ts";
import { Answers } from "./answers.ts";
import type { Service } from "../surroundings.ts";
import type { HlsSurroundings } from "./context.ts";
import { type HlsRefusal, refusal } from "./refusal.ts";
import { type FileRequest, readHlsPath, type StreamRequest } from "./request.ts";
import { Serving } from "./serving.ts";
import { HlsSession } from "./session.ts";
import { HlsStream } from "./stream.ts";
import { WaitBudget } from "./waits.ts";

/** How often it is looked for what has waited too long (ms). */
const TICK_MS = 250;

/** How long is waited for a stream that has only begun to show what it is like (ms). */
const READY_MS = 10_000;

/**
 * How many segments a player has to find at first. GStreamer's hlsdemux2 of 1.22 looks for what it knows of
 * a playlist in the next version of it, but not for its first segment: where that is all there was, it
 * believes that it has lost the stream, and may wait for ever for what it has asked for already.
 */
function segmentsAtFirst(agent: string | null): number {
  return agent?.startsWith("GStreamer ") ? 2 : 0;
}

/** All that watch by HLS. */
export class HlsService implements Service {
  /** By id, those included that wait for a decision. */
  readonly sessions = new Map<string, HlsSession>();
  readonly #surroundings: HlsSurroundings;
  readonly #byKey = new Map<string, HlsSession>();
  /**
   * Those that have asked for nothing that their playlist leads to, the oldest first: such a session costs
   * its client one request and no connection.
   */
  readonly #unused = new Set<HlsSession>();
  readonly #streams = new Map<string, HlsStream>();
  /** Those that are over, or that another one of their name has come for. */
  readonly #old = new Set<HlsStream>();
  readonly #waits: WaitBudget;
  readonly #serving: Serving;
  readonly #answers = new Answers();
  #timer: Timer | undefined;
  #stopping = false;
  #unanswered = 0;

  constructor(surroundings: HlsSurroundings) {
    this.#surroundings = surroundings;
    const { config, runtime: { clock } } = surroundings;
    this.#waits = new WaitBudget(config.maxWaiting, clock);
    this.#serving = new Serving(clock, this.#waits);
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
      : new Promise((resolve) => {
        const header = (name: string) => request.headers.get(name);
        const leave = this.#serve(asked, search, header, headers, resolve);
        request.signal.addEventListener("abort", leave);
      });
  }

  // A viewer comes

  #begin(
    { path }: StreamRequest,
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
      this.#unused.delete(gone);
    });
    admission.enter(session, group);
    this.sessions.set(session.id, session);
    this.#run();
    this.#unanswered++;
    return this.#open(session, request, headers).finally(() => this.#unanswered--);
  }

  async #open(
    session: HlsSession,
    request: Request,
    headers: AnswerHeaders,
  ): Promise<HttpAnswer> {
    let forget = () => {};
    const gone = () => {
      forget();
      if (session.stream === undefined) session.end("disconnected");
    };
    request.signal.addEventListener("abort", gone);
    const stream = await session.decide(async (path, asker) => {
      const { hub, runtime } = this.#surroundings;
      // Somebody may bring it.
      await new Promise<boolean>((resolve) => {
        forget = hub.want(path, runtime.clock.now(), resolve, asker);
      });
      return this.#find(path);
    });
    if (!(stream instanceof HlsStream)) return refusal(stream.why, headers, stream.reason);
    const ready = await this.#readiness(stream, segmentsAtFirst(request.headers.get("user-agent")));
    if (ready !== true) {
      session.end("not-found");
      return refusal(ready, headers);
    }
    if (session.over) return refusal("stopping", headers);
    const { config, runtime } = this.#surroundings;
    session.askedAt = runtime.clock.now();
    const own = config.addresses === "viewer";
    // Who only asks whether there is something, or is not told apart from others, is nobody to keep.
    if (!own || request.method === "HEAD") session.end("client");
    else this.#keep(session);
    const list = stream.multivariant(own ? `~${session.key}/` : sharedPrefix(request, stream.key));
    return this.#answers.file(list, headers, own ? "no-store" : "public, max-age=1", null);
  }

  /** Its addresses lead to it from now on; the oldest makes room where too many use none. */
  #keep(session: HlsSession): void {
    this.#byKey.set(session.key, session);
    this.#unused.add(session);
    if (this.#unused.size <= this.#surroundings.config.maxUnused) return;
    const [oldest] = this.#unused;
    oldest!.evict();
  }

  /** Waits until a stream has playlists with so many segments, or has had the time for them. */
  #readiness(stream: HlsStream, segments: number): true | Promise<true | HlsRefusal> {
    if (stream.has(segments)) return true;
    const now = this.#surroundings.runtime.clock.now();
    return new Promise((resolve) => {
      stream.waitUntilHas(segments, now + READY_MS, (result) => {
        if (result === true || (result !== "gone" && stream.isReady)) resolve(true);
        else if (result !== "late") resolve("not-found");
        else resolve(stream.leavesOut ? "unplayable" : "late");
      });
    });
  }

  /** The packaged stream of this path, which is begun where it is live. */
  #find(path: StreamPath): HlsStream | undefined {
    const { registry } = this.#surroundings.hub;
    const key = pathOf(path);
    const known = this.#streams.get(key);
    if (known?.isLive) return known;
    const live = registry.get(path);
    if (live?.shown !== true) return undefined;
    if (known !== undefined) this.#old.add(known);
    const stream = new HlsStream(this.#surroundings, live, this.#waits);
    this.#streams.set(key, stream);
    this.#run();
    return stream;
  }

  // What its playlists lead it to

  /** Answers requests for playlists and media, where it is nobody's business which page asks. */
  readonly plain: PlainHandler = (request, answer) => {
    const { config, origins } = this.#surroundings;
    const headers = origins.always;
    if (headers === undefined || config.mode === "off") return false;
    if (request.method === "POST") return false;
    const { target } = request;
    const path = /^[^?]*/.exec(target)![0];
    const asked = readHlsPath(path);
    if (asked?.kind !== "file") return false;
    const search = target.slice(path.length);
    return this.#serve(asked, search, (name) => request.header(name), headers, answer);
  };

  #serve(
    { folder, key, name }: FileRequest,
    search: string,
    header: (name: string) => string | null | undefined,
    headers: AnswerHeaders,
    answer: (bytes: HttpBytes) => void,
  ): () => void {
    const session = key === undefined ? undefined : this.#byKey.get(key);
    if (session !== undefined) this.#unused.delete(session);
    const stream = key === undefined ? this.#shared(folder) : session?.stream;
    if (stream === undefined) {
      answer(refusal(key === undefined ? "no-file" : "no-session", headers));
      return () => {};
    }
    const range = header("range");
    const acceptEncoding = header("accept-encoding");
    return this.#serving.serve(
      { stream, session, name, search, range, acceptEncoding, headers },
      answer,
    );
  }

  /** The stream whose files are in this folder for everybody. */
  #shared(folder: string): HlsStream | undefined {
    if (this.#surroundings.config.addresses !== "shared") return undefined;
    return this.#streams.get(folder.slice(1, -1));
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
    const { config } = this.#surroundings;
    stream.tick(now);
    const asked = config.addresses === "shared" && now - stream.askedAt < config.sessionMs;
    if (stream.viewers === 0 && !asked && config.mode !== "always") stream.close();
    if (!stream.isClosed) return;
    this.#old.delete(stream);
    const key = pathOf(stream.key);
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

/**
 * Leads from `index.m3u8` to where everybody finds the files of a stream: elsewhere, where a plugin has
 * chosen its name, or the request wrote it in another way. Relative, because a proxy may have put something
 * in front.
 */
function sharedPrefix({ url }: Request, key: StreamPath): string {
  const { pathname } = new URL(url);
  const folder = pathname.slice(1, pathname.lastIndexOf("/"));
  const path = pathOf(key);
  return folder === path ? "" : `${"../".repeat(folder.split("/").length)}${path}/`;
}

/** Application and name as they are in addresses. */
function pathOf({ app, name }: StreamPath): string {
  return app === "" ? name : `${app}/${name}`;
}
