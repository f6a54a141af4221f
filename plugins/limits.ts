/**
 * Limits: viewers of a stream, bits a second and minutes of a publisher, connections of an address, streams of a
 * key. Load it behind plugins that refuse or rename, so that what they do counts.
 *
 * Options in `SLUICE_PLUGIN_LIMITS`: `{ "viewersPerStream": 100, "publisherKbps": 8000 }`, and more:
 * docs/plugins.md.
 *
 * @module
 */
import * as v from "valibot";
import {
  addressGroup,
  checkOptions,
  type ConnectContext,
  coversPath,
  definePlugin,
  type PlayContext,
  type PluginFactory,
  type PluginServer,
  PublisherRates,
  readOptions,
  refuse,
  SessionDeadlines,
} from "../src/plugin/api.ts";

/** How often rates are measured (ms). */
const LOOK_MS = 1000;
/** After how many of these it is looked for what was counted and is gone. */
const LOOKS_PER_SWEEP = 10;
/**
 * Streams of one session that are counted at once. Those that something behind this plugin refused are among them
 * until the session is over: nobody is to fill the memory with names.
 */
const MAX_OF_SESSION = 64;

const MANY_STREAMS = refuse("Too many streams in one session");

const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
const ofStreams = {
  viewersPerStream: count,
  publisherKbps: count,
  publisherMinutes: v.optional(v.pipe(v.number(), v.minValue(0.01))),
};

const Options = v.strictObject({
  ...ofStreams,
  connectionsPerAddress: count,
  streamsPerKey: count,
  keyParameter: v.optional(v.pipe(v.string(), v.minLength(1)), "key"),
  streams: v.optional(v.record(v.string(), v.strictObject(ofStreams)), {}),
});

/** Limits of a stream and who publishes it; what is left out has none. */
export interface StreamLimits {
  /** Who may watch it at once. */
  readonly viewersPerStream?: number;
  /** Kilobits (1000 bits) a second, over ten seconds. */
  readonly publisherKbps?: number;
  /** How long it may be published. */
  readonly publisherMinutes?: number;
}

/** What the plugin is made with. */
export interface LimitsOptions extends StreamLimits {
  /** Sessions of one IPv4 address, or of the first 64 bits of one of IPv6. */
  readonly connectionsPerAddress?: number;
  /** Streams that are published with one key: the user, or else what `keyParameter` of the query holds. */
  readonly streamsPerKey?: number;
  /** `key` if left out. */
  readonly keyParameter?: string;
  /** By `<app>/<name>`, or with `*` at its end all that begin so: limits in place of those above. */
  readonly streams?: Readonly<Record<string, StreamLimits>>;
}

/** What is told by each hook besides: for tests. */
export interface LimitsTiming {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Over how long a rate is taken (ms). */
  readonly windowMs?: number;
}

/** Makes the plugin. @throws {Error} on a mistake in the options */
export function limits(options: LimitsOptions, { now = Date.now, windowMs }: LimitsTiming = {}) {
  const checked = checkOptions(Options, options, "limits");
  const { connectionsPerAddress, streamsPerKey, keyParameter } = checked;
  const connections = new Counts();
  const viewers = new Counts();
  const streams = new Counts();
  const deadlines = new SessionDeadlines("limits", now);
  const rates = new PublisherRates(windowMs);
  /** By session, what it was let publish or play and has not ended. */
  const begun = new Map<string, Set<string>>();
  /** By session, until when it may publish each of its streams. */
  const ends = new Map<string, Map<string, number>>();
  let server: PluginServer | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let looks = 0;
  const isThere = (sessionId: string) => server?.hasSession(sessionId) ?? true;

  /** Notes what a session is about to do; `false` where it does too much. */
  function begin(sessionId: string, what: string): boolean {
    const own = begun.get(sessionId) ?? new Set<string>();
    if (!own.has(what) && own.size >= MAX_OF_SESSION) return false;
    begun.set(sessionId, own.add(what));
    return true;
  }

  function end(sessionId: string, what: string): void {
    const own = begun.get(sessionId);
    if (own?.delete(what) && own.size === 0) begun.delete(sessionId);
  }

  function limitsOf(path: string): StreamLimits {
    const own = Object.entries(checked.streams).find(([match]) => coversPath(match, path));
    return own === undefined ? checked : own[1] as StreamLimits;
  }

  /** Ends a session when the time of the first of its streams is over. */
  function watch(sessionId: string): void {
    deadlines.forget(sessionId);
    for (const at of ends.get(sessionId)?.values() ?? []) {
      deadlines.set(sessionId, at, "published for as long as it may");
    }
  }

  /** Goes on with what the version before has counted. */
  function takeUp({ counts, ...left }: Left): void {
    [connections, viewers, streams].forEach((own, index) => own.takeUp(counts[index] ?? new Map()));
    for (const [sessionId, own] of left.begun) {
      begun.set(sessionId, new Set([...own, ...begun.get(sessionId) ?? []]));
      for (const what of own) measureAgain(sessionId, what);
    }
    for (const [sessionId, own] of left.ends) {
      ends.set(sessionId, new Map([...own, ...ends.get(sessionId) ?? []]));
      watch(sessionId);
    }
  }

  function measureAgain(sessionId: string, what: string): void {
    const [, path] = /^publish .* (\S+)$/.exec(what) ?? [];
    const kbps = path === undefined ? undefined : limitsOf(path).publisherKbps;
    if (path === undefined || kbps === undefined) return;
    const slash = path.lastIndexOf("/");
    rates.add({ sessionId, app: path.slice(0, slash), name: path.slice(slash + 1) }, kbps);
  }

  function tick(): void {
    if (++looks % LOOKS_PER_SWEEP === 0) {
      for (const counts of [connections, viewers, streams]) counts.sweep(isThere);
    }
    if (server === undefined) return;
    for (const publish of rates.over(server, now())) {
      rates.remove(publish);
      server.endSession(publish.sessionId, "limits: more bits a second than a publisher may send");
    }
  }

  return definePlugin({
    name: "limits",
    anybody: true,
    start(given, before) {
      server = given;
      deadlines.start(given);
      if (isLeft(before)) takeUp(before);
      timer = setInterval(tick, LOOK_MS);
    },
    handOver: (): Left => ({
      counts: [connections, viewers, streams].map((counts) => counts.all()),
      ends: new Map(ends),
      begun: new Map(begun),
    }),
    stop() {
      clearInterval(timer);
      deadlines.stop();
      rates.clear();
      begun.clear();
      ends.clear();
      for (const counts of [connections, viewers, streams]) counts.clear();
      server = undefined;
    },
    ...(connectionsPerAddress === undefined ? {} : {
      onConnect({ sessionId, client }: ConnectContext) {
        const address = addressGroup(client.address.hostname);
        if (!connections.add(address, sessionId, "", connectionsPerAddress, isThere)) {
          return refuse("Too many connections from this address");
        }
      },
    }),
    onPublish(context) {
      const { sessionId, app, name, query, user } = context;
      const path = `${app}/${name}`;
      const key = user ?? query.get(keyParameter);
      if (!begin(sessionId, `publish ${key} ${path}`)) return MANY_STREAMS;
      if (key !== null && streamsPerKey !== undefined) {
        if (!streams.add(key, sessionId, path, streamsPerKey, isThere)) {
          return refuse("Too many streams with this key");
        }
      }
      const { publisherKbps, publisherMinutes } = limitsOf(path);
      if (publisherKbps !== undefined) rates.add({ sessionId, app, name }, publisherKbps);
      if (publisherMinutes !== undefined) {
        const until = ends.get(sessionId) ?? new Map<string, number>();
        ends.set(sessionId, until.set(path, now() + publisherMinutes * 60_000));
        watch(sessionId);
      }
    },
    onUnpublish(context) {
      const { sessionId, app, name, query, user } = context;
      rates.remove(context);
      ends.get(sessionId)?.delete(`${app}/${name}`);
      watch(sessionId);
      const key = user ?? query.get(keyParameter);
      end(sessionId, `publish ${key} ${app}/${name}`);
      if (key !== null) streams.remove(key, sessionId, `${app}/${name}`);
    },
    onPlay({ sessionId, app, name }: PlayContext) {
      const path = `${app}/${name}`;
      const { viewersPerStream } = limitsOf(path);
      if (viewersPerStream === undefined) return;
      if (!begin(sessionId, `play ${path}`)) return MANY_STREAMS;
      if (!viewers.add(path, sessionId, "", viewersPerStream, isThere)) {
        return refuse("The stream has as many viewers as it may have");
      }
    },
    onPlayEnd({ sessionId, app, name }) {
      end(sessionId, `play ${app}/${name}`);
      viewers.remove(`${app}/${name}`, sessionId, "");
    },
    onDisconnect({ sessionId, client }) {
      connections.remove(addressGroup(client.address.hostname), sessionId, "");
      deadlines.forget(sessionId);
      rates.forget(sessionId);
      begun.delete(sessionId);
      ends.delete(sessionId);
    },
  });
}

/** Makes the plugin from the environment. */
const fromEnvironment: PluginFactory = (env) => limits(readOptions("limits", Options, env));
export default fromEnvironment;

/** What one version of the plugin leaves to the next. */
interface Left {
  readonly counts: readonly ReadonlyMap<string, ReadonlyMap<string, string>>[];
  readonly ends: ReadonlyMap<string, Map<string, number>>;
  readonly begun: ReadonlyMap<string, Set<string>>;
}

function isLeft(before: unknown): before is Left {
  const { counts, ends, begun } = (before ?? {}) as Partial<Left>;
  return Array.isArray(counts) && ends instanceof Map && begun instanceof Map;
}

/**
 * What sessions hold, by group. What was let in here may have been refused by others behind: so what is counted
 * is looked at again where a group is full, and from time to time.
 */
class Counts {
  readonly #groups = new Map<string, Map<string, string>>();

  /** Counts one more, unless there are `most`; what a session holds already is no other one. */
  add(
    group: string,
    sessionId: string,
    what: string,
    most: number,
    isThere: (sessionId: string) => boolean,
  ): boolean {
    const held = this.#groups.get(group) ?? new Map<string, string>();
    const key = `${sessionId} ${what}`;
    if (!held.has(key) && held.size >= most) {
      this.#prune(held, isThere);
      if (held.size >= most) return false;
    }
    this.#groups.set(group, held.set(key, sessionId));
    return true;
  }

  /** All of it. */
  all(): ReadonlyMap<string, ReadonlyMap<string, string>> {
    return new Map(this.#groups);
  }

  takeUp(groups: ReadonlyMap<string, ReadonlyMap<string, string>>): void {
    for (const [group, held] of groups) {
      this.#groups.set(group, new Map([...held, ...this.#groups.get(group) ?? []]));
    }
  }

  remove(group: string, sessionId: string, what: string): void {
    const held = this.#groups.get(group);
    if (held?.delete(`${sessionId} ${what}`) && held.size === 0) this.#groups.delete(group);
  }

  /** Forgets what sessions held that are gone. */
  sweep(isThere: (sessionId: string) => boolean): void {
    for (const [group, held] of this.#groups) {
      this.#prune(held, isThere);
      if (held.size === 0) this.#groups.delete(group);
    }
  }

  clear(): void {
    this.#groups.clear();
  }

  #prune(held: Map<string, string>, isThere: (sessionId: string) => boolean): void {
    for (const [key, sessionId] of held) if (!isThere(sessionId)) held.delete(key);
  }
}
