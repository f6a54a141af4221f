/**
 * Slates and backup streams, in place of publishers that are away.
 *
 * @module
 */
export { type FallbackRule, readFallbackRule } from "./rule.ts";
export { FallbackService, type FallbackSettings } from "./service.ts";
