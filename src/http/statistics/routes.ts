/**
 * `/metrics` and `/stat`: what other programs measure the server by.
 *
 * @module
 */
import { Hono, type MiddlewareHandler } from "hono";
import type { RouteEnv } from "../../plugin/mod.ts";
import { textAnswer } from "../answer.ts";
import type { Slices } from "../slices.ts";
import type { ServerView } from "../view.ts";
import { EXPOSITION_TYPE } from "./exposition.ts";
import type { Metrics } from "./metrics.ts";
import { nginxStat } from "./nginx_stat.ts";

/** Who may read, and how much there is. */
export interface StatisticsSettings {
  /** Who may read `/metrics`: whoever may ask the API, or whoever reaches the port. */
  readonly metrics: "api" | "open";
  /** The same of `/stat`. */
  readonly stat: "api" | "open";
  /** Streams that have labels of their own. */
  readonly streams: number;
}

/** What is so where nobody says. */
export const DEFAULT_STATISTICS: StatisticsSettings = { metrics: "api", stat: "api", streams: 100 };

/** `GET /metrics` and `GET /stat`, behind `guards` unless they are open. All other methods are the API's. */
export function statisticsRoutes(
  server: ServerView,
  slices: Slices,
  metrics: Metrics,
  settings: StatisticsSettings,
  guards: readonly MiddlewareHandler<RouteEnv>[],
  wall: () => number,
): Hono<RouteEnv> {
  const routes = new Hono<RouteEnv>();
  const guardsOf = (access: "api" | "open") => access === "open" ? [] : guards;
  const fresh: MiddlewareHandler<RouteEnv> = async (c, next) => {
    c.header("Cache-Control", "no-store");
    await next();
  };
  routes.get("/metrics", fresh, ...guardsOf(settings.metrics), async (c) => {
    return textAnswer(c, EXPOSITION_TYPE, await metrics.text(), slices);
  });
  routes.get("/stat", fresh, ...guardsOf(settings.stat), async (c) => {
    return textAnswer(
      c,
      "text/xml; charset=utf-8",
      await nginxStat(server, slices, wall()),
      slices,
    );
  });
  return routes;
}
