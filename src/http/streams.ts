/**
 * `/streams`: what is live.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { failure, onlyMethods } from "./error.ts";
import { pageOf, readPage } from "./page.ts";
import type { ServerView } from "./view.ts";

/**
 * The routes of streams:
 *
 * - `GET /` lists them: `{ streams, total }`
 * - `GET /{app}/{name}` shows one; the application may contain slashes
 * - `DELETE /{app}/{name}` ends its publisher, and with it the stream: 204
 *
 * The name is what follows the last slash: empty for a stream that is an application alone
 * (`/live/`), and all there is for a stream without an application (`/cam`).
 */
export function streamRoutes(server: ServerView): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const page = readPage(c.req.query());
    if (typeof page === "string") return failure(c, "bad-request", page);
    const streams = server.listStreams();
    return c.json({ streams: pageOf(streams, page), total: streams.length });
  });
  routes.all("/", onlyMethods("GET"));

  routes.get("/:path{.+}", (c) => {
    const stream = server.getStream(...split(c.req.param("path")));
    return stream === undefined ? notFound(c) : c.json(stream);
  });
  routes.delete("/:path{.+}", (c) => {
    return server.endStream(...split(c.req.param("path"))) ? c.body(null, 204) : notFound(c);
  });
  routes.all("/:path{.+}", onlyMethods("GET", "DELETE"));
  return routes;
}

function split(path: string): [app: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
}

function notFound(c: Context): Response {
  return failure(c, "not-found", "There is no such stream");
}
