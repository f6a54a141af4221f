/**
 * All relays of one server: which streams are pushed where, by settings, plugins and operators, and which are
 * pulled.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { UsageError } from "../../core/errors.ts";
import { errorText } from "../../faults.ts";
import { parseRtmpUrl } from "../../core/rtmp/url.ts";
import {
  type HubObserver,
  keyOf,
  type LiveStream,
  type PublisherInfo,
  type StreamKey,
} from "../../hub/mod.ts";
import { fillUrl, type PluginRunner, type PushWish } from "../../plugin/mod.ts";
import type { Runtime, Timer } from "../../ports.ts";
import type { OutgoingRuntime } from "../outgoing/dial_checked.ts";
import { SilentServers } from "../outgoing/silent_servers.ts";
import type { UpstreamEnvironment } from "../outgoing/upstream_ports.ts";
import { Turns } from "../rtmp/turns.ts";
import { StreamPatterns } from "../record/stream_patterns.ts";
import type { Service, Surroundings } from "../surroundings.ts";
import { Edge } from "./edge.ts";
import type { RelayDescription, RelaySource } from "./description.ts";
import type { PublishRelay } from "./publish_relay.ts";
import type { PushRule } from "./push_rule.ts";
import type { PullRule } from "./pull_rule.ts";
import { Pulls } from "./pulls.ts";
import type { NodeFinder } from "./node_source.ts";
import { OriginClaims } from "./origin_claims.ts";
import { OriginGate } from "./origin_gate.ts";
import { PushTarget } from "./push_target.ts";

const log = getLogger(["sluice", "relay"]);

/** How often targets are looked at (ms). */
const TICK_MS = 1000;

/** The settings used here; see the configuration table. */
export interface RelaySettings {
  readonly push: readonly PushRule[];
  readonly pull: readonly PullRule[];
  readonly origins: readonly string[];
  /** Who decides who may play at an edge. */
  readonly decides: "edge" | "origin";
  readonly idleMs: number;
  readonly allowPrivate: boolean;
  readonly maxTargets: number;
  readonly timeoutMs: number;
  readonly stallMs: number;
  readonly chunkSize: number;
  readonly maxMessageBytes: number;
}

/** What the service is made with. */
export interface RelaySurroundings extends Pick<Surroundings, "hub" | "faults"> {
  readonly config: RelaySettings;
  readonly runtime: OutgoingRuntime & Pick<Runtime, "randomBytes">;
  /** This server's own id, for loops. */
  readonly ownId: string;
  /** Finds what other nodes of the cluster have, if there is one. */
  readonly nodes?: NodeFinder | undefined;
  /** Is told of what becomes of targets and sources. */
  readonly plugins?: Pick<PluginRunner, "activity">;
}

/** Pushes streams to other servers, and pulls them from there. */
export class RelayService implements Service, HubObserver, PublishRelay {
  readonly #surroundings: RelaySurroundings;
  readonly #environment: UpstreamEnvironment;
  readonly #rules: readonly { readonly patterns: StreamPatterns; readonly wish: PushWish }[];
  readonly #targets = new Map<string, PushTarget>();
  readonly #pulls: Pulls;
  /** What makes this server an edge, if it is one. */
  readonly #edge: Edge | undefined;
  /** Publishes that wait for the origin, at an edge. */
  readonly #claims: OriginClaims | undefined;
  /** Asks the origin about viewers, where it decides. */
  readonly gate: OriginGate | undefined;
  /** By the key of the stream. */
  readonly #byStream = new Map<string, Set<PushTarget>>();
  #timer: Timer | undefined;
  #stopping = false;

  constructor(surroundings: RelaySurroundings) {
    const { config, runtime, hub, faults } = this.#surroundings = surroundings;
    this.#environment = {
      runtime,
      turns: new Turns(runtime.clock),
      silent: new SilentServers(runtime.clock),
      ...config,
      onFault: (error) => {
        faults.count("relay", error);
        log.error("internal error", { error: errorText(error) });
      },
    };
    this.#rules = config.push.map(({ pattern, ...wish }) => ({
      patterns: new StreamPatterns([pattern]),
      wish,
    }));
    const { origins } = config;
    const pulls = this.#pulls = new Pulls({
      hub,
      environment: this.#environment,
      ownId: surroundings.ownId,
      nodes: surroundings.nodes,
      rules: config.pull,
      origins,
      most: config.maxTargets,
      idleMs: config.idleMs,
      stallMs: config.stallMs,
      random: () => this.#random(),
      onState: (relay) => this.#onState(relay),
      newId: () => this.#newId(),
      readersOf: (key) => this.readersOf(key),
    });
    hub.observe(this);
    // Nobody is asked for names where nothing could be pulled.
    this.#edge = origins.length === 0 ? undefined : new Edge(origins, (id) => pulls.has(id));
    this.gate = this.#edge !== undefined && config.decides === "origin"
      ? new OriginGate({
        origins,
        environment: this.#environment,
        ownId: surroundings.ownId,
        onAllowed: (key, asker) => pulls.heardOf(key, asker),
      })
      : undefined;
    if (this.#edge !== undefined) {
      const claims = this.#claims = new OriginClaims({
        clock: runtime.clock,
        known: (key) => this.#atOrigin(key),
        make: (key, info) => this.#forward(key, info),
        drop: (target) => this.#drop(target),
        isLive: (key) => hub.registry.get(key)?.live === true,
      });
      hub.observe({
        onClaimed: (claim) => claims.onClaimed(claim),
        onFault: (error) => this.onFault(error),
      });
    }
    if (pulls.onDemand) {
      hub.observe({
        onWanted: (wanted) => {
          pulls.onWanted(wanted);
          this.#tickSoon();
        },
        onFault: (error) => this.onFault(error),
      });
    }
  }

  start(): void {
    this.#pulls.start();
    if (this.#pulls.size > 0) this.#tickSoon();
  }

  /** A number from 0 to below 1. */
  #random(): number {
    const bytes = this.#surroundings.runtime.randomBytes(4);
    return bytes.reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;
  }

  /** Looks at targets and sources as long as there are any. */
  #tickSoon(): void {
    const { clock } = this.#surroundings.runtime;
    this.#timer ??= clock.after(TICK_MS, () => {
      this.#timer = undefined;
      const now = clock.now();
      for (const relay of [...this.#targets.values(), ...this.#pulls.list()]) {
        // A fault with one is none of the others.
        try {
          relay.tick(now);
        } catch (error) {
          this.onFault(error);
        }
      }
      if (this.#targets.size + this.#pulls.size > 0) this.#tickSoon();
    });
  }

  // What is pushed

  onLive(stream: LiveStream): void {
    for (const target of this.#of(stream)) target.begin();
    if (this.#edge?.forwards(stream) === true && this.#atOrigin(stream).length === 0) {
      const { info } = stream.publisher!;
      this.#attempt(stream, () => {
        const target = this.#forward(stream, info);
        if (target !== undefined) this.#claims?.note(target, info);
      });
    }
    if (stream.publisher?.info.fromNode === true) return;
    for (const { patterns, wish } of this.#rules) {
      if (patterns.has(stream)) this.#begin(stream, wish, "settings");
    }
  }

  /** Publishes at the origin what is published here, or is about to be. @throws {UsageError} */
  #forward(key: StreamKey, info: PublisherInfo): PushTarget | undefined {
    const { urls, more } = this.#edge!.upstreamOf(key, info);
    const [first, ...others] = this.#environment.silent.order(urls);
    const target = this.#make(key, { url: first! }, "origin", others, more);
    target?.begin(info.via ?? []);
    return target;
  }

  onPublish(stream: LiveStream, wishes: readonly PushWish[]): void {
    for (const wish of wishes) this.#begin(stream, wish, "plugin");
  }

  loops(key: StreamKey): boolean {
    return this.#pulls.loops(key);
  }

  onEnded(stream: LiveStream): void {
    for (const target of [...this.#of(stream)]) {
      target.finish();
      if (target.source !== "api") this.#forget(target);
    }
  }

  onFault(error: unknown): void {
    this.#environment.onFault(error);
  }

  #of(stream: StreamKey): Iterable<PushTarget> {
    return this.#byStream.get(keyOf(stream)) ?? [];
  }

  #atOrigin(stream: StreamKey): PushTarget[] {
    return [...this.#of(stream)].filter(({ source }) => source === "origin");
  }

  /** Of a URL that cannot be used for this stream the operator is told, and what is behind it goes on. */
  #attempt({ app, name }: StreamKey, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      log.warn("not pushed: its URL cannot be used", { app, name, reason: error.message });
    }
  }

  /** Pushes a stream that is live, unless it is pushed there already. */
  #begin(stream: StreamKey, wish: PushWish, source: RelaySource): void {
    this.#attempt(stream, () => this.#beginThere(stream, wish, source));
  }

  /** @throws {UsageError} */
  #beginThere(stream: StreamKey, wish: PushWish, source: RelaySource): void {
    const url = fillUrl(wish.url, stream);
    for (const target of this.#of(stream)) if (target.url === url) return;
    const target = this.#make(stream, wish, source);
    if (target !== undefined) return target.begin();
    const { maxTargets } = this.#surroundings.config;
    log.warn("not pushed: there are as many targets as there may be", {
      ...{ app: stream.app, name: stream.name, maxTargets },
    });
  }

  /** @throws {UsageError} for a URL that cannot be used */
  #make(
    { app, name }: StreamKey,
    wish: PushWish,
    source: RelaySource,
    others: readonly string[] = [],
    more?: Readonly<Record<string, string>>,
  ): PushTarget | undefined {
    const { config, hub, ownId } = this.#surroundings;
    if (this.#stopping || this.#targets.size >= config.maxTargets) return undefined;
    const key = { app, name };
    const url = fillUrl(wish.url, key);
    const target = new PushTarget({
      ...{ id: this.#newId(), key, url, source, hub, ownId },
      options: wish,
      to: [url, ...others].map((one) => parseRtmpUrl(one)),
      more,
      environment: this.#environment,
      onState: (relay) => this.#onState(relay),
      stallMs: config.stallMs,
      random: () => this.#random(),
    });
    this.#targets.set(target.id, target);
    this.#tickSoon();
    const known = this.#byStream.get(keyOf(key)) ?? new Set();
    this.#byStream.set(keyOf(key), known.add(target));
    return target;
  }

  #newId(): string {
    const bytes = this.#surroundings.runtime.randomBytes(6);
    const id = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return this.#targets.has(id) ? this.#newId() : id;
  }

  #forget(target: PushTarget): void {
    this.#targets.delete(target.id);
    const key = keyOf(target.key);
    const others = this.#byStream.get(key);
    others?.delete(target);
    if (others?.size === 0) this.#byStream.delete(key);
  }

  #drop(target: PushTarget): void {
    this.#forget(target);
    target.close();
  }

  // What operators do

  /**
   * Pushes a stream whenever it is live, until {@link remove}.
   *
   * @returns the target; `undefined` where there are as many as there may be, or the server stops
   * @throws {UsageError} for a URL that cannot be used
   */
  add(key: StreamKey, wish: PushWish, source: RelaySource): RelayDescription | undefined {
    const target = this.#make(key, wish, source);
    if (this.#surroundings.hub.registry.get(key)?.live === true) target?.begin();
    return target?.describe();
  }

  /** Ends a target, whoever wanted it. @returns `false` when there is none of that id */
  remove(id: string): boolean {
    const target = this.#targets.get(id);
    if (target === undefined) return this.#pulls.remove(id);
    this.#drop(target);
    return true;
  }

  /** All targets and sources, each described when it is asked for. */
  list(): readonly { describe(): RelayDescription }[] {
    return [...this.#targets.values(), ...this.#pulls.list()];
  }

  /** Targets that read a stream as its players do, and are none that watch. */
  readersOf(stream: StreamKey): number {
    let count = 0;
    for (const target of this.#of(stream)) if (target.player !== undefined) count++;
    return count;
  }

  /** Another node has a stream now that is watched here, or waited for. */
  moved(path: StreamKey): void {
    this.#pulls.moved(path);
    this.#tickSoon();
  }

  /** A stream is about to be published here that was pulled until now. */
  giveWay(path: StreamKey): void {
    this.#pulls.giveWay(path);
  }

  /** Whether this is the session of a pull, rather than of somebody who publishes here. */
  isPulled(sessionId: string): boolean {
    return this.#pulls.has(sessionId);
  }

  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    this.#pulls.stop();
    this.gate?.stop();
    const { clock } = this.#surroundings.runtime;
    const targets = [...this.#targets.values()];
    for (const target of targets) target.close();
    this.#claims?.stop();
    this.#targets.clear();
    this.#byStream.clear();
    const end = clock.now() + limitMs;
    // What was said last is on its way: who reads it closes.
    while (targets.some((target) => target.leaving) && clock.now() < end) {
      await new Promise<void>((resolve) => clock.after(20, resolve));
    }
    for (const target of targets) target.drop();
  }

  #onState({ id, direction, app, name, url, state, error }: RelayDescription): void {
    const failure = error === undefined ? null : { kind: error.kind, message: error.message };
    const about = { id, direction, app, name, url, state, error: failure };
    this.#surroundings.plugins?.activity.tell("relay.state", about);
  }
}
