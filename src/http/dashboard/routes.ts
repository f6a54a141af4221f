/**
 * `/events`: the server as it changes, for the dashboard and for whoever else watches it.
 *
 * @module
 */
import { Hono } from "hono";
import { failure, onlyMethods } from "../error.ts";
import type { DashboardFeed } from "./feed.ts";

/** `GET /` sends server-sent events for as long as the client stays. */
export function eventRoutes(feed: DashboardFeed): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const headers = {
      "Content-Type": "text/event-stream",
      // Proxies such as nginx hold answers back until they have a buffer full.
      "X-Accel-Buffering": "no",
    };
    // Nobody would ever take the events of an answer without a body.
    if (c.req.raw.method === "HEAD") return c.body(null, 200, headers);
    const events = feed.watch();
    if (events === undefined) return failure(c, "busy", "Too many watch the events already");
    return c.body(events, 200, headers);
  });
  routes.all("/", onlyMethods("GET"));
  return routes;
}
