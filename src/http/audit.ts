/**
 * Tells of what was changed by the API, and by whom.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { RouteEnv } from "../plugin/mod.ts";
import { callerOf } from "./auth.ts";

/** Something that somebody changed, or tried to. */
export interface ApiChange {
  /** The name of the token; `local` where there are none. */
  readonly caller: string;
  readonly address: string;
  readonly method: string;
  /** What was changed; the pattern of the route where nothing was, as what was asked for may be a key. */
  readonly path: string;
  readonly status: number;
}

/** Is told of a change. Must not throw. */
export type ChangeListener = (change: ApiChange) => void;

/** Tells `listener` of every request but those that only ask. No body is told: it may hold secrets. */
export function audited(listener: ChangeListener): MiddlewareHandler<RouteEnv> {
  return async (c, next) => {
    await next();
    const { method } = c.req;
    if (method === "GET" || method === "HEAD") return;
    const { status } = c.res;
    const { pathname, searchParams } = new URL(c.req.url);
    const file = searchParams.get("file");
    const pattern = matchedRoutes(c).map(({ path }) => path).findLast((path) =>
      !path.endsWith("*")
    );
    const remote = c.env?.remote;
    listener({
      caller: callerOf(c).name,
      address: remote === undefined ? "" : remote.hostname,
      method,
      path: status < 400 ? pathname + (file === null ? "" : `?file=${file}`) : pattern ?? "unknown",
      status,
    });
  };
}
