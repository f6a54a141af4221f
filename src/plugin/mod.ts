/**
 * Plugins: how to write one, how they are loaded and run.
 *
 * @module
 */
export { type CallAnswer } from "./call_answer.ts";
export { ClientCallError, type ClientCallFailure } from "./client_call.ts";
export {
  type AnsweringHook,
  type Awaitable,
  type ConnectVerdict,
  type DecidingHook,
  definePlugin,
  type HookName,
  type NotifiedHook,
  type Plugin,
  type PluginFactory,
  type ReadOnly,
  readOnly,
  type Refusal,
  refuse,
  type Rename,
  rename,
  type RouteEnv,
  type SharedObjectVerdict,
  type StreamVerdict,
} from "./contract.ts";
export type {
  CallContext,
  Client,
  ConnectContext,
  DisconnectContext,
  EndedContext,
  EndReason,
  HttpDetails,
  LiveContext,
  PlayContext,
  PlayEndContext,
  Protocol,
  PublishContext,
  RtmpDetails,
  SharedObjectContext,
  UnpublishContext,
} from "./contexts.ts";
export { FrameFeed, MAX_FEED_BYTES, type PluginFrame } from "./frame_feed.ts";
export { PluginLifecycle, PluginStartError } from "./lifecycle.ts";
export type { PluginServer, SessionInfo, StreamInfo } from "./plugin_server.ts";
export { type FaultKind, type PluginHealth, UNHEALTHY_AFTER } from "./health.ts";
export { fileUrl, loadPlugin, loadPlugins, PluginLoadError, type PluginSource } from "./loader.ts";
export { type HookContext, MAX_PENDING_HOOKS } from "./guard.ts";
export { DEFAULT_HOOK_TIMEOUT_MS, PluginRunner, type PluginRunnerOptions } from "./runner.ts";
export { type Decision, MAX_REASON_LENGTH, NEUTRAL_REASON } from "./verdict.ts";
