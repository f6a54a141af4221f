/**
 * `/reload`: reads the configuration and the plugins again.
 *
 * @module
 */
import { Hono } from "hono";
import { json } from "./answer.ts";
import { failure, onlyMethods } from "./error.ts";

/** What has changed when a configuration was read again. */
export interface ReloadView {
  /** Settings that count from now on. */
  readonly changed: readonly string[];
  /** Settings that count once the server is started again. */
  readonly needsRestart: readonly string[];
  /** Plugins by their names. */
  readonly plugins: {
    readonly added: readonly string[];
    readonly reloaded: readonly string[];
    readonly removed: readonly string[];
  };
}

/** Reads the configuration again. @returns what has changed, or in words why nothing has */
export type Reload = () => Promise<ReloadView | string>;

/** `POST /` reloads: 200, or 409 with what is wrong, and everything stays as it was. */
export function reloadRoutes(reload: Reload | undefined): Hono {
  const routes = new Hono();
  routes.post("/", async (c) => {
    const result = await reload?.() ??
      "The program that this server is part of reads no configuration";
    return typeof result === "string" ? failure(c, "conflict", result) : json(c, result);
  });
  routes.all("/", onlyMethods("POST"));
  return routes;
}
