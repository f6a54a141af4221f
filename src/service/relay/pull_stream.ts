/**
 * One stream that is pulled: from the first of its sources that gives it, and from the next one when that
 * ends. Those who watch stay meanwhile.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { UsageError } from "../../core/errors.ts";
import type { RtmpUrl } from "../../core/rtmp/url.ts";
import type { Asker, RevokeReason, StreamKey } from "../../hub/mod.ts";
import { fillUrl } from "../../plugin/mod.ts";
import type { Timer } from "../../ports.ts";
import { Backoff } from "../outgoing/backoff.ts";
import { type Failure, shownUrl } from "../outgoing/failure.ts";
import { HttpFlvSource } from "../outgoing/http_flv.ts";
import { Upstream } from "../outgoing/upstream.ts";
import { FORWARDED_MEMBER, PASS_MEMBER } from "../outgoing/via.ts";
import type { OpenLink } from "../outgoing/upstream_ports.ts";
import { AskingServers } from "./asking_servers.ts";
import { type PullReader, pullReaderOf, type PullReaderOwner } from "./pull_reader.ts";
import { peerOf, shownSource } from "./shown_source.ts";
import type { RelayDescription, RelayState } from "./description.ts";
import type { NodeSource } from "./node_source.ts";
import type { PullStreamOptions } from "./pull_options.ts";
import { PulledMedia, REVOKED } from "./pulled_media.ts";

const log = getLogger(["sluice", "relay"]);

/** Most that is waited once all sources have failed, and then behind any such round (ms). */
const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 3000;
/** How long those who watch are kept without any source (ms). */
export const FAILOVER_MS = 15_000;
/** A source that gave so long (ms) was none that failed. */
const LASTED_MS = 10_000;
/** How long one that nobody watches any more, and that gives nothing, is tried on (ms). */
const UNWATCHED_MS = 10_000;

/** One stream that is pulled. */
export class PullStream implements PullReaderOwner {
  readonly id: string;
  readonly key: StreamKey;
  readonly always: boolean;
  readonly #options: PullStreamOptions;
  readonly #backoff: Backoff;
  readonly #media: PulledMedia;
  /** Those who ask for the stream and are told when there is none after all. */
  readonly #waiting = new Set<(now: number) => void>();
  #stateNow: RelayState = "waiting";
  #error: Failure | undefined;
  /** The viewer who asked last, for the other server. */
  asker: Asker | undefined;
  readonly #servers = new AskingServers();
  readonly #sources: readonly string[];
  #place = 0;
  /** Sources that failed one after the other. */
  #failed = 0;
  #reader: PullReader | undefined;
  /** The node that has it, once that was asked. */
  #node: NodeSource | undefined;
  /** Who has it is being asked. */
  #locating: object | undefined;
  #link: OpenLink | undefined;
  /** The source has sent something, and when that began (ms). */
  #gives = false;
  #gaveAt = Infinity;
  #retry: Timer | undefined;
  #since: number | undefined;
  /** When media came last, 0 before the source has answered, and when somebody watched last (ms). */
  #mediaAt = 0;
  /** When what gave something was left or lost (ms). */
  #lostAt = Infinity;
  #watchedAt: number;
  #bytesBefore = 0;
  #over = false;

  constructor(options: PullStreamOptions) {
    const { id, key, always, hub, sources, environment, random } = this.#options = options;
    this.id = id;
    this.key = key;
    this.always = always;
    this.#backoff = new Backoff(FIRST_RETRY_MS, MOST_RETRY_MS, random);
    this.#sources = environment.silent.order(sources);
    this.#watchedAt = environment.runtime.clock.now();
    this.#media = new PulledMedia(
      hub,
      key,
      (reason) => this.#onRevoked(reason),
      (error) => environment.onFault(error),
    );
  }

  get #clock() {
    return this.#options.environment.runtime.clock;
  }

  #who(): Record<string, unknown> {
    return { relay: this.id, ...this.key, from: this.#shown };
  }

  get #url(): string {
    const sources = this.#sources;
    // What is said to the origins of an edge is none of other servers.
    const query = this.#options.source === "origin" ? this.asker?.query ?? "" : "";
    const url = fillUrl(this.#node?.url ?? sources[this.#place % sources.length]!, this.key);
    return query === "" ? url : `${url}${url.includes("?") ? "&" : "?"}${query}`;
  }

  get #shown(): string {
    return shownSource(this.#reader, this.#url);
  }

  /** Asks the sources, unless that is under way. */
  begin(to?: RtmpUrl): void {
    if (this.#over || this.#reader !== undefined || this.#locating !== undefined) return;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#state = "connecting";
    const { locate } = this.#options;
    if (to === undefined && locate !== undefined) this.#locate(locate);
    else this.#read(to);
  }

  #locate(locate: NonNullable<PullStreamOptions["locate"]>): void {
    const turn = this.#locating = {};
    const { environment } = this.#options;
    locate(this.key).catch((error) => void environment.onFault(error)).then((node) => {
      if (this.#locating !== turn) return;
      this.#locating = undefined;
      this.#located(node ?? undefined);
    }).catch((error) => environment.onFault(error));
  }

  #located(node: NodeSource | undefined): void {
    // A name that nobody has is over, and not lost.
    if (node === undefined && this.#media.active) {
      this.close();
      return this.#options.onOver();
    }
    if (node === undefined) return this.#ended({ kind: "refused", message: "No node has it." });
    this.#node = node;
    this.#read();
  }

  /** Another node has it now: goes on with that, unless it does already. */
  moved(): void {
    if (this.#options.locate === undefined || this.#over) return;
    this.#stop();
    this.begin();
  }

  #read(to?: RtmpUrl): void {
    // Until this one answers it owes nothing.
    this.#mediaAt = 0;
    const { environment, ownId } = this.#options;
    const said = { via: [...this.#servers.ids, ownId], more: this.#more };
    try {
      this.#reader = pullReaderOf(environment, to ?? this.#url, said, this);
    } catch (error) {
      // What another node says may be no URL at all.
      if (!(error instanceof UsageError)) throw error;
      return this.#ended({ kind: "address", message: error.message });
    }
    this.#reader.start();
  }

  /** What a server of RTMP is told beside. */
  get #more(): Readonly<Record<string, string>> {
    const { address } = this.asker ?? {};
    if (this.#node !== undefined) return { [PASS_MEMBER]: this.#node.pass };
    const isTold = this.#options.source === "origin" && address !== undefined;
    return isTold ? { [FORWARDED_MEMBER]: address } : {};
  }

  /** Somebody asks for it; `settle` is called when there is none after all. */
  want(settle: (now: number) => void, asker?: Asker): () => void {
    this.asker = asker ?? this.asker;
    this.#waiting.add(settle);
    const isAsked = this.#reader instanceof Upstream;
    if (!this.#gives && this.#servers.add(asker?.via ?? [], isAsked)) this.#stop();
    this.begin();
    return () => void this.#waiting.delete(settle);
  }

  /** It is not wanted any more; `kept`: those who watch wait for whoever publishes it. */
  close(kept = false): void {
    if (this.#over) return;
    this.#over = true;
    this.#stop();
    this.#media.end(this.#clock.now(), kept);
    this.#giveUp();
  }

  #stop(): void {
    this.#locating = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    const reader = this.#reader;
    this.#forgetLink();
    this.#reader = undefined;
    reader?.close();
  }

  #forgetLink(): void {
    this.#bytesBefore += this.#bytesIn;
    this.#link = undefined;
    this.#since = undefined;
    if (this.#gives) this.#lostAt = this.#clock.now();
    this.#gives = false;
  }

  get #bytesIn(): number {
    const reader = this.#reader;
    return this.#link?.session.bytesIn ?? (reader instanceof HttpFlvSource ? reader.bytesIn : 0);
  }

  #giveUp(): void {
    const now = this.#clock.now();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const settle of waiting) settle(now);
  }

  // The source

  onStarted(link: OpenLink): void {
    this.#link = link;
    this.onOpened();
  }

  onOpened(): void {
    this.#mediaAt = this.#clock.now();
  }

  onMedia(type: number, timestamp: number, payload: Uint8Array): void {
    if (this.#reader === undefined) return;
    const now = this.#clock.now();
    if (!this.#gives && !this.#give(now)) return;
    this.#mediaAt = now;
    this.#media.push(type, timestamp, payload, now);
  }

  /** The first of a source: some say that they play where there is nothing yet. */
  #give(now: number): boolean {
    this.#gives = true;
    const since = this.#clock.wall();
    const info = {
      sessionId: this.id,
      address: peerOf(this.#link),
      client: `pull from ${this.#shown}`,
      since,
      ...(this.#node && { fromNode: true as const }),
    };
    const refused = this.#media.begin(info, now);
    if (refused !== undefined) {
      this.#reader!.fail({ kind: "refused", message: refused });
      return false;
    }
    this.#since = since;
    this.#gaveAt = now;
    this.#error = undefined; // Ahead of the state, which is told with it.
    this.#state = "playing";
    this.#waiting.clear();
    this.#watchedAt = now;
    log.info("pulling", this.#who());
    return true;
  }

  onTurn(): void {
    this.#media.letOut(this.#clock.now());
  }

  /** Those that end as soon as they have begun must not be asked again and again without a wait. */
  #forgetFailures(): void {
    if (!this.#gives || this.#clock.now() - this.#gaveAt < LASTED_MS) return;
    this.#failed = 0;
    this.#backoff.reset();
  }

  onReconnect(url: RtmpUrl): void {
    this.#forgetFailures();
    if (this.#reader === undefined || ++this.#failed > this.#sources.length + 3) return;
    log.info("following a reconnect request", { ...this.#who(), next: shownUrl(url) });
    this.#stop();
    this.begin(url);
  }

  onEnd(failure: Failure): void {
    if (this.#reader !== undefined) this.#ended(failure);
  }

  #ended(failure: Failure): void {
    if (this.#over) return;
    const { kind, message } = failure;
    log.warn("pull failed", { ...this.#who(), kind, reason: message });
    this.#error = failure;
    this.#forgetFailures();
    this.#forgetLink();
    this.#reader = undefined;
    this.#place++;
    this.#failed++;
    if (this.#failed < this.#sources.length) return this.begin();
    if (!this.always && !this.#media.active) {
      // Nobody has it, and nobody had it from here.
      this.#over = true;
      this.#giveUp();
      return this.#options.onOver();
    }
    this.#giveUp();
    this.#state = "retrying";
    this.#failed = 0;
    this.#servers.forget();
    this.#retry = this.#clock.after(this.#backoff.next(), () => {
      this.#retry = undefined;
      this.begin();
    });
  }

  /** Whether some source has sent something, so that there is a stream. */
  get hasGiven(): boolean {
    return this.#media.active;
  }

  /** Whether it was not had because the other server would have it from here. */
  get loops(): boolean {
    return this.#error?.kind === "loop";
  }

  #onRevoked(reason: RevokeReason): void {
    const { message } = REVOKED[reason];
    log.info("pull ended", { ...this.#who(), reason: message });
    this.#clock.after(0, () => {
      if (this.#over) return;
      this.#stop();
      this.#error = { kind: "refused", message };
      if (!this.always || reason === "shutdown") {
        this.#over = true;
        this.#giveUp();
        return this.#options.onOver();
      }
      this.#state = "retrying";
      this.#retry = this.#clock.after(MOST_RETRY_MS, () => this.begin());
    });
  }

  /** Time passes; about once a second. */
  tick(now: number): void {
    const { idleMs, stallMs, hub } = this.#options;
    this.#forgetFailures();
    const stream = hub.registry.get(this.key);
    const isWatched = this.#waiting.size > 0 || stream !== undefined &&
        (stream.tapped || stream.playerCount > this.#options.readers());
    if (isWatched) this.#watchedAt = now;
    const idle = now - this.#watchedAt;
    if (!this.always && idle >= (this.#media.active ? idleMs : UNWATCHED_MS)) {
      log.info("pull ended", { ...this.#who(), reason: "Nobody watches it." });
      this.close();
      return this.#options.onOver();
    }
    if (this.#reader !== undefined && this.#mediaAt > 0 && now - this.#mediaAt >= stallMs) {
      this.#mediaAt = now;
      this.#reader.fail({ kind: "stalled", message: `The server sent nothing for ${stallMs} ms` });
    }
    if (this.#media.active && !this.#gives && now - this.#lostAt >= FAILOVER_MS) {
      this.#media.end(now, true);
    }
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
    const { hub, source } = this.#options;
    const stats = this.#media.active ? hub.registry.get(this.key)?.stats : undefined;
    const rate = (stats?.videoRate.perSecond ?? 0) + (stats?.audioRate.perSecond ?? 0);
    return {
      id: this.id,
      direction: "pull",
      ...this.key,
      url: this.#shown,
      source,
      state: this.#state,
      since: this.#since,
      bitrate: Math.round(rate * 8),
      bytes: this.#bytesBefore + this.#bytesIn,
      droppedFrames: 0,
      oddMessages: this.#link?.session.oddMessages ?? 0,
      failures: this.#failed,
      error: this.#error,
      leftOut: [],
    };
  }
}
