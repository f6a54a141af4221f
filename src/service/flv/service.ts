/**
 * Live streams as FLV behind HTTP: `GET /{app}/{name}.flv`. Plugins decide as they do for RTMP, and the
 * hub serves these players as any others.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { NO_CAPABILITIES } from "../../core/rtmp/session/mod.ts";
import { errorText, type Faults } from "../../faults.ts";
import type { StreamRegistry } from "../../hub/mod.ts";
import type { ConnectContext, EndReason, PlayContext, PluginRunner } from "../../plugin/mod.ts";
import type { Address, HttpAnswer, Runtime, Timer } from "../../ports.ts";
import { formatAddress, isLoopbackHost } from "../address.ts";
import type { Admission, Evictable } from "../admission.ts";
import { chooseTracks } from "../track_choice.ts";
import { FlvEncoders } from "./frame_encoder.ts";
import { FlvPlay, type FlvPlayOwner } from "./play.ts";
import { refusal } from "./refusal.ts";
import { crossOrigin, readFlvRequest } from "./request.ts";

const log = getLogger(["sluice", "flv"]);

/** How often players are looked at that take nothing (ms). */
const TICK_MS = 1000;

/** The settings used here; see the configuration table. */
export interface FlvSettings {
  /** The host that HTTP is bound to, as configured. */
  readonly host: string;
  readonly playerStallMs: number;
}

/** What the service shares with others. */
export interface FlvContext {
  readonly config: FlvSettings;
  readonly runtime: Pick<Runtime, "clock" | "randomBytes">;
  readonly registry: StreamRegistry;
  readonly plugins: PluginRunner;
  readonly faults: Faults;
  readonly admission: Admission<Evictable>;
}

/** One player, from its request on. */
class FlvGuest implements Evictable {
  readonly progress = 3;
  readonly startedAt: number;
  readonly address: string;
  play: FlvPlay | undefined;
  /** What it was let play, under its public name. */
  context: PlayContext | undefined;
  /** Why it has to go before it plays. */
  evicted = false;

  constructor(address: string, now: number) {
    this.address = address;
    this.startedAt = now;
  }

  evict(): void {
    this.evicted = true;
    this.play?.destroy("timeout");
  }
}

/** All players of one server that watch FLV behind HTTP. */
export class FlvService {
  readonly #context: FlvContext;
  readonly #encoders = new FlvEncoders();
  readonly #guests = new Map<FlvPlay, FlvGuest>();
  #timer: Timer | undefined;
  #stopping = false;
  #onEmpty: (() => void) | undefined;

  constructor(context: FlvContext) {
    this.#context = context;
  }

  /** Players that are here, those included that wait for their stream. */
  get size(): number {
    return this.#guests.size;
  }

  /** Answers a request for a stream; `undefined` when it is for something else. */
  handle(request: Request, remote: Address): Promise<HttpAnswer> | undefined {
    const asked = readFlvRequest(request);
    if (asked === undefined) return undefined;
    const { config, plugins } = this.#context;
    const open = !isLoopbackHost(config.host) || plugins.decides("onPlay");
    const headers = crossOrigin(request, open);
    if (headers === undefined) return Promise.resolve(refusal("refused"));
    if (request.method === "OPTIONS") {
      return Promise.resolve(new Response(null, { status: 204, headers }));
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      const allow = { ...headers, Allow: "GET, HEAD, OPTIONS" };
      return Promise.resolve(new Response(null, { status: 405, headers: allow }));
    }
    const { path } = asked;
    if (path === undefined) return Promise.resolve(refusal("bad-name", headers));
    return this.#admit(request, remote, headers, { ...asked, path });
  }

  async #admit(
    request: Request,
    remote: Address,
    headers: Readonly<Record<string, string>>,
    { path, query }: { path: { app: string; name: string }; query: URLSearchParams },
  ): Promise<HttpAnswer> {
    const { admission, runtime, plugins } = this.#context;
    const now = runtime.clock.now();
    const group = admission.groupOf(remote);
    if (this.#stopping) return refusal("stopping", headers);
    if (admission.full || admission.crowded(group)) return refusal("crowded", headers);
    const guest = new FlvGuest(formatAddress(remote), now);
    admission.enter(guest, group);
    const told: ConnectContext = {
      protocol: "http-flv",
      sessionId: hex(runtime.randomBytes(6)),
      app: path.app,
      query,
      tcUrl: request.url,
      pageUrl: request.headers.get("Referer") ?? undefined,
      flashVer: request.headers.get("User-Agent") ?? "",
      capabilities: NO_CAPABILITIES,
      address: remote,
    };
    const context: PlayContext = { ...told, name: path.name };
    let connected = false;
    const leave = (reason: EndReason, bytesOut = 0) => {
      admission.leave(guest);
      if (!connected) return;
      const durationMs = Math.round(runtime.clock.now() - guest.startedAt);
      plugins.disconnect({ ...told, reason, bytesIn: 0, bytesOut, durationMs });
    };
    try {
      const connect = await plugins.connect(told);
      connected = connect.allow;
      const decision = connect.allow ? await plugins.play(context) : connect;
      if (!decision.allow) {
        log.info("play refused", { peer: guest.address });
        leave("refused");
        return refusal("refused", headers, decision.reason);
      }
      if (request.signal.aborted || guest.evicted || this.#stopping) {
        leave("disconnected");
        return refusal("stopping", headers);
      }
      guest.context = { ...context, name: decision.name ?? path.name };
      return await this.#play(request, guest, headers, leave);
    } catch (error) {
      leave("internal");
      throw error;
    }
  }

  async #play(
    request: Request,
    guest: FlvGuest,
    headers: Readonly<Record<string, string>>,
    leave: (reason: EndReason, bytesOut?: number) => void,
  ): Promise<HttpAnswer> {
    const { admission, registry, runtime } = this.#context;
    const { app, name, query } = guest.context!;
    if (request.method === "HEAD") {
      const live = registry.get({ app, name })?.publisher !== undefined;
      leave("client");
      return live
        ? new Response(null, { headers: { ...headers, "Content-Type": "video/x-flv" } })
        : refusal("not-found", headers);
    }
    const play = new FlvPlay(this.#owner(guest, leave), headers);
    const now = runtime.clock.now();
    // What is behind HTTP says nothing of what it can read: the default tracks, in their old form.
    const encoder = this.#encoders.get(chooseTracks(query, NO_CAPABILITIES));
    guest.play = play;
    this.#guests.set(play, guest);
    const started = registry.play({ app, name }, encoder, play, play, now);
    if (typeof started === "string") {
      this.#guests.delete(play);
      leave("not-found");
      return refusal(started, headers);
    }
    play.attach(started.stream, started.player);
    admission.settle(guest);
    request.signal.addEventListener("abort", () => {
      // Behind the takeover the connection says so itself, and sooner.
      if (!play.handed) play.destroy("disconnected");
    });
    this.#timer ??= runtime.clock.after(TICK_MS, this.#tick);
    return await play.answer;
  }

  #owner(guest: FlvGuest, leave: (reason: EndReason, bytesOut?: number) => void): FlvPlayOwner {
    const { registry, plugins, runtime, faults } = this.#context;
    let since: number | undefined;
    const names = () => {
      const { app, name, sessionId } = guest.context!;
      return { session: sessionId, peer: guest.address, app, name };
    };
    return {
      onPlaying: () => {
        since = runtime.clock.now();
        log.info("playing", names());
      },
      onOver: (play, reason) => {
        this.#guests.delete(play);
        const { playing, bytesOut } = play;
        if (playing !== undefined) registry.stopPlaying(playing.stream, playing.player);
        if (since !== undefined) {
          log.info("stopped playing", { ...names(), reason, dropped: play.framesDropped });
        }
        const durationMs = Math.round(runtime.clock.now() - (since ?? guest.startedAt));
        plugins.stop({ ...guest.context!, reason, bytes: bytesOut, durationMs });
        leave(reason, bytesOut);
        if (this.#guests.size === 0) this.#onEmpty?.();
      },
      onFault: (_play, error) => {
        faults.count("session", error);
        log.error("internal error, player closed", { ...names(), error: errorText(error) });
      },
    };
  }

  readonly #tick = (): void => {
    const { runtime, config } = this.#context;
    this.#timer = undefined;
    const now = runtime.clock.now();
    for (const play of [...this.#guests.keys()]) {
      if (play.stalled(now, config.playerStallMs)) play.destroy("stalled");
    }
    if (this.#guests.size > 0) this.#timer = runtime.clock.after(TICK_MS, this.#tick);
  };

  /**
   * Takes nobody any more, and resolves once every player is gone, at the latest after `limitMs`, when
   * those that are left are cut off. The hub has to end its players.
   */
  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    if (this.#guests.size > 0) {
      let timer: Timer | undefined;
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
        timer = this.#context.runtime.clock.after(limitMs, resolve);
      });
      timer?.cancel();
    }
    for (const play of [...this.#guests.keys()]) play.destroy("shutdown");
    this.#timer?.cancel();
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
