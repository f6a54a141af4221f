/**
 * Statistics for other programs: Prometheus, and readers of nginx's.
 *
 * @module
 */
export { Metrics } from "./metrics.ts";
export { DEFAULT_STATISTICS, statisticsRoutes, type StatisticsSettings } from "./routes.ts";
