/**
 * What the parts of a server need of its configuration and tuning: the one place that knows both, so
 * that they do not know the shape of the file.
 *
 * @module
 */
import type { Config, Tuning } from "./config/mod.ts";
import { type HttpAppOptions, type PageSettings, readApiToken } from "./http/mod.ts";
import { MediaMemory, type PacerSettings, parseLatency, type RegistryOptions } from "./hub/mod.ts";
import type { PluginRunnerOptions } from "./plugin/mod.ts";
import type { HttpLimits } from "./ports.ts";
import type { ClusterSettings } from "./service/cluster/mod.ts";
import type { FallbackSettings } from "./service/fallback/mod.ts";
import { readFallbackRule } from "./service/fallback/rule.ts";
import type { FileSettings } from "./service/files/mod.ts";
import type { FlvSettings } from "./service/flv/mod.ts";
import type { HlsSettings } from "./service/hls/mod.ts";
import type { RecordSettings } from "./service/record/mod.ts";
import { originsOf, readPullRule, readPushRule, type RelaySettings } from "./service/relay/mod.ts";
import { readRedirect } from "./core/rtmfp/redirect.ts";
import type { RtmfpSettings } from "./service/rtmfp/mod.ts";
import type { RtmpSettings } from "./service/rtmp/mod.ts";

/** How long media may be held back to merge writes. */
export function pacing({ play, apps }: Config, tuning: Tuning): PacerSettings {
  return {
    latency: parseLatency(play.latency),
    appLatency: new Map(
      Object.entries(apps).flatMap(([app, { latency }]) =>
        latency === undefined ? [] : [[app, parseLatency(latency)]]
      ),
    ),
    autoWindowMs: tuning.latencyAutoMs,
  };
}

/** Those of the RTMP service, and of who is let in. */
export function rtmpSettings(config: Config, tuning: Tuning): RtmpSettings {
  const { rtmp, publish, play, sharedObjects, max, call } = config;
  return {
    ...tuning,
    chunkSize: rtmp.chunkSize,
    typeThreeDelta: rtmp.typeThreeDelta,
    rtmpe: rtmp.rtmpe,
    openingTimeoutMs: rtmp.timeoutMs,
    idleTimeoutMs: rtmp.idleTimeoutMs,
    pingIntervalMs: rtmp.pingIntervalMs,
    publishPolicy: publish.policy,
    publishStartMs: publish.startMs,
    publishIdleMs: publish.idleMs,
    publishProbeMs: publish.probeMs,
    playWaitMs: play.waitMs,
    playerStallMs: play.stallMs,
    sharedObjects: sharedObjects.enabled,
    maxSharedObjects: sharedObjects.maxObjects,
    maxSharedObjectsPerApp: sharedObjects.maxPerApp,
    maxConnections: max.connections,
    trustedProxies: config.proxy.trusted,
    maxConnectionsPerAddress: max.connectionsPerAddress,
    maxPendingConnections: max.pendingConnections,
    maxMessageBytes: max.messageBytes,
    maxTotalAssemblyBytes: max.totalAssemblyBytes,
    maxMessagesPerSecond: max.messagesPerSecond,
    callTimeoutMs: call.timeoutMs,
  };
}

/** Those of the RTMFP service. */
export function rtmfpSettings({ rtmfp, rtmp, max }: Config): RtmfpSettings {
  return {
    maxConnections: max.connections,
    maxPendingConnections: max.pendingConnections,
    openingTimeoutMs: rtmp.timeoutMs,
    maxMessageBytes: max.messageBytes,
    maxTotalAssemblyBytes: max.totalAssemblyBytes,
    redirect: rtmfp.redirect === undefined ? undefined : readRedirect(rtmfp.redirect),
  };
}

/** Those of the FLV service. */
export function flvSettings({ play, http }: Config): FlvSettings {
  const maxUnanswered = Math.ceil(http.maxConnections / 2);
  return { playerStallMs: play.stallMs, maxUnanswered };
}

/** Those of the service of files. */
export function fileSettings({ http }: Config): FileSettings {
  return { maxUnanswered: Math.ceil(http.maxConnections / 2) };
}

/** Those of the HLS service. */
export function hlsSettings({ hls, http, reconnect }: Config): HlsSettings {
  return {
    ...hls,
    // One that waits has a connection, with a few more requests behind it at the most.
    maxWaiting: 2 * http.maxConnections,
    maxUnanswered: Math.ceil(http.maxConnections / 2),
    maxUnused: http.maxConnections,
    reconnectWindowMs: reconnect.windowMs,
  };
}

/** Those of the recorder. */
export function recordSettings({ record }: Config): RecordSettings {
  return record;
}

/** Those of the relays. */
export function relaySettings({ relay, rtmp, play, max }: Config): RelaySettings {
  return {
    ...relay,
    // What is none was refused when the settings were read.
    push: relay.push.map(readPushRule).filter((rule) => typeof rule !== "string"),
    pull: relay.pull.map(readPullRule).filter((rule) => typeof rule !== "string"),
    origins: originsOf(relay.origin),
    stallMs: play.stallMs,
    chunkSize: rtmp.chunkSize,
    maxMessageBytes: max.messageBytes,
  };
}

/** Those of a node of a cluster. */
export function clusterSettings({ cluster, publish }: Config): ClusterSettings {
  return {
    leaseMs: cluster.leaseMs,
    publishPolicy: publish.policy,
    probeMs: publish.probeMs,
  };
}

/** Those of what is shown in place of publishers. */
export function fallbackSettings({ relay, reconnect }: Config): FallbackSettings {
  return {
    rules: relay.fallback.map(readFallbackRule).filter((rule) => typeof rule !== "string"),
    windowMs: reconnect.windowMs,
    idleMs: relay.idleMs,
  };
}

/** Memory for media where nothing says how much there is, bytes. */
const MEDIA_BYTES = 1024 ** 3;

/** The part of the memory for media that is handed out: the rest is what an allocator holds beside. */
const HANDED_OUT = 4 / 5;

/** The share of the memory of a machine that is for media. */
function mediaShare(memory: number | undefined): number {
  return memory === undefined ? MEDIA_BYTES : Math.floor(memory / 2);
}

/** Those of the streams; `machine` is the memory that there is in bytes, where that is known. */
export function registryOptions(config: Config, machine: number | undefined): RegistryOptions {
  const { publish, reconnect, play, gopCache, media, max } = config;
  return {
    memory: new MediaMemory(media.memoryBytes || mediaShare(machine), HANDED_OUT),
    publishPolicy: publish.policy,
    playWaitMs: play.waitMs,
    reconnectWindowMs: reconnect.windowMs,
    maxStreams: max.streams,
    maxWaits: max.connections,
    gop: gopCache,
    player: { bytes: play.queueBytes, ms: play.queueMs, overflows: play.overflows },
  };
}

/** Those of what watches the plugins. */
export function hookLimits(
  { hook }: Config,
  { maxPendingHooks, hookFaultLimit }: Tuning,
): Pick<PluginRunnerOptions, "timeoutMs" | "maxPending" | "faultLimit"> {
  return { timeoutMs: hook.timeoutMs, maxPending: maxPendingHooks, faultLimit: hookFaultLimit };
}

/** Those of the control API. */
export function apiSettings(
  { host, api, http, metrics }: Config,
  { apiBodyBytes }: Tuning,
): Pick<HttpAppOptions, "host" | "apiToken" | "apiTokens" | "body" | "statistics"> {
  return {
    host,
    apiToken: api.token,
    apiTokens: api.tokens.flatMap((text) => readApiToken(text) ?? []),
    body: { bytes: apiBodyBytes, ms: http.timeoutMs },
    statistics: { metrics: metrics.access, stat: metrics.statAccess, streams: metrics.streams },
  };
}

/** Which pages there are, and who may frame them. */
export function pageSettings({ dashboard, player }: Config): PageSettings {
  return {
    dashboard: dashboard.enabled,
    player: player.enabled,
    playerFrames: player.frames.map((site) => site.toLowerCase() === "self" ? "'self'" : site),
  };
}

/** Those of the HTTP server. */
export function httpLimits({ http }: Config): HttpLimits {
  return { headerMs: http.timeoutMs, connections: http.maxConnections };
}
