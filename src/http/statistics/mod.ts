/**
 * Statistics for other programs: Prometheus, and readers of nginx's.
 *
 * @module
 */
export { DEFAULT_STATISTICS, statisticsRoutes, type StatisticsSettings } from "./routes.ts";
