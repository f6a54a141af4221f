/**
 * One node of a cluster: asks for the names that are published here, finds those that are published elsewhere,
 * and tells the others what happens.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import {
  type Claim,
  type Hub,
  type HubObserver,
  keyOf,
  type LiveStream,
  type StreamKey,
} from "../../hub/mod.ts";
import { hex } from "../../core/bytes/hex.ts";
import { errorText, type Faults } from "../../faults.ts";
import type { Bus, Clock, Runtime, Timer } from "../../ports.ts";
import type { NodeFinder, NodeSource } from "../relay/mod.ts";
import { REFUSALS } from "../refusals.ts";
import type { Service } from "../surroundings.ts";
import { type ClaimRefusal, Directory, type YieldAnswer } from "./directory.ts";
import { type Member, Members } from "./members.ts";
import { type NameEntry, readKey, readObject } from "./name_entry.ts";
import { NodeLease } from "./node_lease.ts";
import { answerSurvey, type ClusterStream, type OwnStream, survey } from "./survey.ts";

const log = getLogger(["sluice", "cluster"]);

/** How long it is tried to have a name (ms); the hub waits a little longer. */
const CLAIM_MS = 4500;
/** How long a name that was given waits for its publisher (ms). */
const EXPECTED_MS = 5000;
/** How long an owner has for its answer, beside what its publisher has (ms). */
const ASK_MS = 500;
/** Renewals between which all names are said again. */
const REFRESH_TURNS = 120;

/** What a publisher is told. */
const REASONS: Readonly<Record<ClaimRefusal, string>> = {
  taken: REFUSALS.taken,
  unknown: "The cluster cannot say right now whether this name is free.",
};

/** The settings used here. */
export interface ClusterSettings {
  readonly leaseMs: number;
  readonly publishPolicy: "replace" | "reject";
  readonly probeMs: number;
}

/** A node, as it is now. */
export interface ClusterHealth {
  readonly node: string;
  /** Whether it may own names. */
  readonly connected: boolean;
  /** Names that it owns. */
  readonly streams: number;
  /** Nodes that are there. */
  readonly nodes: readonly Member[];
}

/** What a node does with what other nodes have. */
export interface NodeRelays {
  moved(path: StreamKey): void;
  giveWay(path: StreamKey): void;
  /** Whether a publisher is none, but the relay from another server. */
  isPulled(sessionId: string): boolean;
}

/** What a node is made with. */
export interface ClusterOptions {
  readonly config: ClusterSettings;
  readonly hub: Hub;
  readonly faults: Faults;
  readonly bus: Bus;
  /** Goes on while the process is stopped. */
  readonly clock: Clock;
  readonly runtime: Pick<Runtime, "randomBytes">;
  /** The name of this node, for people. */
  readonly node: string;
  /** Where other nodes play what is here. */
  url(): string;
  /** Relays are made later. */
  relays(): NodeRelays;
  /** A stream that was pulled is published here from now on. */
  onOwn(stream: LiveStream): void;
  /** One that was published here is another node's. */
  onForeign(stream: LiveStream): void;
  /** Asks a publisher for a sign of life. */
  probe(sessionId: string): Promise<void> | undefined;
}

/** One node. */
export class ClusterService implements Service, HubObserver, NodeFinder {
  /** What other nodes show when they play here; secret. */
  readonly pass: string;
  readonly #options: ClusterOptions;
  /** Of this node, for as long as it runs. */
  readonly #key: string;
  readonly #lease: NodeLease;
  readonly #directory: Directory;
  readonly #members: Members;
  /** Names that were given, and may not have their publisher yet. */
  readonly #expected = new Map<string, Timer>();
  #leases = 0;
  #turns = 0;
  #takingBack = false;
  #streams: () => readonly OwnStream[] = () => [];

  constructor(options: ClusterOptions) {
    const { config: { leaseMs }, runtime, bus, clock, node } = this.#options = options;
    this.pass = hex(runtime.randomBytes(16));
    this.#key = hex(runtime.randomBytes(8));
    this.#members = new Members(clock, 3 * leaseMs);
    this.#lease = new NodeLease({
      ...{ clock, store: bus.leases, ms: leaseMs, value: node },
      newId: () => `${this.#key}-${++this.#leases}`,
      onBegun: (lease) => {
        log.info("in the cluster", { node, lease, url: options.url() });
        this.#takeBack();
      },
      onRenewed: () => this.#onRenewed(),
      onLapsed: (lease) => {
        log.warn("cut off from the cluster", { node, lease });
        this.#directory.lapse();
      },
    });
    this.#directory = new Directory({
      ...{ bus, lease: this.#lease, clock, node, pass: this.pass, url: options.url },
      askOwner: (owner, path) => this.#askOwner(owner, path),
      onOwned: (path, lease) => log.info("name owned", { ...path, node, lease }),
      onFreed: (path, lease) => log.info("name freed", { ...path, node, lease }),
    });
    options.hub.observe(this);
  }

  /** Who tells of the streams of this node when it is asked. */
  tellOf(streams: () => readonly OwnStream[]): void {
    this.#streams = streams;
  }

  start(): void {
    const { bus, node } = this.#options;
    bus.listen(`yield.${this.#key}`, (text) => this.#onYield(text));
    bus.listen("owned", (text) => this.#attempt(() => this.#onOwnedElsewhere(text)));
    bus.listen("node", (text) => this.#attempt(() => this.#members.heard(text)));
    bus.listen("gone", (text) => this.#attempt(() => this.#members.left(text)));
    bus.listen("streams", (text) => this.#attempt(() => answerSurvey(text, node, this.#streams())));
    bus.open();
    this.#lease.start();
  }

  #attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.onFault(error);
      return undefined;
    }
  }

  onFault(error: unknown): void {
    this.#options.faults.count("cluster", error);
    log.error("internal error", { error: errorText(error) });
  }

  // Names that are published here

  onClaimed(claim: Claim): void {
    const { path } = claim;
    if (this.#directory.owns(path)) return this.#expect(path);
    const settle = claim.hold();
    void this.#directory.claim(path, this.#options.clock.now() + CLAIM_MS).then((refusal) => {
      const pulled = this.#options.hub.registry.get(path);
      if (refusal === undefined) this.#attempt(() => this.#given(path));
      settle(refusal && REASONS[refusal]);
      if (refusal !== undefined || pulled === undefined) return;
      // Once it is published, which is so in this turn, unless it comes to nothing.
      this.#options.clock.after(0, () => {
        const { publisher } = pulled;
        if (publisher === undefined || this.#isPulled(pulled)) return;
        this.#attempt(() => this.#options.onOwn(pulled));
      });
    });
  }

  #given(path: StreamKey): void {
    const { bus, relays } = this.#options;
    this.#expect(path);
    relays().giveWay(path);
    const { app, name } = path;
    bus.publish("owned", JSON.stringify({ app, name, key: this.#key }));
  }

  /** A publisher is about to come; unless it does, the name is given up. */
  #expect(path: StreamKey): void {
    const key = keyOf(path);
    this.#expected.get(key)?.cancel();
    const timer = this.#options.clock.after(EXPECTED_MS, () => {
      this.#expected.delete(key);
      if (!this.#isPublished(path)) this.#directory.release(path);
    });
    this.#expected.set(key, timer);
  }

  /** Whether this node has a publisher of it, or waits for it to come back. */
  #isPublished(path: StreamKey): boolean {
    const stream = this.#options.hub.registry.get(path);
    return stream?.live === true && !this.#isPulled(stream);
  }

  #isPulled({ publisher }: LiveStream): boolean {
    return publisher !== undefined && this.#options.relays().isPulled(publisher.info.sessionId);
  }

  onEnded(stream: LiveStream): void {
    const path = { app: stream.app, name: stream.name };
    // One that is about to be published ends here as what was pulled.
    if (!this.#expected.has(keyOf(path))) this.#directory.release(path);
  }

  // What other nodes want

  async #askOwner({ lease }: NameEntry, path: StreamKey): Promise<YieldAnswer | undefined> {
    const { bus, config: { probeMs } } = this.#options;
    const key = lease.split("-", 1)[0]!;
    const { app, name } = path;
    const text = JSON.stringify({ app, name });
    const answer = await bus.ask(`yield.${key}`, text, ASK_MS + probeMs);
    return answer === "yes" || answer === "no" ? answer : undefined;
  }

  async #onYield(text: string): Promise<YieldAnswer> {
    const path = readKey(readObject(text) ?? {});
    if (path === undefined) return "no";
    try {
      return await this.#yield(path) ? "yes" : "no";
    } catch (error) {
      this.onFault(error);
      return "no";
    }
  }

  async #yield(path: StreamKey): Promise<boolean> {
    const { hub: { registry }, config: { publishPolicy }, probe } = this.#options;
    const owner = () => {
      const stream = registry.get(path);
      return stream === undefined || this.#isPulled(stream) ? undefined : stream.publisher;
    };
    if (owner() === undefined && this.#expected.has(keyOf(path))) return false;
    const asked = owner();
    if (asked !== undefined && publishPolicy === "reject") {
      const answer = probe(asked.info.sessionId);
      if (answer === undefined) return false;
      await answer;
      if (owner() !== undefined) return false;
    }
    this.#directory.leave(path);
    this.#takeAway(path);
    return true;
  }

  /** Another node has the name: who publishes it here is told so, and who watches waits for the other. */
  #takeAway(path: StreamKey): void {
    const { hub: { registry }, clock } = this.#options;
    const stream = registry.get(path);
    const publisher = stream?.publisher;
    if (publisher === undefined || this.#isPulled(stream!)) return;
    const now = clock.now();
    publisher.revoke("replaced", now);
    if (stream!.publisher === undefined) stream!.unpublished(now, "lost");
    registry.unpublish(publisher, now);
    this.#options.onForeign(stream!);
  }

  #onOwnedElsewhere(text: string): void {
    const told = readObject(text) ?? {};
    const path = readKey(told);
    if (path === undefined || told.key === this.#key || this.#directory.owns(path)) return;
    if (this.#isWatched(path)) this.#options.relays().moved(path);
  }

  /** Whether somebody here watches it, or waits for it, and nobody publishes it here. */
  #isWatched(path: StreamKey): boolean {
    const { registry } = this.#options.hub;
    if (registry.waits.of(keyOf(path)).size > 0) return true;
    const stream = registry.get(path);
    if (stream?.watched !== true) return false;
    return stream.publisher === undefined || this.#isPulled(stream);
  }

  async locate(path: StreamKey): Promise<NodeSource | undefined> {
    const owner = await this.#directory.ownerOf(path);
    return owner && { url: `${owner.url.replace(/\/+$/, "")}/{app}/{name}`, pass: owner.pass };
  }

  // The lease

  #onRenewed(): void {
    const { bus, node, url } = this.#options;
    const streams = this.#directory.size;
    bus.publish("node", JSON.stringify({ key: this.#key, node, url: url(), streams }));
    if (this.#directory.missing) this.#takeBack();
    if (++this.#turns % REFRESH_TURNS === 0) void this.#directory.refresh();
  }

  /** Takes back what was owned before the lease ran out; whoever has it by now keeps it. */
  #takeBack(): void {
    if (this.#takingBack) return;
    this.#takingBack = true;
    void this.#directory.takeBack().then((lost) => {
      this.#takingBack = false;
      for (const path of lost) {
        this.#attempt(() => {
          log.warn("name lost to another node", { ...path, node: this.#options.node });
          this.#takeAway(path);
          if (this.#isWatched(path)) this.#options.relays().moved(path);
        });
      }
    });
  }

  // For people

  /** Whether this node owns a name now. */
  owns({ app, name }: StreamKey): boolean {
    return this.#directory.owns({ app, name });
  }

  /** How it is. */
  health(): ClusterHealth {
    return {
      node: this.#options.node,
      connected: this.#lease.id !== undefined,
      streams: this.#directory.size,
      nodes: this.#members.list(),
    };
  }

  /** The streams of all nodes. */
  async allStreams<View extends OwnStream["view"]>(): Promise<ClusterStream<View>[]> {
    return await survey<View>(this.#options.bus, () => Math.max(1, this.#members.list().length));
  }

  /** Tells the other nodes what happened. */
  tell(type: string, about: object): void {
    const { bus, node } = this.#options;
    bus.publish(`events.${node}.${type}`, JSON.stringify({ type, node, ...about }));
  }

  async stop(): Promise<void> {
    const { bus } = this.#options;
    for (const timer of this.#expected.values()) timer.cancel();
    this.#expected.clear();
    try {
      await this.#directory.stop();
      await this.#lease.stop();
    } catch {
      // It ends by itself.
    }
    bus.publish("gone", this.#key);
    await bus.close();
  }
}
