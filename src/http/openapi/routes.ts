/**
 * `/openapi.json`: what the API can do, for programs.
 *
 * @module
 */
import { Hono } from "hono";
import { json } from "../answer.ts";
import { onlyMethods } from "../error.ts";

/** `GET /` answers with the document of the API at `base`. */
export function openApiRoutes(base: string): Hono {
  const routes = new Hono();
  routes.get("/", async (c) => {
    // Read only once it is asked for: nothing else needs it.
    const { openApiDocument } = await import("./document.ts");
    return json(c, openApiDocument(base));
  });
  routes.all("/", onlyMethods("GET"));
  return routes;
}
