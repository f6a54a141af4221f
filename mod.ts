/**
 * Sluice, an RTMP live server for Deno and Bun. Run this file, or import it to embed a server:
 *
 * ```ts
 * import { createServer, definePlugin, refuse } from "./mod.ts";
 *
 * const server = createServer({
 *   rtmp: { port: 1935 },
 *   plugins: [definePlugin({
 *     name: "one_name_only",
 *     onPublish: ({ name }) => name === "demo" ? undefined : refuse("only demo may be published"),
 *   })],
 * });
 * await server.start();
 * ```
 *
 * @module
 */
import type { Tuning } from "./src/config/mod.ts";
import { Server, type ServerConfig } from "./src/server.ts";
import { loadRuntime } from "./src/transport/runtime.ts";

export {
  type ApiConfig,
  type AppConfig,
  type CallConfig,
  type ClusterConfig,
  type Config,
  ConfigError,
  type DashboardConfig,
  type GopCacheConfig,
  type HlsConfig,
  type HookConfig,
  type HttpConfig,
  type LogConfig,
  type MaxConfig,
  type MediaConfig,
  type MetricsConfig,
  type Mistake,
  type PlayConfig,
  type PlayerConfig,
  type ProxyConfig,
  type PublishConfig,
  type ReconnectConfig,
  type RecordConfig,
  type RelayConfig,
  type RtmfpConfig,
  type RtmpConfig,
  type RtmpsConfig,
  type Settings,
  type SharedObjectsConfig,
  type ShutdownConfig,
  type TlsConfig,
  type Tuning,
} from "./src/config/mod.ts";
export { UsageError } from "./src/core/errors.ts";
export { PluginStartError } from "./src/plugin/mod.ts";
export {
  type AccessVerdict,
  type Address,
  type Awaitable,
  type CallContext,
  type Capabilities,
  type Client,
  ClientCallError,
  type ClientCallFailure,
  type ConnectContext,
  type ConnectVerdict,
  definePlugin,
  type DisconnectContext,
  type EndedContext,
  type EndReason,
  type FrameFeed,
  type HttpDetails,
  type LiveContext,
  type LoginContext,
  type LoginVerdict,
  MAX_FEED_BYTES,
  type NeedLogin,
  needLogin,
  type PlayContext,
  type PlayEndContext,
  type Plugin,
  type PluginFactory,
  type PluginFrame,
  type PluginServer,
  type Protocol,
  type PublishContext,
  type PublishVerdict,
  push,
  type PushAnswer,
  type PushOptions,
  type PushWish,
  type ReadOnly,
  readOnly,
  record,
  type RecordAnswer,
  type RecordedContext,
  type RecordedFile,
  type RecordedTrack,
  type RecordEnd,
  type RecordFailedContext,
  type RecordFormat,
  type RecordOptions,
  type RecordStartContext,
  type RecordWish,
  type Refusal,
  refuse,
  type RelayInfo,
  type Rename,
  rename,
  type RevokeReason,
  type RouteEnv,
  type RtmpDetails,
  type SessionInfo,
  type SharedObjectContext,
  type SharedObjectVerdict,
  type StreamEnd,
  type StreamInfo,
  type StreamKey,
  type StreamVerdict,
  type UnpublishContext,
} from "./src/plugin/api.ts";
export { ListenError } from "./src/ports.ts";
export type { ReloadView } from "./src/http/mod.ts";
export type { Server, ServerAddresses, ServerConfig } from "./src/server.ts";
export type { ClientAnswer } from "./src/service/rtmp/mod.ts";
export { VERSION } from "./src/version.ts";

/**
 * Makes a server; `start()` listens, `stop()` ends it. `tuning` turns bounds that no operator does.
 *
 * @throws {ConfigError} naming every mistake in the configuration
 */
export function createServer(
  config: ServerConfig = {},
  { tuning }: { readonly tuning?: Partial<Tuning> } = {},
): Server {
  return new Server(config, { loadRuntime, tuning });
}

if (import.meta.main) {
  // Not awaited: a plugin may import this module, which must be complete by then.
  import("./src/program/main.ts").then(({ main }) => main());
}
