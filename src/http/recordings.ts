/**
 * `/recordings`: what is recorded, and what was.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { RecordOptionsShape } from "../plugin/mod.ts";
import { json, jsonList } from "./answer.ts";
import { failure, onlyMethods } from "./error.ts";
import { readPage } from "./page.ts";
import { readBody } from "./read_body.ts";
import type { Slices } from "./slices.ts";
import { splitPath } from "./streams.ts";
import type { ServerView } from "./view.ts";

/** Longest path of a file, in characters: what the folder of media takes. */
const MAX_FILE = 2048;

/**
 * The routes of recordings:
 *
 * - `GET /` lists all: `{ recordings, total }`, those under way first, then files, newest first
 * - `GET /{app}/{name}` lists those of one stream
 * - `POST /{app}/{name}` records a live stream from now on: 201, and how; 409 when it is recorded already
 * - `DELETE /{app}/{name}` ends the recordings of a stream: 204
 * - `DELETE /?file=` removes a finished file: 204
 */
export function recordingRoutes(server: ServerView, slices: Slices): Hono {
  const routes = new Hono();
  const list = async (c: Context, stream?: { app: string; name: string }) => {
    const page = readPage(c.req.query());
    if (typeof page === "string") return failure(c, "bad-request", page);
    const found = await server.listRecordings(page, stream);
    return found === undefined ? noFolder(c) : jsonList(c, "recordings", found, slices);
  };
  routes.get("/", (c) => list(c));
  routes.delete("/", async (c) => {
    const file = c.req.query("file");
    if (file === undefined || file === "" || file.length > MAX_FILE) {
      return failure(c, "bad-request", "file must name a recording");
    }
    switch (await server.removeRecording(file)) {
      case undefined:
        return noFolder(c);
      case "under-way":
        return failure(c, "conflict", "The file is being written");
      case false:
        return failure(c, "not-found", "There is no such file");
      default:
        return c.body(null, 204);
    }
  });
  routes.all("/", onlyMethods("GET", "DELETE"));

  routes.get("/:path{.+}", (c) => list(c, streamOf(c)));
  routes.post("/:path{.+}", async (c) => {
    const options = c.req.header("Content-Type") === undefined
      ? {}
      : await readBody(c, RecordOptionsShape);
    if (options instanceof Response) return options;
    const { app, name } = streamOf(c);
    switch (server.startRecording(app, name, options)) {
      case "no-folder":
        return noFolder(c);
      case "recorded":
        return failure(c, "conflict", "The stream is recorded already");
      case false:
        return failure(c, "not-found", "There is no such stream");
      default:
        return json(c, { app, name }, 201);
    }
  });
  routes.delete("/:path{.+}", (c) => {
    const { app, name } = streamOf(c);
    if (server.stopRecording(app, name)) return c.body(null, 204);
    return failure(c, "not-found", "The stream is not recorded");
  });
  routes.all("/:path{.+}", onlyMethods("GET", "POST", "DELETE"));
  return routes;
}

function streamOf(c: Context): { app: string; name: string } {
  const [app, name] = splitPath(c.req.param("path")!);
  return { app, name };
}

function noFolder(c: Context): Response {
  return failure(c, "conflict", "There is no folder of recordings: set record.folder");
}
