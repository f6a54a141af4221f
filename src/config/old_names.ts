/**
 * Names that settings had before they stood in sections: who gives one is told the new one.
 *
 * @module
 */
import type { Mistake } from "./errors.ts";
import {
  appKey,
  APPS,
  appSettings,
  ENV_PREFIX,
  separate,
  settingOf,
  settings,
} from "./settings.ts";

/** New keys by old ones. */
const MOVED: Readonly<Record<string, string>> = {
  rtmpPort: "rtmp.port",
  httpPort: "http.port",
  apiToken: "api.token",
  reconnectUrl: "reconnect.url",
  publishPolicy: "publish.policy",
  reconnectWindowMs: "reconnect.windowMs",
  playWaitMs: "play.waitMs",
  mediaMemoryBytes: "media.memoryBytes",
  gopCacheBytes: "gopCache.bytes",
  gopCacheFrames: "gopCache.frames",
  gopCacheMs: "gopCache.ms",
  latency: "play.latency",
  playerQueueBytes: "play.queueBytes",
  playerQueueMs: "play.queueMs",
  playerOverflows: "play.overflows",
  playerStallMs: "play.stallMs",
  sharedObjects: "sharedObjects.enabled",
  sharedObjectFolder: "sharedObjects.folder",
  maxSharedObjects: "sharedObjects.maxObjects",
  maxSharedObjectsPerApp: "sharedObjects.maxPerApp",
  maxSharedObjectFiles: "sharedObjects.maxFiles",
  chunkSize: "rtmp.chunkSize",
  typeThreeDelta: "rtmp.typeThreeDelta",
  handshakeTimeoutMs: "rtmp.timeoutMs",
  connectTimeoutMs: "rtmp.timeoutMs",
  requestTimeoutMs: "rtmp.timeoutMs",
  idleTimeoutMs: "rtmp.idleTimeoutMs",
  pingIntervalMs: "rtmp.pingIntervalMs",
  publishStartMs: "publish.startMs",
  publishIdleMs: "publish.idleMs",
  publishProbeMs: "publish.probeMs",
  maxConnections: "max.connections",
  maxConnectionsPerAddress: "max.connectionsPerAddress",
  maxPendingConnections: "max.pendingConnections",
  maxStreams: "max.streams",
  maxMessageBytes: "max.messageBytes",
  maxTotalAssemblyBytes: "max.totalAssemblyBytes",
  maxMessagesPerSecond: "max.messagesPerSecond",
  hookTimeoutMs: "hook.timeoutMs",
  callTimeoutMs: "call.timeoutMs",
  apiBodyMs: "http.timeoutMs",
  apiHeaderMs: "http.timeoutMs",
  maxApiConnections: "http.maxConnections",
  drainMs: "shutdown.drainMs",
  shutdownMs: "shutdown.ms",
  logLevel: "log.level",
  logFormat: "log.format",
  logLinesPerSecond: "log.linesPerSecond",
};

/** What only embedding programs turn now: see `tuning.ts`, where it has the same name. */
const TUNED: readonly string[] = [
  "windowAckSize",
  "latencyAutoMs",
  "maxSharedObjectsPerConnection",
  "maxSharedObjectBytes",
  "maxSharedObjectProperties",
  "limitLoopback",
  "maxStreamsPerConnection",
  "maxAudioBytes",
  "maxCommandBytes",
  "maxEarlyMessageBytes",
  "maxChunkStreams",
  "maxUnfinishedMessages",
  "maxAssemblyBytes",
  "minChunkSize",
  "maxAmfDepth",
  "maxAmfValues",
  "maxAmfStringBytes",
  "maxAmfBytes",
  "maxPendingHooks",
  "hookFaultLimit",
  "apiBodyBytes",
  "maxPendingCalls",
];

/** What became of an old name. */
export interface Successor {
  /** Key of the setting that stands for it now; that of one application where it ends in a name. */
  readonly key?: string;
  /** What to tell whoever gives it, such as `is now rtmp.port`. */
  readonly news: string;
}

/** A kind of names: keys, flags without dashes, or variables. */
export type Spelling = "key" | "flag" | "env";

function newsOf(old: string, spelling: Spelling): string {
  const [app] = appSettings;
  if (old === "appLatency") {
    const now = {
      key: appKey(app!),
      flag: `--${APPS.flag} APP.latency=LATENCY`,
      env: `${APPS.env}=APP.latency=LATENCY`,
    };
    return `is now ${now[spelling]}`;
  }
  if (TUNED.includes(old)) {
    return "is no setting any more: leave it out, or let a program that embeds Sluice give" +
      ` createServer the tuning ${old}`;
  }
  const setting = settingOf(MOVED[old]!)!;
  const now = { key: setting.key, flag: `--${setting.flag}`, env: setting.env };
  return `is now ${now[spelling]}`;
}

const taken = new Set(settings.flatMap(({ key, flag, env }) => [key, flag, env]));

function table(spelling: Spelling, spell: (old: string) => string): Map<string, Successor> {
  const old = [...Object.keys(MOVED), ...TUNED, "appLatency"];
  return new Map(
    old.map((name): [string, Successor] => [spell(name), {
      key: MOVED[name],
      news: newsOf(name, spelling),
    }]).filter(([name]) => !taken.has(name)),
  );
}

const TABLES: Readonly<Record<Spelling, ReadonlyMap<string, Successor>>> = {
  key: table("key", (old) => old),
  flag: table("flag", (old) => separate(old, "-")),
  env: table("env", (old) => ENV_PREFIX + separate(old, "_").toUpperCase()),
};

/** Every old name of a kind. */
export function oldNames(spelling: Spelling): string[] {
  return [...TABLES[spelling].keys()];
}

/** What became of a name, if it is an old one. */
export function successor(spelling: Spelling, name: string): Successor | undefined {
  return TABLES[spelling].get(name);
}

/** The mistake of who gives an old name: its problem says all by itself. */
export function oldName(source: string, key: string, { news }: Successor): Mistake {
  return { source, key, problem: `${key} ${news}` };
}
