/**
 * `/sessions`: who is connected.
 *
 * @module
 */
import { Hono } from "hono";
import * as v from "valibot";
import { isReconnectUrl } from "../core/rtmp/session/mod.ts";
import { json, jsonList } from "./answer.ts";
import { readBody } from "./read_body.ts";
import { failure, onlyMethods } from "./error.ts";
import { EVERYTHING, filtered, matches, readQuery, SessionsQuery } from "./page.ts";
import type { Slices } from "./slices.ts";
import type { ServerView } from "./view.ts";

/** What a client is asked. */
export const CallBody = v.strictObject({
  method: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  args: v.optional(v.array(v.unknown()), []),
  answer: v.optional(v.boolean(), true),
});

/** Where a client is sent. */
export const ReconnectBody = v.strictObject({
  url: v.optional(v.pipe(v.string(), v.check(isReconnectUrl, "is no URL to reconnect to"))),
});

/**
 * The routes of sessions:
 *
 * - `GET /` lists them: `{ sessions, total }`, with `?app=`, `?protocol=`, `?state=` and `?address=` some of them
 * - `DELETE /{id}` closes one: 204
 * - `POST /{id}/call` calls a method of the client: 200 `{ kind, value }` with its answer, 204 when
 *   none is wanted
 * - `POST /{id}/reconnect` asks a client to connect again, to `url` if there is one: 204
 * - `POST /reconnect` asks all clients that follow such a request: `{ asked }`
 */
export function sessionRoutes(server: ServerView, slices: Slices): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const query = readQuery(SessionsQuery, c.req.query());
    if (typeof query === "string") return failure(c, "bad-request", query);
    const { app, protocol, state, address } = query;
    if ([app, protocol, state, address].every((filter) => filter === undefined)) {
      return jsonList(c, "sessions", server.listSessions(query), slices);
    }
    const list = filtered(
      server.listSessions(EVERYTHING),
      query,
      (session) =>
        matches(session.app, app) && matches(session.protocol, protocol) &&
        matches(session.state, state) && matches(session.address, address),
    );
    return jsonList(c, "sessions", list, slices);
  });
  routes.all("/", onlyMethods("GET"));

  // Ids of sessions are made of hex digits: none is called like this.
  routes.post("/reconnect", async (c) => {
    const body = await readBody(c, ReconnectBody);
    if (body instanceof Response) return body;
    let asked = 0;
    await slices.each(server.reconnectAll(body.url), (follows) => {
      if (follows) asked++;
    });
    return json(c, { asked });
  });
  routes.all("/reconnect", onlyMethods("POST"));

  routes.delete("/:id", (c) => {
    if (server.endSession(c.req.param("id"))) return c.body(null, 204);
    return failure(c, "not-found", "There is no such session");
  });
  routes.all("/:id", onlyMethods("DELETE"));

  routes.post("/:id/call", async (c) => {
    const call = await readBody(c, CallBody);
    if (call instanceof Response) return call;
    const called = server.callClient(c.req.param("id"), call.method, call.args, call.answer);
    if (typeof called === "string") return failure(c, "bad-request", called);
    const answer = await called;
    switch (answer.kind) {
      case "sent":
        return c.body(null, 204);
      case "gone":
        return failure(c, "not-found", "There is no such session, or it is not connected");
      case "busy":
        return failure(c, "busy", "Too many calls of this session wait for an answer");
      case "timeout":
        return failure(c, "no-answer", "The client did not answer in time");
      default:
        return json(c, answer);
    }
  });
  routes.all("/:id/call", onlyMethods("POST"));

  routes.post("/:id/reconnect", async (c) => {
    const body = await readBody(c, ReconnectBody);
    if (body instanceof Response) return body;
    const asked = server.reconnect(c.req.param("id"), body.url);
    if (asked === true) return c.body(null, 204);
    if (asked === false) return failure(c, "not-found", "There is no such session");
    return failure(c, "conflict", "The client did not announce that it reconnects when asked");
  });
  routes.all("/:id/reconnect", onlyMethods("POST"));
  return routes;
}
