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
  type CallContext,
  type ConnectContext,
  type ConnectVerdict,
  type DecidingHook,
  definePlugin,
  type DisconnectContext,
  type EndReason,
  type HookName,
  type NotifiedHook,
  type PlayContext,
  type Plugin,
  type PluginFactory,
  type Protocol,
  type PublishContext,
  type ReadOnly,
  readOnly,
  type Refusal,
  refuse,
  type Rename,
  rename,
  type RouteEnv,
  type SharedObjectContext,
  type SharedObjectVerdict,
  type StopContext,
  type StreamVerdict,
  type UnpublishContext,
} from "./contract.ts";
export { type FaultKind, type PluginHealth, UNHEALTHY_AFTER } from "./health.ts";
export { fileUrl, loadPlugin, loadPlugins, PluginLoadError, type PluginSource } from "./loader.ts";
export { MAX_PENDING_HOOKS } from "./guard.ts";
export { DEFAULT_HOOK_TIMEOUT_MS, PluginRunner, type PluginRunnerOptions } from "./runner.ts";
export { type Decision, MAX_REASON_LENGTH, NEUTRAL_REASON } from "./verdict.ts";
