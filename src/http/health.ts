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

/**
 * `GET /` answers everybody, token or not, with no more than a status: 204 while the server takes clients, 503
 * once it drains. It is for those who decide where clients are sent: balancers, container engines.
 */
export function readyRoutes(server: ServerView): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    c.header("Cache-Control", "no-store");
    return c.body(null, server.health().status === "draining" ? 503 : 204);
  });
  routes.all("/", onlyMethods("GET"));
  return routes;
}
