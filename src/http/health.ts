/**
 * `/health`: how the server is.
 *
 * @module
 */
import { Hono } from "hono";
import { json } from "./answer.ts";
import { onlyMethods } from "./error.ts";
import type { ServerView } from "./view.ts";

/**
 * `GET /` shows the health. The status is 503 while the server drains, so that a load balancer
 * sends nobody here any more, and 200 else.
 */
export function healthRoutes(server: ServerView): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const health = server.health();
    return json(c, health, health.status === "draining" ? 503 : 200);
  });
  routes.all("/", onlyMethods("GET"));
  return routes;
}
