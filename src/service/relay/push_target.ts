/**
 * One target of one stream: connects while the stream is live, publishes there what players get, and comes back
 * after a while when that fails. Whatever it does, the stream and other targets do not notice.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ClientStream, ConnectAnswer } from "../../core/rtmp/session/client/mod.ts";
import type { RtmpUrl } from "../../core/rtmp/url.ts";
import type { Hub, LiveStream, PlayEnd, Player, StreamKey } from "../../hub/mod.ts";
import { RateMeter } from "../../hub/rate_meter.ts";
import type { Timer } from "../../ports.ts";
import { Backoff } from "../outgoing/backoff.ts";
import { type Failure, REFUSED_KINDS, shownUrl } from "../outgoing/failure.ts";
import { Upstream } from "../outgoing/upstream.ts";
import type { OpenLink, UpstreamEnvironment, UpstreamOwner } from "../outgoing/upstream_ports.ts";
import type { RelayDescription, RelaySource, RelayState } from "./description.ts";
import { PushEncoder } from "./push_encoder.ts";
import type { PushOptions } from "../../plugin/mod.ts";
import { codecsOf, type TargetCodecs } from "./target_codecs.ts";
import { leftOutOf } from "./left_out.ts";

const log = getLogger(["sluice", "relay"]);

/** Most that is waited behind the first failure, and behind any (ms). */
export const FIRST_RETRY_MS = 1000;
/** See {@link FIRST_RETRY_MS}. */
export const MOST_RETRY_MS = 30_000;
/** An attempt that published for so long (ms) was none that failed. */
export const LASTED_MS = 10_000;
/** How long the last of a stream that is over may take to be handed out (ms). */
const FINISH_MS = 2000;
/** Reconnect Requests that are followed at once within {@link LASTED_MS} of each other. */
const MAX_FOLLOWED = 3;

/** What a target is made with. */
export interface PushTargetOptions {
  readonly id: string;
  readonly key: StreamKey;
  /** Where to, as it is said. */
  readonly url: string;
  /** The same, read; several are tried one after the other, and any will do. */
  readonly to: readonly RtmpUrl[];
  /** More members of the command object of `connect`. */
  readonly more?: Readonly<Record<string, string>> | undefined;
  readonly options: PushOptions;
  readonly source: RelaySource;
  readonly hub: Hub;
  /** It is in another state. Must not throw. */
  readonly onState: (relay: RelayDescription) => void;
  readonly environment: UpstreamEnvironment;
  /** This server's own id, for loops. */
  readonly ownId: string;
  /** How long a target may take nothing (ms). */
  readonly stallMs: number;
  readonly random: () => number;
}

/** One target. */
export class PushTarget implements UpstreamOwner {
  readonly id: string;
  readonly key: StreamKey;
  /** As it was said; secret. */
  readonly url: string;
  readonly source: RelaySource;
  readonly #options: PushTargetOptions;
  readonly #backoff: Backoff;
  readonly #rate: RateMeter;
  #stateNow: RelayState = "waiting";
  #error: Failure | undefined;
  #url: RtmpUrl;
  /** Which of its URLs is next, and how many failed one after the other. */
  #place = 0;
  #tried = 0;
  #upstream: Upstream | undefined;
  #link: OpenLink | undefined;
  /** The one before, while it says goodbye. */
  #left: OpenLink | undefined;
  #player: Player | undefined;
  #codecs: TargetCodecs | undefined;
  #retry: Timer | undefined;
  /** The stream is over, and what there is of it is handed out. */
  #finishing: Timer | undefined;
  /** When the connection began to publish. */
  #startedAt = 0;
  #since: number | undefined;
  #followed = 0;
  /** Where its stream has come through, as long as that is not live. */
  #via: readonly string[] = [];
  #streamId = 1;
  /** Of the connections before. */
  #bytesBefore = 0;
  #droppedBefore = 0;
  /** What the connection had taken when it was last looked at, and when that was. */
  #taken = 0;
  #takenAt = 0;
  #over = false;
  /** Is told once how the first connection for a stream went, or that there will be none: of who waits for that. */
  onDecided: ((failure: Failure | undefined) => void) | undefined;

  constructor(options: PushTargetOptions) {
    const { id, key, url, to, source, random, environment: { runtime: { clock } } } = options;
    this.id = id;
    this.key = key;
    this.source = source;
    this.#options = options;
    this.url = url;
    this.#url = to[0]!;
    this.#backoff = new Backoff(FIRST_RETRY_MS, MOST_RETRY_MS, random);
    this.#rate = new RateMeter(clock.now());
  }

  get #clock() {
    return this.#options.environment.runtime.clock;
  }

  get #stream(): LiveStream | undefined {
    return this.#options.hub.registry.get(this.key);
  }

  /** Properties of every log line. */
  #who(): Record<string, unknown> {
    return { relay: this.id, ...this.key, to: shownUrl(this.#url) };
  }

  /** The player that reads for it, which is none that watches. */
  get player(): Player | undefined {
    return this.#player;
  }

  /** The stream is live, or was all the time: connects. */
  begin(via?: readonly string[]): void {
    if (via !== undefined) this.#via = via;
    if (this.#over) return;
    // It may have been connected ahead of the stream.
    if (this.#upstream !== undefined) return this.#play(this.#clock.now());
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#state = "connecting";
    const { environment, ownId, more } = this.#options;
    const through = this.#stream?.publisher?.info.via ?? this.#via;
    const request = { what: "publish", url: this.#url, via: [...through, ownId], more } as const;
    this.#upstream = new Upstream(environment, request, this);
    this.#upstream.start();
  }

  /** The stream is over: once all of it was handed out says goodbye, and waits for it to come again. */
  finish(): void {
    if (this.#player === undefined) return this.#rest();
    this.#finishing ??= this.#clock.after(FINISH_MS, () => this.#finished());
  }

  #finished(): void {
    if (this.#finishing === undefined) return;
    this.#rest();
    // The same name may be there again.
    if (this.#stream?.live === true) this.begin();
  }

  #rest(): void {
    this.#finishing?.cancel();
    this.#finishing = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#leave();
    this.#state = "waiting";
    this.#url = this.#options.to[this.#place % this.#options.to.length]!;
    this.#backoff.reset();
  }

  /** It is not wanted any more. */
  close(): void {
    this.#over = true;
    this.#rest();
    this.#decided({ kind: "closed", message: "It is not wanted any more" });
  }

  /** Whether the server has let it publish, and has not ended that. */
  get publishes(): boolean {
    return this.#state === "publishing";
  }

  /** Whether its last connection is still there. */
  get leaving(): boolean {
    return this.#left?.gone === false;
  }

  /** Ends its last connection, whether all was said or not. */
  drop(): void {
    if (this.leaving) this.#left!.drop();
  }

  #leave(): void {
    this.#unplay();
    const upstream = this.#upstream;
    this.#left = upstream?.link ?? this.#left;
    this.#upstream = this.#link = undefined;
    upstream?.close();
  }

  #unplay(): void {
    const player = this.#player;
    this.#player = undefined;
    this.#since = undefined;
    if (player === undefined) return;
    this.#bytesBefore += player.bytesOut;
    this.#droppedBefore += player.framesDropped;
    this.#link!.writer.remove(player);
    this.#options.hub.registry.stopPlaying(player);
  }

  // The connection

  onStarted(link: OpenLink, stream: ClientStream, answer: ConnectAnswer): void {
    const now = this.#clock.now();
    this.#link = link;
    this.#startedAt = this.#takenAt = now;
    this.#taken = link.connection.bytesWritten;
    this.#since = this.#clock.wall();
    // Ahead of the state, which is told with it.
    this.#error = undefined;
    this.#state = "publishing";
    this.#codecs = codecsOf(answer.capabilities, this.#options.options);
    this.#decided(undefined);
    this.#streamId = stream.id;
    this.#play(now);
    const leftOut = this.#leftOut();
    log.info("pushing", { ...this.#who(), ...(leftOut.length === 0 ? {} : { leftOut }) });
  }

  #play(now: number): void {
    const { hub: { registry }, options } = this.#options;
    const link = this.#link;
    if (link === undefined) return;
    // It may have gone meanwhile; nobody is to look for it because of us.
    if (this.#stream?.live !== true || this.#player !== undefined) return;
    const { chunkSize } = link.session;
    const encoder = new PushEncoder(this.#streamId, chunkSize, this.#codecs!, options);
    const started = registry.play(this.key, encoder, link.writer, {
      onStart: () => {},
      onEnd: (reason) => this.#onPlayEnd(reason),
    }, now);
    if (typeof started === "string") return;
    this.#player = started;
    link.writer.add(started);
    link.writer.pump();
  }

  /** In the middle of what the hub does: only noted. */
  #onPlayEnd(reason: PlayEnd): void {
    const link = this.#link;
    this.#clock.after(0, () => {
      if (this.#link !== link || link === undefined) return;
      this.#unplay();
      if (this.#finishing !== undefined) this.#finished();
      else if (reason === "stalled") {
        this.#upstream!.fail({
          kind: "stalled",
          message: "The server is too slow for this stream",
        });
      }
    });
  }

  onReconnect(url: RtmpUrl): void {
    if (this.#upstream === undefined) return;
    const lasted = this.#clock.now() - this.#startedAt >= LASTED_MS;
    this.#followed = lasted ? 1 : this.#followed + 1;
    log.info("following a reconnect request", { ...this.#who(), next: shownUrl(url) });
    this.#leave();
    if (this.#followed <= MAX_FOLLOWED) {
      this.#url = url;
      return this.begin();
    }
    this.#url = this.#options.to[this.#place % this.#options.to.length]!;
    this.#retryLater({ kind: "redirect", message: "The server sends us on and on" });
  }

  onEnd(failure: Failure): void {
    if (this.#upstream === undefined) return;
    if (this.#finishing !== undefined) return this.#finished();
    const lasted = this.#since !== undefined && this.#clock.now() - this.#startedAt >= LASTED_MS;
    this.#unplay();
    this.#upstream = this.#link = undefined;
    // Where it was sent to may be gone: back to where it was told to go.
    const { to } = this.#options;
    if (lasted) this.#tried = 0;
    this.#url = to[++this.#place % to.length]!;
    if (lasted) this.#backoff.reset();
    // Another may take it at once; what one of them refuses, it refuses for all.
    if (!REFUSED_KINDS.has(failure.kind) && ++this.#tried < to.length) return this.begin();
    this.#tried = 0;
    this.#decided(failure);
    this.#retryLater(failure);
  }

  #decided(failure: Failure | undefined): void {
    const tell = this.onDecided;
    this.onDecided = undefined;
    tell?.(failure);
  }

  #retryLater(failure: Failure): void {
    if (this.#over) return;
    this.#error = failure;
    this.#state = "retrying";
    const inMs = this.#backoff.next();
    const { kind, message } = failure;
    log.warn("push failed", { ...this.#who(), kind, reason: message, inMs });
    this.#retry = this.#clock.after(inMs, () => {
      this.#retry = undefined;
      if (this.#stream?.live === true) this.begin();
      else this.#state = "waiting";
    });
  }

  /** Time passes; about once a second. */
  tick(now: number): void {
    this.#rate.sample(this.#bytesOut, now);
    const link = this.#link;
    if (link === undefined) return;
    const { bytesWritten } = link.connection;
    if (!link.writer.busy || bytesWritten !== this.#taken) {
      this.#taken = bytesWritten;
      this.#takenAt = now;
    } else if (now - this.#takenAt >= this.#options.stallMs) {
      const ms = this.#options.stallMs;
      this.#upstream!.fail({ kind: "stalled", message: `The server took nothing for ${ms} ms` });
    }
  }

  get #bytesOut(): number {
    return this.#bytesBefore + (this.#player?.bytesOut ?? 0);
  }

  #leftOut(): readonly string[] {
    const stream = this.#stream;
    if (stream === undefined || this.#codecs === undefined || this.#link === undefined) return [];
    return leftOutOf(stream, this.#codecs, this.#options.options);
  }

  get #state(): RelayState {
    return this.#stateNow;
  }

  set #state(state: RelayState) {
    if (state === this.#stateNow) return;
    this.#stateNow = state;
    this.#options.onState(this.describe());
  }

  describe(): RelayDescription {
    return {
      id: this.id,
      direction: "push",
      ...this.key,
      url: shownUrl(this.#upstream?.url ?? this.#url),
      source: this.source,
      state: this.#state,
      since: this.#since,
      bitrate: this.#player === undefined ? 0 : Math.round(this.#rate.perSecond * 8),
      bytes: this.#bytesOut,
      droppedFrames: this.#droppedBefore + (this.#player?.framesDropped ?? 0),
      oddMessages: this.#link?.session.oddMessages ?? 0,
      failures: this.#backoff.failures,
      error: this.#error,
      leftOut: this.#leftOut(),
    };
  }
}
