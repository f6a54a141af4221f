/**
 * What a plugin is written with: its hooks, what they are told and may answer, and the server that it is
 * started with.
 *
 * ```ts
 * import { definePlugin, refuse } from "./src/plugin/api.ts";
 *
 * export default definePlugin({
 *   name: "only_demo",
 *   onPublish: ({ name }) => name === "demo" ? undefined : refuse("Only demo may be published"),
 * });
 * ```
 *
 * @module
 */
export { addressGroup } from "../core/ip_address.ts";
export { AddressSet, isAddressRange } from "./address_set.ts";
export { boundedText } from "./bounded_body.ts";
export { coversPath, pathsOf } from "./path_pattern.ts";
export { ClientCallError, type ClientCallFailure } from "./client_call.ts";
export type {
  CallContext,
  Client,
  ConnectContext,
  DisconnectContext,
  EndedContext,
  EndReason,
  HttpDetails,
  LiveContext,
  LoginContext,
  PlayContext,
  PlayEndContext,
  Protocol,
  PublishContext,
  RecordedContext,
  RecordedTrack,
  RecordEnd,
  RecordFailedContext,
  RecordStartContext,
  RtmpDetails,
  SharedObjectContext,
  UnpublishContext,
} from "./contexts.ts";
export {
  type AccessVerdict,
  type Awaitable,
  type ConnectVerdict,
  definePlugin,
  type LoginVerdict,
  type NeedLogin,
  needLogin,
  type Plugin,
  type PluginFactory,
  type PublishVerdict,
  push,
  type PushAnswer,
  type ReadOnly,
  readOnly,
  record,
  type RecordAnswer,
  type Refusal,
  refuse,
  type Rename,
  rename,
  type RouteEnv,
  type SharedObjectVerdict,
  type StreamVerdict,
} from "./contract.ts";
export { type FrameFeed, MAX_FEED_BYTES, type PluginFrame } from "./frame_feed.ts";
export type {
  PluginServer,
  RecordedFile,
  RelayInfo,
  SessionInfo,
  StreamInfo,
} from "./plugin_server.ts";
export { checkOptions, type OptionsSchema, type PluginEnv, readOptions } from "./options.ts";
export { type MeasuredPublish, PublisherRates } from "./publisher_rates.ts";
export { SessionDeadlines } from "./session_deadlines.ts";
export type { PushOptions, PushWish } from "./push_options.ts";
export {
  type PluginFault,
  PluginTester,
  testPlugin,
  type TestPluginOptions,
} from "./testing/mod.ts";
export { TestClient, type TestClientOptions, type TestVerdict } from "./testing/client.ts";
export { type PluginAct, Scene, type TestFrame } from "./testing/scene.ts";
export type { Capabilities } from "../core/rtmp/session/mod.ts";
export type { RevokeReason, StreamEnd, StreamKey } from "../hub/mod.ts";
export type { Address } from "../ports.ts";
export type { RecordFormat, RecordOptions, RecordWish } from "../recordings/record_wish.ts";
