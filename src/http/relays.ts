/**
 * `/relays`: where streams are pushed to, and pulled from.
 *
 * @module
 */
import { Hono } from "hono";
import * as v from "valibot";
import { isStreamName } from "../core/rtmp/stream_name.ts";
import { PUSH_WISH_ENTRIES } from "../plugin/mod.ts";
import { json, jsonList } from "./answer.ts";
import { failure, onlyMethods } from "./error.ts";
import { EVERYTHING, filtered, matches, readQuery, RelaysQuery } from "./page.ts";
import { readBody } from "./read_body.ts";
import type { Slices } from "./slices.ts";
import type { ServerView } from "./view.ts";

/** Longest application, in characters. */
const MAX_APP = 512;

/** What is pushed, and where to. */
export const RelayBody = v.strictObject({
  app: v.pipe(v.string(), v.maxLength(MAX_APP)),
  name: v.pipe(v.string(), v.check((name) => isStreamName(name), "must be the name of a stream")),
  ...PUSH_WISH_ENTRIES,
});

/**
 * The routes of relays:
 *
 * - `GET /` lists them: `{ relays, total }`
 * - `POST /` pushes a stream whenever it is live, until it is told otherwise: 201, and what became of it
 * - `DELETE /{id}` ends a target: 204
 */
export function relayRoutes(server: ServerView, slices: Slices): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const query = readQuery(RelaysQuery, c.req.query());
    if (typeof query === "string") return failure(c, "bad-request", query);
    const { app, name, direction, state } = query;
    const list = filtered(
      server.listRelays(EVERYTHING),
      query,
      (relay) =>
        matches(relay.app, app) && matches(relay.name, name) && matches(relay.state, state) &&
        matches(relay.direction, direction),
    );
    return jsonList(c, "relays", list, slices);
  });
  routes.post("/", async (c) => {
    const body = await readBody(c, RelayBody);
    if (body instanceof Response) return body;
    const { app, name, ...wish } = body;
    const started = server.startRelay(app, name, wish);
    if (started === undefined) {
      return failure(c, "busy", "There are as many targets as there may be");
    }
    if (typeof started === "string") return failure(c, "bad-request", started);
    return json(c, started, 201);
  });
  routes.all("/", onlyMethods("GET", "POST"));

  routes.delete("/:id", (c) => {
    if (server.endRelay(c.req.param("id"))) return c.body(null, 204);
    return failure(c, "not-found", "There is no such target");
  });
  routes.all("/:id", onlyMethods("DELETE"));
  return routes;
}
