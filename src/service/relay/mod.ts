/**
 * Relays: streams that are pushed to other servers.
 *
 * @module
 */
export type { RelayDescription, RelaySource, RelayState } from "./description.ts";
export { type PushRule, readPushRule } from "./push_rule.ts";
export { RelayService, type RelaySettings } from "./service.ts";
