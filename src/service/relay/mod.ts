/**
 * Relays: streams that are pushed to other servers, and pulled from them.
 *
 * @module
 */
export type { RelayDescription, RelaySource, RelayState } from "./description.ts";
export type { NodeFinder, NodeSource } from "./node_source.ts";
export { originPlugins } from "./origin_gate.ts";
export { isOrigin, originsOf, type PullRule, readPullRule } from "./pull_rule.ts";
export { type PushRule, readPushRule } from "./push_rule.ts";
export { RelayService, type RelaySettings } from "./service.ts";
