/**
 * One request for a file, until all of it was taken.
 *
 * @module
 */
import { rangeOf } from "../../core/http/byte_range.ts";
import { hex } from "../../core/bytes/hex.ts";
import { isPublicPath, type StreamPath } from "../../core/rtmp/stream_name.ts";
import { errorText } from "../../faults.ts";
import type { ConnectContext, EndReason, PlayContext } from "../../plugin/mod.ts";
import type { Address } from "../../ports.ts";
import type { MediaSource } from "../../recordings/folder.ts";
import { shownText } from "../../text.ts";
import { formatAddress } from "../address.ts";
import type { Evictable } from "../admission.ts";
import { httpContext } from "../http_client.ts";
import { maskSaid } from "../mask_context.ts";
import type { AnswerHeaders } from "../media_origins.ts";
import type { LiveSession, SessionDescription } from "../sessions.ts";
import { getLogger } from "@logtape/logtape";
import { type FileRefusal, refusal } from "./refusal.ts";
import { namesTag, placesOf, typeOf } from "./request.ts";
import type { FileSurroundings } from "./context.ts";

const log = getLogger(["sluice", "files"]);

/** Bytes that are read at a time, which is all that a slow client holds. */
const CHUNK_BYTES = 64 * 1024;

/** A client that takes a file, or a part of it. */
export class FileSession implements LiveSession, Evictable {
  readonly id: string;
  readonly address: string;
  /** It has said all that it will. */
  readonly progress = 3;
  readonly startedAt: number;
  readonly #since: number;
  readonly #surroundings: FileSurroundings;
  readonly #request: Request;
  readonly #headers: AnswerHeaders;
  readonly #told: ConnectContext;
  readonly #file: string;
  readonly #onGone: (session: FileSession) => void;
  #playing: PlayContext;
  #connected = false;
  #plays = false;
  #over = false;
  #bytesOut = 0;
  #source: MediaSource | undefined;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(
    surroundings: FileSurroundings,
    request: Request,
    remote: Address,
    headers: AnswerHeaders,
    { app, name }: StreamPath,
    file: string,
    query: URLSearchParams,
    onGone: (session: FileSession) => void,
  ) {
    const { clock, randomBytes } = surroundings.runtime;
    this.#surroundings = surroundings;
    this.#request = request;
    this.#headers = headers;
    this.#file = file;
    this.#onGone = onGone;
    this.startedAt = clock.now();
    this.#since = clock.wall();
    this.id = hex(randomBytes(6));
    this.address = formatAddress(remote);
    this.#told = httpContext(this.id, "http", request, remote, app, query);
    this.#playing = { ...this.#told, name, recorded: true, start: 0 };
    request.signal.addEventListener("abort", () => this.end("disconnected"));
  }

  /** Asks the plugins, and opens the file. Rejects with nothing but a fault of ours. */
  async answer(): Promise<Response> {
    const { plugins } = this.#surroundings;
    try {
      const known = await this.#find();
      if (known !== undefined) this.#playing = { ...this.#playing, file: known };
      const connect = await plugins.connect(this.#told);
      if (this.#over) return refusal("stopping", this.#headers);
      this.#connected = connect.allow;
      if (connect.allow) plugins.connected(this.#told);
      const decision = connect.allow ? await plugins.play(this.#playing) : connect;
      if (!decision.allow) {
        const reason = maskSaid(decision.reason, undefined, this.#playing);
        log.info("file refused", {
          ...{ session: this.id, peer: this.address },
          ...{ plugin: decision.plugin, reason },
        });
        return this.#refuse(decision.login ? "login" : "refused", "refused", decision.reason);
      }
      if (this.#over) return refusal("stopping", this.#headers);
      this.#playing = { ...this.#playing, name: decision.name ?? this.#playing.name };
      if (!isPublicPath(this.#playing)) return this.#refuse("bad-name", "refused");
      const source = await this.#open();
      if (source === undefined) return this.#refuse("not-found", "not-found");
      if (this.#over) {
        this.#drop(source);
        return refusal("stopping", this.#headers);
      }
      return this.#serve(source);
    } catch (error) {
      this.#fault(error);
      return this.#refuse("unreadable", "internal");
    }
  }

  /** The file that is asked for, if there is one. */
  async #find(): Promise<string | undefined> {
    if (!isPublicPath(this.#playing)) return undefined;
    const source = await this.#open();
    if (source === undefined) return undefined;
    await source.close();
    return source.path;
  }

  async #open(): Promise<MediaSource | undefined> {
    for (const place of placesOf(this.#playing, this.#file)) {
      const source = await this.#surroundings.folder.open(place);
      if (source !== undefined) return source;
    }
    return undefined;
  }

  #serve(source: MediaSource): Response {
    const { path, size, modified, version } = source;
    const tag = `"${version}"`;
    const { headers, method } = this.#request;
    // Whole seconds, as the header has them.
    const changed = new Date(Math.floor(modified / 1000) * 1000);
    const head: Record<string, string> = {
      ...this.#headers,
      "Accept-Ranges": "bytes",
      "Cache-Control": "private, no-cache",
      "Content-Type": typeOf(path)!,
      "ETag": tag,
      "Last-Modified": changed.toUTCString(),
      "X-Content-Type-Options": "nosniff",
    };
    const noneMatch = headers.get("If-None-Match");
    const since = headers.get("If-Modified-Since");
    const isSame = noneMatch !== null
      ? namesTag(noneMatch, tag)
      : since !== null && Date.parse(since) >= changed.getTime();
    if (isSame) return this.#bare(source, 304, head);
    const condition = headers.get("If-Range");
    const isOther = condition !== null && condition !== tag &&
      Date.parse(condition) !== changed.getTime();
    const range = rangeOf(isOther ? null : headers.get("Range"), size);
    if (range === "none") {
      return this.#bare(source, 416, { ...head, "Content-Range": `bytes */${size}` });
    }
    const [from, to] = range === "all" ? [0, size] : range;
    head["Content-Length"] = String(to - from);
    if (range !== "all") head["Content-Range"] = `bytes ${from}-${to - 1}/${size}`;
    const status = range === "all" ? 200 : 206;
    if (method === "HEAD" || to === from) return this.#bare(source, status, head);
    return new Response(this.#stream(source, from, to), { status, headers: head });
  }

  /** An answer without a body: this was all. */
  #bare(source: MediaSource, status: number, headers: Record<string, string>): Response {
    this.#drop(source);
    this.#leave("client");
    return new Response(null, { status, headers });
  }

  /** Reads no further than the client takes. */
  #stream(source: MediaSource, from: number, to: number): ReadableStream<Uint8Array> {
    this.#source = source;
    this.#plays = true;
    this.#surroundings.admission.settle(this);
    const { app, name } = this.#playing;
    log.info("sending a file", {
      session: this.id,
      peer: this.address,
      app,
      name,
      file: source.path,
    });
    const about = { session: this.id, app, name, file: source.path };
    this.#surroundings.plugins.activity.tell("play.started", about);
    let at = from;
    return new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#body = controller),
      pull: async (controller) => {
        try {
          const bytes = new Uint8Array(Math.min(CHUNK_BYTES, to - at));
          const count = await source.read(bytes, at);
          if (this.#over) return;
          // It was cut meanwhile: what was announced cannot be given.
          if (count < bytes.length) throw new Error(`${source.path} ends early`);
          at += count;
          this.#bytesOut += count;
          controller.enqueue(bytes);
          if (at < to) return;
          controller.close();
          this.#body = undefined;
          this.#leave("client");
        } catch (error) {
          this.#fault(error);
          this.end("internal");
        }
      },
      cancel: () => this.#leave("disconnected"),
    }, { highWaterMark: 0 });
  }

  #fault(error: unknown): void {
    this.#surroundings.faults.count("record", error);
    log.warn("file cannot be read", { session: this.id, error: errorText(error) });
  }

  #drop(source: MediaSource): void {
    source.close().catch((error) => this.#fault(error));
  }

  describe(): SessionDescription {
    const { app, name, client } = this.#playing;
    return {
      protocol: client.protocol,
      secure: client.secure,
      address: this.address,
      app: this.#plays ? app : "",
      state: this.#plays ? "playing" : "waiting",
      client: shownText(client.agent),
      since: this.#since,
      bytesIn: 0,
      bytesOut: this.#bytesOut,
      publishing: [],
      playing: this.#plays ? [name] : [],
    };
  }

  end(reason: EndReason): void {
    const body = this.#body;
    this.#body = undefined;
    body?.error(new Error(`The session was ended (${reason})`));
    this.#leave(reason);
  }

  evict(): void {
    this.end("timeout");
  }

  #refuse(why: FileRefusal, reason: EndReason, text?: string): Response {
    this.#leave(reason);
    return refusal(why, this.#headers, text);
  }

  #leave(reason: EndReason): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#source !== undefined) this.#drop(this.#source);
    const { plugins, runtime } = this.#surroundings;
    const durationMs = Math.round(runtime.clock.now() - this.startedAt);
    const bytes = this.#bytesOut;
    if (this.#plays) {
      const { app, name } = this.#playing;
      plugins.activity.tell("play.stopped", { session: this.id, app, name, reason, durationMs });
      plugins.playEnd({ ...this.#playing, reason, bytes, durationMs });
    }
    if (this.#connected) {
      plugins.disconnect({ ...this.#told, reason, bytesIn: 0, bytesOut: bytes, durationMs });
    }
    this.#onGone(this);
  }
}
