/**
 * One client that watches FLV behind HTTP, from its request to its end.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { hex } from "../../core/bytes/hex.ts";
import { isPublicPath } from "../../core/rtmp/stream_name.ts";
import type { StreamPath } from "../../core/rtmp/stream_name.ts";
import { errorText } from "../../faults.ts";
import { type Asker, FrameKind } from "../../hub/mod.ts";
import type { ConnectContext, EndReason, PlayContext } from "../../plugin/mod.ts";
import type { Address, HttpAbout, HttpAnswer } from "../../ports.ts";
import { formatAddress } from "../address.ts";
import { askerOf } from "../asker.ts";
import { httpContext } from "../http_client.ts";
import type { Evictable } from "../admission.ts";
import { NOT_PUBLIC } from "../refusals.ts";
import { maskSaid } from "../mask_context.ts";
import type { LiveSession, SessionDescription } from "../sessions.ts";
import { shownText } from "../../text.ts";
import { chooseFlv, type FlvChoice } from "./choice.ts";
import type { FlvContext } from "./context.ts";
import { BARE, CHUNKED, type Framing, WEBSOCKET } from "./framing.ts";
import { FlvPlay, type FlvPlayOwner, type Kinds } from "./play.ts";
import { type FlvRefusal, refusal } from "./refusal.ts";

const log = getLogger(["sluice", "flv"]);

/**
 * How long a stream that has shown sound, or pictures, has for the other before it is announced as without
 * (ms): some players wait for ever for what was announced and does not come.
 */
const KINDS_MS = 1000;

/** A client. */
export class FlvSession implements LiveSession, Evictable, FlvPlayOwner {
  readonly id: string;
  readonly address: string;
  /** It has said all that it will. */
  readonly progress = 3;
  readonly startedAt: number;
  readonly #since: number;
  readonly #context: FlvContext;
  readonly #request: Request;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #framing: Framing;
  readonly #choice: FlvChoice;
  readonly #told: ConnectContext;
  /** What it was let play, under its public name. */
  #playing: PlayContext;
  /** Whether the plugins let it in, so that they are told when it leaves. */
  #connected = false;
  readonly #play: FlvPlay;
  /** When its stream was there. */
  #playsSince: number | undefined;
  /** When something was first known of its stream. */
  #knownSince: number | undefined;
  #over = false;

  /** `headers` go with whatever it is answered. */
  constructor(
    context: FlvContext,
    request: Request,
    remote: Address,
    about: HttpAbout,
    headers: Readonly<Record<string, string>>,
    { app, name }: StreamPath,
    query: URLSearchParams,
  ) {
    const { clock, randomBytes } = context.runtime;
    this.#context = context;
    this.#request = request;
    this.#headers = headers;
    this.startedAt = clock.now();
    this.#since = clock.wall();
    this.id = hex(randomBytes(6));
    this.address = formatAddress(remote);
    this.#framing = about.webSocket ? WEBSOCKET : about.chunks ? CHUNKED : BARE;
    this.#choice = chooseFlv(query, request.headers.get("User-Agent") ?? "");
    const protocol = about.webSocket ? "ws-flv" : "http-flv";
    this.#told = httpContext(this.id, protocol, request, remote, app, query);
    this.#playing = { ...this.#told, name };
    this.#play = new FlvPlay(this, headers, this.#framing);
  }

  /** Who plays, for another server. */
  get asker(): Asker {
    return askerOf(this.#playing);
  }

  /** Whether it was ended, or its peer has left. */
  get #gone(): boolean {
    return this.#over || this.#request.signal.aborted;
  }

  /** Whether it waits for what plugins decide, rather than for its stream or for what comes of it. */
  get deciding(): boolean {
    return this.#play.playing === undefined;
  }

  /** Whether it was let play, and waits for its stream. */
  get waiting(): boolean {
    return !this.deciding && !this.#play.handed;
  }

  /** Asks the plugins and the hub. Rejects with nothing but a fault of ours. */
  async answer(): Promise<HttpAnswer> {
    const { plugins } = this.#context;
    // Behind the takeover the connection says so itself, and sooner.
    this.#request.signal.addEventListener("abort", () => {
      if (!this.#play.handed) this.end("disconnected");
    });
    try {
      const connect = await plugins.connect(this.#told);
      // Who has left was never let in, and nobody is asked about it any more.
      if (this.#gone) return this.#refuse("stopping", "disconnected");
      this.#connected = connect.allow;
      if (connect.allow) plugins.connected(this.#told);
      const decision = connect.allow ? await plugins.play(this.#playing) : connect;
      if (!decision.allow) {
        // Not the name, and of the reason nothing that the client sent: any of it may be a key.
        const reason = maskSaid(decision.reason, undefined, this.#playing);
        log.info("play refused", {
          ...{ session: this.id, peer: this.address },
          ...{ plugin: decision.plugin, reason },
        });
        return this.#refuse(decision.login ? "login" : "refused", "refused", decision.reason);
      }
      // It may have been ended while the plugins were asked.
      if (this.#gone) return this.#refuse("stopping", "disconnected");
      this.#playing = { ...this.#playing, name: decision.name ?? this.#playing.name };
      if (!isPublicPath(this.#playing)) {
        log.info("play refused", { session: this.id, peer: this.address, reason: NOT_PUBLIC });
        return this.#refuse("bad-name", "refused");
      }
      return this.#request.method === "HEAD" ? this.#tell() : await this.#start();
    } catch (error) {
      this.#leave("internal");
      throw error;
    }
  }

  #refuse(why: FlvRefusal, reason: EndReason, text?: string): Response {
    this.#leave(reason);
    return refusal(why, this.#headers, text);
  }

  /** Says whether the stream is live. */
  #tell(): Response {
    if (this.#context.hub.registry.get(this.#playing)?.shown !== true) {
      return this.#refuse("not-found", "not-found");
    }
    this.#leave("client");
    const headers = { ...this.#headers, "Content-Type": "video/x-flv" };
    return new Response(null, { headers });
  }

  #start(): Promise<HttpAnswer> | Response {
    const { hub: { registry }, runtime, encoders, admission } = this.#context;
    const encoder = encoders.get(this.#choice, this.#framing);
    if (this.#playing.query.get("wait") === "0" && !registry.get(this.#playing)?.live) {
      return this.#refuse("not-found", "not-found");
    }
    const play = this.#play;
    const started = registry.play(this.#playing, encoder, play, play, runtime.clock.now());
    if (typeof started === "string") return this.#refuse(started, "not-found");
    play.attach(started);
    admission.settle(this);
    return play.answer;
  }

  describe(): SessionDescription {
    const plays = this.#playsSince !== undefined;
    const { app, name, client } = this.#playing;
    return {
      protocol: this.#told.client.protocol,
      secure: client.secure,
      address: this.address,
      app: plays ? app : "",
      state: plays ? "playing" : "waiting",
      client: shownText(client.agent),
      since: this.#since,
      bytesIn: 0,
      bytesOut: this.#play.bytesOut,
      publishing: [],
      playing: plays ? [name] : [],
    };
  }

  end(reason: EndReason): void {
    this.#end(reason, reason === "kicked" ? "refused" : "stopping");
  }

  evict(): void {
    this.#end("timeout", "crowded");
  }

  /** `why` is said to one that waits for its answer. */
  #end(reason: EndReason, why: FlvRefusal): void {
    if (this.#play.playing === undefined) this.#leave(reason);
    this.#play.destroy(reason, why);
  }

  /** Ends it if it has taken nothing for too long. `now` in ms. */
  watch(now: number): void {
    if (this.#play.stalled(now, this.#context.config.playerStallMs)) this.end("stalled");
  }

  kinds(final: boolean): Kinds | undefined {
    const stream = this.#context.hub.registry.get(this.#playing);
    const { audio, video } = this.#choice;
    const has = (kind: number) => (stream?.description.tracks(kind).length ?? 0) > 0;
    const known = { audio: audio && has(FrameKind.Audio), video: video && has(FrameKind.Video) };
    const none = !known.audio && !known.video;
    const since = stream?.publisher?.since;
    if (final || since === undefined) return none ? { audio, video } : known;
    if (known.audio === audio && known.video === video) return known;
    if (none) return undefined;
    const now = this.#context.runtime.clock.now();
    // What has been on for long has shown all that it has.
    const settled = (this.#playsSince ?? now) - since >= KINDS_MS;
    this.#knownSince ??= now;
    return settled || now - this.#knownSince >= KINDS_MS ? known : undefined;
  }

  #names(): Record<string, unknown> {
    const { app, name } = this.#playing;
    return { session: this.id, peer: this.address, app, name };
  }

  onPlaying(): void {
    this.#playsSince = this.#context.runtime.clock.now();
    log.info("playing", this.#names());
    const { app, name } = this.#playing;
    this.#context.plugins.activity.tell("play.started", { session: this.id, app, name });
  }

  onFault(error: unknown): void {
    this.#context.faults.count("session", error);
    log.error("internal error, player closed", { ...this.#names(), error: errorText(error) });
  }

  onOver(reason: EndReason): void {
    const { hub: { registry }, plugins, runtime } = this.#context;
    const { playing, bytesOut, framesDropped } = this.#play;
    if (playing !== undefined) {
      registry.stopPlaying(playing);
      if (this.#playsSince !== undefined) {
        log.info("stopped playing", { ...this.#names(), reason, dropped: framesDropped });
      }
      const durationMs = Math.round(runtime.clock.now() - (this.#playsSince ?? this.startedAt));
      if (this.#playsSince !== undefined) {
        const { app, name } = this.#playing;
        const about = { session: this.id, app, name, reason, durationMs };
        plugins.activity.tell("play.stopped", about);
      }
      plugins.playEnd({ ...this.#playing, reason, bytes: bytesOut, durationMs });
    }
    this.#leave(reason);
  }

  #leave(reason: EndReason): void {
    if (this.#over) return;
    this.#over = true;
    const { plugins, runtime, onGone } = this.#context;
    if (this.#connected) {
      const durationMs = Math.round(runtime.clock.now() - this.startedAt);
      const { bytesOut } = this.#play;
      plugins.disconnect({ ...this.#told, reason, bytesIn: 0, bytesOut, durationMs });
    }
    onGone(this);
  }
}
