/**
 * `/streams`: what is live.
 *
 * @module
 */
import { withoutContainer } from "../core/rtmp/stream_name.ts";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { json, jsonList } from "./answer.ts";
import { readBody } from "./read_body.ts";
import { failure, onlyMethods } from "./error.ts";
import { EVERYTHING, filtered, matches, readQuery, StreamsQuery } from "./page.ts";
import type { Slices } from "./slices.ts";
import type { ServerView, StreamView } from "./view.ts";

/** What players are sent: the name of a handler, and its arguments. */
export const DataBody = v.strictObject({
  handler: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z_|][\w.|-]{0,62}$/, "handler must be 1 to 63 letters, digits and _ . | -"),
  ),
  values: v.optional(v.array(v.unknown()), []),
  store: v.optional(v.boolean(), false),
});

/**
 * The routes of streams:
 *
 * - `GET /` lists them: `{ streams, total }`, with `?app=`, `?name=` and `?published=` some of them, with
 *   `?scope=cluster` those of all nodes
 * - `GET /{app}/{name}` shows one; the application may contain slashes
 * - `DELETE /{app}/{name}` ends its publisher, and with it the stream: 204
 * - `POST /{app}/{name}/data` sends its players a data message: 204
 *
 * The name is what follows the last slash, and all there is for a stream without an application
 * (`/cam`, `/cam/`). What names a container (`.flv`) is no part of it.
 */
export function streamRoutes(server: ServerView, slices: Slices): Hono {
  const routes = new Hono();
  routes.get("/", (c) => {
    const query = readQuery(StreamsQuery, c.req.query());
    if (typeof query === "string") return failure(c, "bad-request", query);
    const { app, name, published, scope } = query;
    if (scope === "cluster") return listCluster(c, query, server, slices);
    if (app === undefined && name === undefined && published === undefined) {
      return jsonList(c, "streams", server.listStreams(query), slices);
    }
    const list = filtered(server.listStreams(EVERYTHING), query, wantedBy(query));
    return jsonList(c, "streams", list, slices);
  });
  routes.all("/", onlyMethods("GET"));

  routes.get("/:path{.+}", (c) => {
    const stream = server.getStream(...splitPath(c.req.param("path")));
    return stream === undefined ? notFound(c) : json(c, stream);
  });
  routes.delete("/:path{.+}", (c) => {
    return server.endStream(...splitPath(c.req.param("path"))) ? c.body(null, 204) : notFound(c);
  });
  routes.post("/:path{.+}", async (c, next) => {
    const path = /^(.+)\/data$/.exec(c.req.param("path"))?.[1];
    if (path === undefined) return await next();
    const message = await readBody(c, DataBody);
    if (message instanceof Response) return message;
    const { handler, values, store } = message;
    const sent = server.sendData(...splitPath(path), handler, values, store);
    if (typeof sent === "string") return failure(c, "bad-request", sent);
    return sent ? c.body(null, 204) : notFound(c);
  });
  routes.all("/:path{.+}", onlyMethods("GET", "DELETE"));
  return routes;
}

type Query = v.InferOutput<typeof StreamsQuery>;

/** What the filters of a query want. */
function wantedBy({ app, name, published }: Query): (stream: StreamView) => boolean {
  return (stream) =>
    matches(stream.app, app) && matches(stream.name, name) &&
    (published === undefined || (published === "true") === (stream.publisher !== null));
}

/** Lists the streams of all nodes. */
async function listCluster(
  c: Context,
  query: Query,
  server: ServerView,
  slices: Slices,
): Promise<Response> {
  const all = await server.clusterStreams?.();
  if (all === undefined) {
    return failure(c, "bad-request", "This server is no node of a cluster: see cluster.url");
  }
  const list = { items: all, total: all.length };
  return jsonList(c, "streams", filtered(list, query, wantedBy(query)), slices);
}

/** The stream that a path of the API names. */
export function splitPath(path: string): [app: string, name: string] {
  const slash = path.lastIndexOf("/");
  const app = path.slice(0, Math.max(slash, 0));
  const name = withoutContainer(path.slice(slash + 1));
  // `cam/` is the URL of a stream without an application, as some clients have it.
  return name === "" && !app.includes("/") ? ["", withoutContainer(app)] : [app, name];
}

function notFound(c: Context): Response {
  return failure(c, "not-found", "There is no such stream");
}
