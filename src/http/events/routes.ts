/**
 * `/api/v1/events`: what happens, as it happens.
 *
 * @module
 */
import { Hono } from "hono";
import { failure, onlyMethods } from "../error.ts";
import { EventFeed } from "./feed.ts";

/** `?types=`: words and dots with commas between them. */
const TYPES = /^[a-z.]{1,32}(?:,[a-z.]{1,32}){0,31}$/;

/**
 * `GET /` sends server-sent events for as long as the client reads. `Last-Event-ID`, or `?after=` for those that
 * cannot send it, goes on behind an event; `?types=` is for some of them.
 */
export function liveEventRoutes(feed: EventFeed): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const types = c.req.query("types");
    if (types !== undefined && !TYPES.test(types)) {
      return failure(c, "bad-request", "types must be names of events with commas between them");
    }
    const after = c.req.header("Last-Event-ID") ?? c.req.query("after");
    if (after !== undefined && !EventFeed.isId(after)) {
      return failure(c, "bad-request", "This is not the id of an event");
    }
    // Proxies such as nginx hold answers back until they have a buffer full.
    const headers = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };
    // Nobody would ever take the events of an answer without a body.
    if (c.req.raw.method === "HEAD") return c.body(null, 200, headers);
    const events = feed.read(types === undefined ? undefined : new Set(types.split(",")), after);
    if (events === undefined) return failure(c, "busy", "Too many read the events already");
    return c.body(events, 200, headers);
  });
  routes.all("/", onlyMethods("GET"));
  return routes;
}
