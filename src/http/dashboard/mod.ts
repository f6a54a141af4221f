/**
 * What the dashboard shows: samples, problems, and the events that carry them.
 *
 * @module
 */
export { DashboardFeed, type FeedOptions } from "./feed.ts";
export { eventRoutes } from "./routes.ts";
