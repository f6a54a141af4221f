/**
 * Configuration of Sluice: for the program and for programs that embed the server.
 *
 * @module
 */
export { defaults } from "./assemble.ts";
export type {
  ApiConfig,
  AppConfig,
  CallConfig,
  Config,
  GopCacheConfig,
  HookConfig,
  HttpConfig,
  LogConfig,
  MaxConfig,
  MediaConfig,
  PlayConfig,
  PublishConfig,
  ReconnectConfig,
  RtmpConfig,
  Settings,
  SharedObjectsConfig,
  ShutdownConfig,
} from "./config.ts";
export { ConfigError, formatMistake, mismatch, type Mistake } from "./errors.ts";
export { ExitCode, exitCodeMeanings, exitCodeOfListen } from "./exit_codes.ts";
export { type Given, loadConfig, type Loaded, type LoadInput, parseConfig } from "./load.ts";
export { guardedEnv, type MayRead, permittedEnv } from "./permitted_env.ts";
export { completeTuning, type Tuning } from "./tuning.ts";
