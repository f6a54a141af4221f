/**
 * Plugins: what they are written with, how they are loaded and run.
 *
 * @module
 */
export * from "./api.ts";
export { TappedFeed } from "./frame_feed.ts";
export { type CallAnswer } from "./call_answer.ts";
export type { AnsweringHook, DecidingHook, HookName, NotifiedHook } from "./contract.ts";
export type { LoginAnswer } from "./login.ts";
export { PluginLifecycle, PluginStartError } from "./lifecycle.ts";
export { type FaultKind, type PluginHealth, UNHEALTHY_AFTER } from "./health.ts";
export { optionsVariable } from "./options.ts";
export { fileUrl, loadPlugin, loadPlugins, PluginLoadError, type PluginSource } from "./loader.ts";
export { type HookContext, MAX_PENDING_HOOKS } from "./guard.ts";
export {
  fillUrl,
  isFourCc,
  MAX_CODECS,
  PUSH_WISH_ENTRIES,
  readPushWishes,
  urlMistake,
} from "./push_options.ts";
export { RecordOptionsShape } from "./record_options.ts";
export {
  Activity,
  type ActivityListener,
  type Happenings,
  type HappeningType,
} from "./activity.ts";
export { DEFAULT_HOOK_TIMEOUT_MS, PluginRunner, type PluginRunnerOptions } from "./runner.ts";
export { cleanReason, type Decision, MAX_REASON_LENGTH, NEUTRAL_REASON } from "./verdict.ts";
