/**
 * One viewer of HLS: from its request for a stream, which plugins decide on, to the last of the
 * requests that its playlists lead it to.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { base64Url } from "../../core/bytes/base64_url.ts";
import { hex } from "../../core/bytes/hex.ts";
import { isPublicPath, type StreamPath } from "../../core/rtmp/stream_name.ts";
import type { Asker } from "../../hub/mod.ts";
import type { ConnectContext, EndReason, PlayContext } from "../../plugin/mod.ts";
import type { Address } from "../../ports.ts";
import { shownText } from "../../text.ts";
import { formatAddress } from "../address.ts";
import { askerOf } from "../asker.ts";
import { httpContext } from "../http_client.ts";
import type { Evictable } from "../admission.ts";
import { NOT_PUBLIC } from "../refusals.ts";
import { maskSaid } from "../mask_context.ts";
import type { LiveSession, SessionDescription } from "../sessions.ts";
import type { HlsSurroundings } from "./context.ts";
import type { HlsRefusal } from "./refusal.ts";
import type { HlsStream } from "./stream.ts";

const log = getLogger(["sluice", "hls"]);

/** Bytes of what stands for a viewer in addresses: nobody guesses it. */
const KEY_BYTES = 16;

/** Requests of one viewer that may wait at once: players wait for a playlist and the part to come. */
const MAX_WAITING = 16;

/** Why a viewer was turned away. */
export interface TurnedAway {
  readonly why: HlsRefusal;
  /** In the words of a plugin. */
  readonly reason?: string | undefined;
}

/** A viewer. */
export class HlsSession implements LiveSession, Evictable {
  readonly id: string;
  /** Stands for it in addresses. Whoever knows it is this viewer. */
  readonly key: string;
  readonly address: string;
  /** It has said all that it will. */
  readonly progress = 3;
  readonly startedAt: number;
  /** When it asked for something last (ms). */
  askedAt: number;
  /** Its requests that wait. */
  waiting = 0;
  bytesOut = 0;
  readonly #since: number;
  readonly #surroundings: HlsSurroundings;
  readonly #onGone: (session: HlsSession) => void;
  readonly #told: ConnectContext;
  #playing: PlayContext;
  #connected = false;
  #stream: HlsStream | undefined;
  #playsSince = 0;
  #over = false;
  /** Gives up its requests that wait, when it ends. */
  readonly #cancels = new Set<() => void>();

  constructor(
    surroundings: HlsSurroundings,
    request: Request,
    remote: Address,
    { app, name }: StreamPath,
    query: URLSearchParams,
    onGone: (session: HlsSession) => void,
  ) {
    const { clock, randomBytes } = surroundings.runtime;
    this.#surroundings = surroundings;
    this.#onGone = onGone;
    this.startedAt = this.askedAt = clock.now();
    this.#since = clock.wall();
    this.id = hex(randomBytes(6));
    this.key = base64Url(randomBytes(KEY_BYTES));
    this.address = formatAddress(remote);
    this.#told = httpContext(this.id, "hls", request, remote, app, query);
    this.#playing = { ...this.#told, name };
  }

  /** Whether it was ended. */
  get over(): boolean {
    return this.#over;
  }

  /** What it watches, once it was let in. */
  get stream(): HlsStream | undefined {
    return this.#stream;
  }

  /** Whether it waits for what plugins decide. */
  get deciding(): boolean {
    return this.#stream === undefined;
  }

  /** Whether no further request of it may wait. */
  get busy(): boolean {
    return this.waiting >= MAX_WAITING;
  }

  /** Asks the plugins; the stream that it may watch, or why it may not. */
  async decide(
    find: (path: StreamPath, asker: Asker) => Promise<HlsStream | undefined>,
  ): Promise<HlsStream | TurnedAway> {
    const { plugins, admission, runtime } = this.#surroundings;
    try {
      const connect = await plugins.connect(this.#told);
      if (this.#over) return { why: "stopping" };
      this.#connected = connect.allow;
      if (connect.allow) plugins.connected(this.#told);
      const decision = connect.allow ? await plugins.play(this.#playing) : connect;
      if (!decision.allow) {
        const reason = maskSaid(decision.reason, undefined, this.#playing);
        log.info("play refused", {
          ...{ session: this.id, peer: this.address },
          ...{ plugin: decision.plugin, reason },
        });
        return this.#turnAway(decision.login ? "login" : "refused", "refused", decision.reason);
      }
      if (this.#over) return { why: "stopping" };
      this.#playing = { ...this.#playing, name: decision.name ?? this.#playing.name };
      if (!isPublicPath(this.#playing)) {
        log.info("play refused", { session: this.id, peer: this.address, reason: NOT_PUBLIC });
        return this.#turnAway("bad-name", "refused");
      }
      const stream = await find(this.#playing, askerOf(this.#playing));
      if (this.#over) return { why: "stopping" };
      if (stream === undefined) return this.#turnAway("not-found", "not-found");
      this.#stream = stream;
      stream.viewers++;
      this.#playsSince = this.askedAt = runtime.clock.now();
      admission.settle(this);
      log.info("playing", this.#names());
      const { app, name } = this.#playing;
      plugins.activity.tell("play.started", { session: this.id, app, name });
      return stream;
    } catch (error) {
      this.end("internal");
      throw error;
    }
  }

  #turnAway(why: HlsRefusal, reason: EndReason, text?: string): TurnedAway {
    this.end(reason);
    return { why, reason: text };
  }

  #names(): Record<string, unknown> {
    const { app, name } = this.#playing;
    return { session: this.id, peer: this.address, app, name };
  }

  describe(): SessionDescription {
    const plays = this.#stream !== undefined;
    const { app, name, client } = this.#playing;
    return {
      protocol: "hls",
      secure: client.secure,
      address: this.address,
      app: plays ? app : "",
      state: plays ? "playing" : "waiting",
      client: shownText(client.agent),
      since: this.#since,
      bytesIn: 0,
      bytesOut: this.bytesOut,
      publishing: [],
      playing: plays ? [name] : [],
    };
  }

  /** One of its requests waits, until the function that is given back is called. */
  waits(cancel: () => void): () => void {
    this.waiting++;
    this.#cancels.add(cancel);
    return () => {
      if (this.#cancels.delete(cancel)) this.waiting--;
    };
  }

  /** Whether it has asked for nothing for too long. `now` in ms. */
  isForgotten(now: number, limit: number): boolean {
    return this.#stream !== undefined && this.waiting === 0 && now - this.askedAt >= limit;
  }

  evict(): void {
    this.end("timeout");
  }

  end(reason: EndReason): void {
    if (this.#over) return;
    this.#over = true;
    const { plugins, runtime } = this.#surroundings;
    const { bytesOut } = this;
    const now = runtime.clock.now();
    for (const cancel of [...this.#cancels]) cancel();
    if (this.#stream !== undefined) {
      this.#stream.viewers--;
      log.info("stopped playing", { ...this.#names(), reason });
      const durationMs = Math.round(now - this.#playsSince);
      const { app, name } = this.#playing;
      plugins.activity.tell("play.stopped", { session: this.id, app, name, reason, durationMs });
      plugins.playEnd({ ...this.#playing, reason, bytes: bytesOut, durationMs });
    }
    if (this.#connected) {
      const durationMs = Math.round(now - this.startedAt);
      plugins.disconnect({ ...this.#told, reason, bytesIn: 0, bytesOut, durationMs });
    }
    this.#onGone(this);
  }
}
