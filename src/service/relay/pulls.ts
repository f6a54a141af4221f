/**
 * All streams of one server that are pulled: always, or while somebody watches.
 *
 * @module
 */
import { addressGroup } from "../../core/ip_address.ts";
import { isPublicPath } from "../../core/rtmp/stream_name.ts";
import {
  type Asker,
  type HubObserver,
  keyOf,
  placeToGiveUp,
  type StreamKey,
  type Wanted,
} from "../../hub/mod.ts";
import { StreamPatterns } from "../record/stream_patterns.ts";
import type { PullStreamOptions } from "./pull_options.ts";
import { PullStream } from "./pull_stream.ts";
import type { NodeFinder } from "./node_source.ts";
import type { PullRule } from "./pull_rule.ts";

/** Stands for the URL of a node until it is known which. */
const NODE = "rtmp://cluster/{app}/{name}";

/** What pulls are made with, beside what is of one. */
export interface PullsOptions extends
  Pick<
    PullStreamOptions,
    "hub" | "environment" | "onState" | "ownId" | "idleMs" | "stallMs" | "random"
  > {
  readonly rules: readonly PullRule[];
  /** Servers that have all streams that nobody publishes here, if this one is an edge. */
  readonly origins: readonly string[];
  /** Finds what other nodes of the cluster have, if there is one. */
  readonly nodes?: NodeFinder | undefined;
  /** Most at once. */
  readonly most: number;
  newId(): string;
  readersOf(key: StreamKey): number;
}

/** All streams that are pulled. */
export class Pulls implements Required<Pick<HubObserver, "onWanted">> {
  readonly #options: PullsOptions;
  readonly #rules: readonly { readonly patterns: StreamPatterns; readonly rule: PullRule }[];
  readonly #pulls = new Map<string, PullStream>();
  #stopping = false;

  constructor(options: PullsOptions) {
    this.#options = options;
    this.#rules = options.rules.map((rule) => ({
      patterns: new StreamPatterns([rule.pattern]),
      rule,
    }));
  }

  /** Whether there is anything that who asks for a name could wait for. */
  get onDemand(): boolean {
    const { origins, nodes, rules } = this.#options;
    return origins.length > 0 || nodes !== undefined || rules.length > 0;
  }

  /** Begins those that are pulled all the time. */
  start(): void {
    for (const { pattern, sources, always } of this.#options.rules) {
      if (!always) continue;
      const slash = pattern.replace(/^\//, "").lastIndexOf("/");
      const path = pattern.replace(/^\//, "");
      const key = { app: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
      this.#make(key, sources, true, "settings")?.begin();
    }
  }

  onWanted(wanted: Wanted): void {
    const { path } = wanted;
    if (this.#stopping || !isPublicPath(path)) return;
    const { asker } = wanted;
    const known = this.#pulls.get(keyOf(path)) ?? this.#found(path, asker);
    if (known === undefined) return;
    let forget = () => {};
    const settle = wanted.hold(() => forget());
    forget = known.want(settle, asker);
  }

  /** A viewer was let in, whose word holds from now on for what is pulled. */
  heardOf(path: StreamKey, asker: Asker): void {
    const pull = this.#pulls.get(keyOf(path));
    if (pull !== undefined) pull.asker = asker;
  }

  /** Whether this name is pulled from a server that would have it from here. */
  loops(path: StreamKey): boolean {
    return this.#pulls.get(keyOf(path))?.loops === true;
  }

  /** A pull of this name, if some source may have it. */
  #found(path: StreamKey, asker: Asker | undefined): PullStream | undefined {
    const found = this.#rules.find(({ patterns, rule }) => !rule.always && patterns.has(path));
    if (found !== undefined) {
      return this.#make(path, found.rule.sources, false, "settings", asker);
    }
    const { origins } = this.#options;
    if (origins.length > 0) return this.#make(path, origins, false, "origin", asker);
    return this.#options.nodes && this.#make(path, [NODE], false, "cluster", asker);
  }

  /** Somebody else has the stream: what is pulled goes on with that; or begins, as somebody waits for it. */
  moved(path: StreamKey): void {
    const known = this.#pulls.get(keyOf(path));
    if (known !== undefined) return known.moved();
    if (this.#options.nodes !== undefined) this.#found(path, undefined)?.begin();
  }

  /** This server is about to publish the stream itself: those who watch wait for that. */
  giveWay(path: StreamKey): void {
    const known = this.#pulls.get(keyOf(path));
    if (known === undefined) return;
    this.#pulls.delete(keyOf(path));
    known.close(true);
  }

  #make(
    { app, name }: StreamKey,
    sources: readonly string[],
    always: boolean,
    source: PullStreamOptions["source"],
    asker?: Asker,
  ): PullStream | undefined {
    const { most, newId, readersOf, nodes, ...options } = this.#options;
    if (this.#stopping) return undefined;
    if (this.#pulls.size >= most && !this.#makeRoom(groupOf(asker))) return undefined;
    const key = { app, name };
    const pull = new PullStream({
      ...options,
      ...{ id: newId(), key, sources, always, source },
      // Nodes are where the operator has them.
      ...(source === "cluster" && {
        locate: (key: StreamKey) => nodes!.locate(key),
        environment: { ...options.environment, allowPrivate: true },
      }),
      readers: () => readersOf(key),
      onOver: () => {
        if (this.#pulls.get(keyOf(key)) === pull) this.#pulls.delete(keyOf(key));
      },
    });
    this.#pulls.set(keyOf(key), pull);
    return pull;
  }

  /**
   * Makes room for a name that `address` asks for: anybody can make up names, of which each takes a place until all
   * sources have said that they have none.
   *
   * @returns whether there is room
   */
  #makeRoom(address: string): boolean {
    const found = placeToGiveUp(this.#askedFor(), address);
    return found !== undefined && this.remove(found.id);
  }

  /** Those that have given nothing yet, with who asks for them. */
  *#askedFor(): Iterable<readonly [PullStream, string]> {
    for (const pull of this.#pulls.values()) {
      if (!pull.always && !pull.hasGiven) yield [pull, groupOf(pull.asker)];
    }
  }

  /** Streams that are pulled. */
  get size(): number {
    return this.#pulls.size;
  }

  /** Whether one has this id. */
  has(id: string): boolean {
    for (const pull of this.#pulls.values()) if (pull.id === id) return true;
    return false;
  }

  /** All of them. */
  list(): readonly PullStream[] {
    return [...this.#pulls.values()];
  }

  /** Ends one by its id. @returns `false` when there is none */
  remove(id: string): boolean {
    for (const [key, pull] of this.#pulls) {
      if (pull.id !== id) continue;
      this.#pulls.delete(key);
      pull.close();
      return true;
    }
    return false;
  }

  /** Ends all of them. */
  stop(): void {
    this.#stopping = true;
    for (const pull of this.#pulls.values()) pull.close();
    this.#pulls.clear();
  }
}

function groupOf(asker: Asker | undefined): string {
  return asker === undefined ? "" : addressGroup(asker.address);
}
