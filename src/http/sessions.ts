/**
 * `/sessions`: who is connected.
 *
 * @module
 */
import { Hono } from "hono";
import { failure, onlyMethods } from "./error.ts";
import { pageOf, readPage } from "./page.ts";
import type { ServerView } from "./view.ts";

/**
 * The routes of sessions:
 *
 * - `GET /` lists them: `{ sessions, total }`
 * - `DELETE /{id}` closes one: 204
 */
export function sessionRoutes(server: ServerView): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const page = readPage(c.req.query());
    if (typeof page === "string") return failure(c, "bad-request", page);
    const sessions = server.listSessions();
    return c.json({ sessions: pageOf(sessions, page), total: sessions.length });
  });
  routes.all("/", onlyMethods("GET"));

  routes.delete("/:id", (c) => {
    if (server.endSession(c.req.param("id"))) return c.body(null, 204);
    return failure(c, "not-found", "There is no such session");
  });
  routes.all("/:id", onlyMethods("DELETE"));
  return routes;
}
