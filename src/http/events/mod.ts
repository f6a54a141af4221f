/**
 * Events of what happens.
 *
 * @module
 */
export { EventFeed, type EventFeedOptions } from "./feed.ts";
export { liveEventRoutes } from "./routes.ts";
