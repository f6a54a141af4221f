/**
 * Configuration of Sluice: for the program and for programs that embed the server.
 *
 * @module
 */
export { defaults } from "./assemble.ts";
export type { Config, Settings } from "./config.ts";
export type {
  ApiConfig,
  CallConfig,
  DashboardConfig,
  HookConfig,
  HttpConfig,
  LogConfig,
  MaxConfig,
  MetricsConfig,
  PlayerConfig,
  ProxyConfig,
  RelayConfig,
  RtmfpConfig,
  RtmpConfig,
  RtmpsConfig,
  ShutdownConfig,
  TlsConfig,
} from "./server_sections.ts";
export type {
  AppConfig,
  ClusterConfig,
  GopCacheConfig,
  HlsConfig,
  MediaConfig,
  PlayConfig,
  PublishConfig,
  ReconnectConfig,
  RecordConfig,
  SharedObjectsConfig,
} from "./stream_sections.ts";
export { ConfigError, formatMistake, mismatch, type Mistake } from "./errors.ts";
export { ExitCode, exitCodeMeanings, exitCodeOfListen } from "./exit_codes.ts";
export { type Given, loadConfig, type Loaded, type LoadInput, parseConfig } from "./load.ts";
export { guardedEnv, type MayRead, permittedEnv } from "./permitted_env.ts";
export { completeTuning, type Tuning } from "./tuning.ts";
